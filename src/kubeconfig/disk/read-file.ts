/** A kubeconfig on disk, and the links that lead to it. */
import type { Stats } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { kubeconfigProblem } from "../read/problem.ts";
import { kubeconfigTooLarge, largestKubeconfig } from "../read/yaml.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { isFolder, readFailure, type Disk } from "./disk.ts";

export interface KubeconfigFile {
  /** With its byte order mark and line ends. */
  text: string;
  status: Stats;
}

/**
 * @returns undefined when there is none
 * @throws EksX509Error KUBECONFIG_IS_FOLDER, KUBECONFIG_NO_FILE, KUBECONFIG_TOO_LARGE, KUBECONFIG_NOT_UTF8,
 * KUBECONFIG_FORBIDDEN, KUBECONFIG_UNREADABLE
 */
export function readKubeconfig(path: string, disk: Disk): KubeconfigFile | undefined {
  try {
    // A pipe would be waited for: what it is comes first.
    const status = disk.statSync(path);
    refuseOthers(path, status);
    return { text: decoded(path, disk.readFileSync(path)), status };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw readFailure(path, error);
  }
}

function refuseOthers(path: string, status: Stats): void {
  if (status.isDirectory()) throw isFolder(path);
  if (!status.isFile())
    throw kubeconfigProblem(
      "KUBECONFIG_NO_FILE",
      `${path} is a pipe, a socket or a device, not a file`,
      "Give a file that can be read and replaced.",
    );
  if (status.size > largestKubeconfig) throw kubeconfigTooLarge(path);
}

function decoded(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw kubeconfigProblem(
      "KUBECONFIG_NOT_UTF8",
      `${path} is not UTF-8`,
      "Save it as UTF-8; Windows PowerShell's > writes UTF-16. It was not changed.",
      error,
    );
  }
}

/** Linux gives up there. */
const mostLinks = 40;

/**
 * Through links to the file that is replaced, so that the links stay. None of them need exist.
 * @returns the path, the links after it, and, last, the file
 * @throws EksX509Error KUBECONFIG_LINK_LOOP, KUBECONFIG_FORBIDDEN, KUBECONFIG_UNREADABLE
 */
export function pathsTo(path: string, disk: Disk): readonly [...links: string[], target: string] {
  const links: string[] = [];
  let target = path;
  while (links.length < mostLinks) {
    const next = linkAt(target, disk);
    if (next === undefined) return [...links, target];
    links.push(target);
    // Not path.join(): `..` behind a folder that is a link leads elsewhere.
    target = isAbsolute(next) ? next : `${dirname(target)}/${next}`;
  }
  throw kubeconfigProblem(
    "KUBECONFIG_LINK_LOOP",
    `${path} is a symbolic link that leads in a circle`,
    "Remove it, or let it lead to a file.",
  );
}

function linkAt(path: string, disk: Disk): string | undefined {
  try {
    return disk.readlinkSync(path);
  } catch (error) {
    // Windows says UNKNOWN of what is no link.
    if (["EINVAL", "ENOENT", "ENOTDIR", "UNKNOWN"].includes(systemCode(error))) return undefined;
    throw readFailure(path, error);
  }
}
