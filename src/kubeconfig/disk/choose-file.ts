/** Chooses the kubeconfig to write, as the AWS CLI does (awscli/customizations/eks/update_kubeconfig.py, KubeconfigSelector). */
import type { Environment } from "../../foundation/ports.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import { homeUnknown, kubeconfigPaths, listEmpty } from "../read/kubeconfig.ts";
import { kubeconfigProblem } from "../read/problem.ts";
import { readYaml } from "../read/yaml.ts";
import type { Disk } from "./disk.ts";
import { readKubeconfig } from "./read-file.ts";

/**
 * --kubeconfig; else the first file of KUBECONFIG that contains the cluster, else its first file; else ~/.kube/config. None
 * of them must exist. A file that cannot be read does not contain the cluster.
 *
 * @param home the user's home folder; undefined if unknown
 * @param holdsCluster whether the file at a path contains the cluster; its EksX509Error means no
 * @throws EksX509Error KUBECONFIG_TILDE, KUBECONFIG_LIST_EMPTY, and those of kubeconfigPaths
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
