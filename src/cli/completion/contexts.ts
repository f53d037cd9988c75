/** The names of a kubeconfig's contexts, for completion. */
import type { Ports } from "../../sign-in/ports.ts";
import { loadKubeconfig } from "../../kubeconfig/read/kubeconfig.ts";
import { kubeconfigPaths } from "../../kubeconfig/read/paths.ts";
import { expandHome } from "../settings/config-file.ts";
import { printable } from "../../foundation/printable.ts";

/**
 * @param flag `--kubeconfig` as it was typed: no shell has expanded it
 * @throws EksX509Error those of loadKubeconfig
 */
export async function contextNames(flag: string | undefined, root: Ports): Promise<string[]> {
  const { env, machine } = root;
  const { platform, home = "" } = machine;
  const typed = flag === undefined ? undefined : expandHome(flag, machine);
  const paths = kubeconfigPaths(typed, env, { home, platform });
  const { contexts } = await loadKubeconfig(paths, { readFile: root.readFile, cwd: machine.cwd(), platform });
  // Others could not be typed, and would break the lines of the answer.
  return [...contexts.keys()].filter((name) => name !== "" && printable(name) === name);
}
