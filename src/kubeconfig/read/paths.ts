/** Which kubeconfig files kubectl reads, and in which order. client-go, tools/clientcmd, ClientConfigLoadingRules. */
import { posix, win32 } from "node:path";
import type { Environment } from "../../foundation/environment.ts";

export interface KubeconfigPaths {
  /** What named the files, for messages. */
  source: "--kubeconfig" | "KUBECONFIG" | "the default kubeconfig";
  /** Relative ones start at the current folder. The first has precedence. */
  paths: readonly string[];
}

/**
 * --kubeconfig, one file; else KUBECONFIG, a list of them; else ~/.kube/config.
 * @param home the user's folder
 */
export function kubeconfigPaths(
  flag: string | undefined,
  env: Environment,
  { home, platform }: { home: string; platform: NodeJS.Platform },
): KubeconfigPaths {
  const rules = pathRules(platform);
  if (flag) return { source: "--kubeconfig", paths: [flag] };
  const list = env["KUBECONFIG"];
  if (!list) return { source: "the default kubeconfig", paths: [rules.join(home, ".kube", "config")] };
  const paths = list
    .split(rules.delimiter)
    .map((path) => (platform === "win32" ? path.replaceAll('"', "") : path));
  return { source: "KUBECONFIG", paths: [...new Set(paths.filter(Boolean))] };
}

export function pathRules(platform: NodeJS.Platform): typeof posix {
  return platform === "win32" ? win32 : posix;
}
