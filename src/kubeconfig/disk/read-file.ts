/** A kubeconfig on disk, and the links that lead to it. */
import type { Stats } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { EksX509Error } from "../../foundation/errors.ts";
import { isForeignLink } from "../../foundation/files/links.ts";
import { isObject } from "../../foundation/json.ts";
import type { Environment } from "../../foundation/ports.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { homeUnknown, kubeconfigPaths, listEmpty } from "../read/kubeconfig.ts";
import { kubeconfigProblem } from "../read/problem.ts";
import { decodedText, kubeconfigTooLarge, largestKubeconfig, readYaml } from "../read/yaml.ts";
import { type Disk, isFolder, readFailure } from "./disk.ts";

export interface KubeconfigFile {
  /** With its byte order mark and line ends. */
  text: string;
  status: Stats;
}

/** @returns undefined if the file does not exist */
export function readKubeconfig(path: string, disk: Disk): KubeconfigFile | undefined {
  try {
    const { status, bytes } = disk.readOpened(pathsTo(path, disk).at(-1) ?? path, largestKubeconfig);
    refuseOthers(path, status);
    if (bytes.length > largestKubeconfig) throw kubeconfigTooLarge(path);
    // Only UTF-8, because the changed text is written as UTF-8.
    return { text: decodedText(path, bytes, {}), status };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    if (systemCode(error) === "ENXIO") throw noFile(path);
    throw readFailure(path, error);
  }
}

function refuseOthers(path: string, status: Stats): void {
  if (status.isDirectory()) throw isFolder(path);
  if (!status.isFile()) throw noFile(path);
  if (status.size > largestKubeconfig) throw kubeconfigTooLarge(path);
}

function noFile(path: string): Error {
  return kubeconfigProblem(
    "KUBECONFIG_NO_FILE",
    `${path} is a pipe, a socket or a device, not a file`,
    "Use a file that can be read and replaced.",
  );
}

/** The limit of Linux. */
const mostLinks = 40;

/**
 * Follows links to the file that is replaced, so that the links stay. None of them must exist.
 * @returns the path, the links after it, and at the end the file
 */
export function pathsTo(path: string, disk: Disk): readonly [...links: string[], target: string] {
  const links: string[] = [];
  let target = path;
  while (links.length < mostLinks) {
    const next = linkAt(target, disk);
    for (let part = target; part !== dirname(part); part = dirname(part))
      if (linkAt(part, disk) !== undefined) refuseForeignLink(part, disk);
    if (next === undefined) return [...links, target];
    links.push(target);
    // Not path.join(), because `..` after a linked folder leads to another folder.
    target = isAbsolute(next) ? next : `${dirname(target)}/${next}`;
  }
  throw kubeconfigProblem(
    "KUBECONFIG_LINK_LOOP",
    `${path} is a symbolic link that leads to itself`,
    "Remove it, or point it to a file.",
  );
}

/** With a link that another user can change, a superuser would write to any file. */
function refuseForeignLink(link: string, disk: Disk): void {
  const uid = disk.euid();
  if (uid === undefined || !isForeignLink(disk.lstatSync(dirname(link)), disk.lstatSync(link), uid)) return;
  throw kubeconfigProblem(
    "KUBECONFIG_FOREIGN_LINK",
    `${link} is a symbolic link that belongs to another user`,
    "Name the target of the link with --kubeconfig, or run the command as that user. Nothing was changed.",
  );
}

function linkAt(path: string, disk: Disk): string | undefined {
  try {
    return disk.readlinkSync(path);
  } catch (error) {
    // Windows returns UNKNOWN for a file that is not a link.
    if (["EINVAL", "ENOENT", "ENOTDIR", "UNKNOWN"].includes(systemCode(error))) return undefined;
    throw readFailure(path, error);
  }
}

/**
 * --kubeconfig; else the first file of KUBECONFIG that contains the cluster, else its first file; else ~/.kube/config. None
 * of them must exist. A file that cannot be read does not contain the cluster.
 *
 * @param home the user's home folder; undefined if unknown
 * @param holdsCluster whether the file at a path contains the cluster; its EksX509Error means no
 */
export function kubeconfigToWrite(
  flag: string | undefined,
  env: Environment,
  where: { home: string | undefined; platform: NodeJS.Platform },
  holdsCluster: (path: string) => boolean,
): string {
  const { paths } = kubeconfigPaths(flag && expanded(flag, where.home), env, where);
  const unexpanded = paths.find((path) => isBelowHome(path));
  if (unexpanded !== undefined) throw tilde(unexpanded);
  const holder = paths.length > 1 ? paths.find((path) => isHolder(path, holdsCluster)) : undefined;
  const path = holder ?? paths[0];
  if (path === undefined) throw listEmpty();
  return path;
}

function isHolder(path: string, holdsCluster: (path: string) => boolean): boolean {
  try {
    return holdsCluster(path);
  } catch (error) {
    if (error instanceof EksX509Error) return false;
    throw error;
  }
}

/**
 * Whether the file contains one of the clusters.
 * @throws EksX509Error those of readKubeconfig() and readYaml()
 */
export function holdsCluster(path: string, names: ReadonlySet<unknown>, disk: Disk): boolean {
  const found = readKubeconfig(path, disk);
  const content = found && readYaml({ name: path, text: found.text }).content;
  const clusters = isObject(content) ? content["clusters"] : undefined;
  return Array.isArray(clusters) && clusters.some((item) => isObject(item) && names.has(item["name"]));
}

export function isSameFile(one: string, other: string, { realpathSync }: Disk): boolean {
  try {
    return one === other || realpathSync(one) === realpathSync(other);
  } catch (error) {
    if (systemCode(error) === "") throw error;
    return false;
  }
}

/** The shell does not expand the `~` of `--kubeconfig=~/x`. */
function expanded(path: string, home: string | undefined): string {
  if (!isBelowHome(path)) return path;
  if (home) return `${home}/${path.slice(2)}`;
  throw homeUnknown();
}

function isBelowHome(path: string): boolean {
  return /^~[/\\]/.test(path);
}

function tilde(path: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_TILDE",
    `KUBECONFIG names ${path}, but kubectl does not expand the ~ and would not read the file`,
    `Write the complete path, or let the shell expand the ~, without quotes: export KUBECONFIG=${path}`,
  );
}
