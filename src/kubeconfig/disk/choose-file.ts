/** Which kubeconfig is written, as with the AWS CLI (awscli/customizations/eks/update_kubeconfig.py, KubeconfigSelector). */
import { EksX509Error } from "../../foundation/errors.ts";
import { kubeconfigProblem } from "../read/problem.ts";

export interface KubeconfigChoice {
  /** --kubeconfig */
  flag: string | undefined;
  /** KUBECONFIG: paths, of which blank ones do not count */
  variable: string | undefined;
  /** `:`, or `;` on Windows: node:path's delimiter */
  delimiter: string;
  /** The user's home folder; undefined when unknown. */
  home: string | undefined;
}

/**
 * --kubeconfig; else the first of KUBECONFIG that already has the cluster, else the first; else ~/.kube/config. None of
 * them has to exist. A file that cannot be read does not have it; when it is the first, the edit will say why.
 *
 * @param holdsCluster whether the file at a path has the cluster; its EksX509Error means no
 * @throws EksX509Error KUBECONFIG_HOME_UNKNOWN
 */
export async function kubeconfigToWrite(
  choice: KubeconfigChoice,
  holdsCluster: (path: string) => boolean | Promise<boolean>,
): Promise<string> {
  const { flag, variable, delimiter, home } = choice;
  if (flag) return expanded(flag, home);
  const paths = (variable ?? "").split(delimiter).filter((path) => path.trim() !== "");
  const [first = "~/.kube/config", ...others] = paths.map((path) => expanded(path, home));
  if (others.length > 0)
    for (const path of [first, ...others]) if (await holds(path, holdsCluster)) return path;
  return expanded(first, home);
}

async function holds(
  path: string,
  holdsCluster: (path: string) => boolean | Promise<boolean>,
): Promise<boolean> {
  try {
    return await holdsCluster(path);
  } catch (error) {
    if (error instanceof EksX509Error) return false;
    throw error;
  }
}

/** No shell expands the `~` of a second path in KUBECONFIG. */
function expanded(path: string, home: string | undefined): string {
  if (!/^~[/\\]/.test(path)) return path;
  if (home) return `${home}/${path.slice(2)}`;
  throw kubeconfigProblem(
    "KUBECONFIG_HOME_UNKNOWN",
    "the home folder, where the kubeconfig belongs, is not known",
    "Set HOME, or give the file with --kubeconfig.",
  );
}
