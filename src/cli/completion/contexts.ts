/** The names of a kubeconfig's contexts, for completion. */
import { homedir } from "node:os";
import type { Dependencies } from "../../dependencies.ts";
import { loadKubeconfig } from "../../kubeconfig/read/kubeconfig.ts";
import { kubeconfigPaths } from "../../kubeconfig/read/paths.ts";
import { expandHome } from "../settings/config-file.ts";
import { printable } from "../../foundation/printable.ts";

/**
 * @param flag `--kubeconfig` as it was typed: no shell has expanded it
 * @throws EksX509Error those of loadKubeconfig
 */
export async function contextNames(flag: string | undefined, root: Dependencies): Promise<string[]> {
  const { env, platform, readFile, cwd } = root;
  const typed = flag === undefined ? undefined : expandHome(flag, env);
  const paths = kubeconfigPaths(typed, env, { home: homedir(), platform });
  const { contexts } = await loadKubeconfig(paths, { readFile, cwd: cwd(), platform });
  // Others could not be typed, and would break the lines of the answer.
  return [...contexts.keys()].filter((name) => name !== "" && printable(name) === name);
}
