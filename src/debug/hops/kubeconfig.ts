/** The kubeconfig: the context that kubectl uses, with its cluster and user. */
import { kubeconfigPaths, loadKubeconfig, type Kubeconfig } from "../../kubeconfig/read/kubeconfig.ts";
import { resolveContext, type Target } from "../../kubeconfig/read/context.ts";
import { hasDroppedParts, serverAddress } from "../../kubeconfig/read/cluster.ts";
import type { User } from "../../kubeconfig/read/entries.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Findings, Warning } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { WalkRequest, World } from "../world.ts";

export interface Place {
  kubeconfig: Kubeconfig;
  target: Target;
}

/** @returns undefined if no context can be used */
export async function kubeconfigHop(
  findings: Findings,
  request: WalkRequest,
  world: World,
): Promise<Place | undefined> {
  return findings.on("kubeconfig", async () => {
    try {
      const place = await readPlace(request, world);
      reportPlace(findings, place);
      return place;
    } catch (error) {
      if (!request.hasOwnIdentity || !(error instanceof EksX509Error)) throw error;
      findings.skip("kubeconfig", `not used: ${error.message}`);
      return undefined;
    }
  });
}

function reportPlace(findings: Findings, place: Place): void {
  const { context, cluster } = place.target;
  const dropped: Warning = {
    code: "KUBECONFIG_SERVER_QUERY",
    why: "its cluster's server has a ? or # with text after it, which kubectl ignores",
    hint: "Remove that text: it has no effect, and other clients may write it to their logs.",
  };
  const warnings = hasDroppedParts(cluster.server) ? [dropped] : [];
  findings.ok("kubeconfig", `context ${context.name}`, placeFacts(place), warnings);
}

export async function readPlace(
  { kubeconfig: flag, context }: Pick<WalkRequest, "kubeconfig" | "context">,
  { env, home, platform, cwd, readFile, secrets }: World,
): Promise<Place> {
  const kubeconfig = await loadKubeconfig(kubeconfigPaths(flag, env, { home, platform }), {
    readFile,
    cwd,
    platform,
  });
  secrets.add(...[...kubeconfig.users.values()].flatMap(userSecrets));
  return { kubeconfig, target: resolveContext(kubeconfig, context) };
}

function userSecrets({ token, password, clientKey }: User): string[] {
  return [token, password, clientKey.data.toString("utf8")];
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
