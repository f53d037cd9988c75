/** A kubeconfig as it lies on disk. */
import type { Stats } from "node:fs";
import { kubeconfigProblem } from "../read/problem.ts";
import { kubeconfigTooLarge, largestKubeconfig } from "../read/yaml.ts";
import { systemCode } from "../../foundation/system-error.ts";
import type { Disk } from "./disk.ts";
import { isFolder, readFailure } from "./failures.ts";

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
