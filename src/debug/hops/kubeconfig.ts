/** The kubeconfig: the context that kubectl uses, with its cluster and user. */
import { kubeconfigPaths, loadKubeconfig, type Kubeconfig } from "../../kubeconfig/read/kubeconfig.ts";
import { resolveContext, type Target } from "../../kubeconfig/read/context.ts";
import { hasDroppedParts, serverAddress } from "../../kubeconfig/read/cluster.ts";
import type { User } from "../../kubeconfig/read/entries.ts";
import { EksX509Error, settled } from "../../foundation/errors.ts";
import type { Findings, Warning } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { WalkRequest, World } from "../world.ts";

export interface Place {
  kubeconfig: Kubeconfig;
  target: Target;
  /** The file of --kubeconfig. */
  file: string | undefined;
}

/** @returns undefined if no context can be used */
export async function kubeconfigHop(
  findings: Findings,
  request: WalkRequest,
  world: World,
): Promise<Place | undefined> {
  return findings.on("kubeconfig", async () => {
    const place = await settled(readPlace(request, world));
    if (!(place instanceof EksX509Error)) {
      reportPlace(findings, place);
      return place;
    }
    if (!request.hasOwnIdentity) throw place;
    findings.skip("kubeconfig", `not used: ${place.message}`);
    return undefined;
  });
}

function reportPlace(findings: Findings, { kubeconfig, target }: Place): void {
  const { context, cluster, user, credential, chosenBy } = target;
  const dropped: Warning = {
    code: "KUBECONFIG_SERVER_QUERY",
    why: "its cluster's server has a ? or # with text after it, which kubectl ignores",
    hint: "Remove that text: it has no effect, and other clients may write it to their logs.",
  };
  const facts = [
    ...kubeconfig.files.map((file, index): Fact => [index === 0 ? "file" : "", file]),
    ["chosen by", chosenBy],
    ["cluster", `${context.cluster}, ${serverAddress(cluster.server)}`],
    ["user", `${user.name}, signs in with ${credential.kind}`],
  ] satisfies Fact[];
  const warnings = hasDroppedParts(cluster.server) ? [dropped] : [];
  findings.ok("kubeconfig", `context ${context.name}`, facts, warnings);
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
  return { kubeconfig, target: resolveContext(kubeconfig, context), file: flag };
}

/**
 * Flags with which kubectl uses the same cluster. Without them, it would use the current context of another file.
 * @param adminContext of a user who may change it, if one is known
 */
export function kubectlFlags(place: Place | undefined, adminContext: string | undefined): string[] {
  if (!place) return [];
  const { target, file } = place;
  const own = target.chosenBy === "--context" ? target.context.name : undefined;
  const context = adminContext ?? own;
  return [
    ...(file === undefined ? [] : [`--kubeconfig=${file}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ];
}

function userSecrets({ token, password, clientKey }: User): string[] {
  return [token, password, clientKey.data.toString("utf8")];
}
