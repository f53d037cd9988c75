/** The kubeconfig: which context kubectl would use, and what stands behind it. */
import { loadKubeconfig, type Kubeconfig } from "../kubernetes/kubeconfig.ts";
import { resolveContext, type Target } from "../kubernetes/kubeconfig-context.ts";
import { kubeconfigPaths } from "../kubernetes/kubeconfig-paths.ts";
import { EksX509Error } from "../errors.ts";
import type { Findings } from "./findings.ts";
import type { Fact } from "./report.ts";
import type { WalkRequest, World } from "./world.ts";

export interface Place {
  kubeconfig: Kubeconfig;
  target: Target;
}

/** @returns undefined when there is none to go on with */
export async function kubeconfigHop(
  findings: Findings,
  request: WalkRequest,
  world: World,
): Promise<Place | undefined> {
  return findings.on("kubeconfig", async () => {
    try {
      const place = await readPlace(request, world);
      findings.ok("kubeconfig", `context ${place.target.context.name}`, placeFacts(place));
      return place;
    } catch (error) {
      if (!request.hasOwnIdentity || !(error instanceof EksX509Error)) throw error;
      findings.skip("kubeconfig", `not used: ${error.message}`);
      return undefined;
    }
  });
}

export async function readPlace(
  { kubeconfig: flag, context }: Pick<WalkRequest, "kubeconfig" | "context">,
  { env, home, platform, cwd, readFile }: World,
): Promise<Place> {
  const kubeconfig = await loadKubeconfig(kubeconfigPaths(flag, env, { home, platform }), {
    readFile,
    cwd,
    platform,
  });
  return { kubeconfig, target: resolveContext(kubeconfig, context) };
}

function placeFacts({ kubeconfig, target }: Place): Fact[] {
  const { context, cluster, user, credential } = target;
  return [
    ...kubeconfig.files.map((file, index): Fact => [index === 0 ? "file" : "", file]),
    ["chosen by", target.chosenBy],
    ["cluster", `${context.cluster}, ${cluster.server}`],
    ["user", `${user.name}, signs in with ${credential.kind}`],
  ];
}
