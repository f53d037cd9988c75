/** The kubeconfig: which context kubectl would use, and what stands behind it. */
import { loadKubeconfig, type Kubeconfig } from "../../kubeconfig/read/kubeconfig.ts";
import { resolveContext, type Target } from "../../kubeconfig/read/context.ts";
import { kubeconfigPaths } from "../../kubeconfig/read/paths.ts";
import { hasDroppedParts, serverAddress } from "../../kubeconfig/read/server-address.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Findings } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { WalkRequest, World } from "../world.ts";

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
      tellPlace(findings, place);
      return place;
    } catch (error) {
      if (!request.hasOwnIdentity || !(error instanceof EksX509Error)) throw error;
      findings.skip("kubeconfig", `not used: ${error.message}`);
      return undefined;
    }
  });
}

function tellPlace(findings: Findings, place: Place): void {
  const { context, cluster } = place.target;
  const detail = `context ${context.name}`;
  if (!hasDroppedParts(cluster.server)) {
    findings.ok("kubeconfig", detail, placeFacts(place));
    return;
  }
  const warning = {
    code: "KUBECONFIG_SERVER_QUERY",
    detail: `${detail}; its cluster's server has a ? or # and something behind it, which kubectl drops`,
    hint: "Remove it from the server: it reaches nobody, and other clients may write it into their logs.",
  };
  findings.warn("kubeconfig", warning, placeFacts(place));
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
    ["cluster", `${context.cluster}, ${serverAddress(cluster.server)}`],
    ["user", `${user.name}, signs in with ${credential.kind}`],
  ];
}
