/** STS: whose the token is, asked as the cluster's authenticator asks. */
import { askSts } from "../../aws/sts/ask-sts.ts";
import type { CallerIdentity } from "../../aws/sts/caller-identity.ts";
import type { StsRequest } from "../../authenticator/token-form/token-form.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Environment } from "../../foundation/environment.ts";
import { endpointIn } from "../../http/endpoint.ts";
import type { Findings } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { World } from "../world.ts";

export interface StsQuestion {
  request: StsRequest;
  accessKeyId: string;
  /** Undefined when nothing tells it. */
  clusterName: string | undefined;
  env: Environment;
  /** Whether nobody else is asked. */
  isNeeded: boolean;
}

/** Without a cluster's name STS cannot be asked; the API server can. */
export async function stsHop(
  findings: Findings,
  { request, accessKeyId, clusterName, env, isNeeded }: StsQuestion,
  world: Pick<World, "http" | "clock">,
): Promise<CallerIdentity | undefined> {
  if (clusterName === undefined && !isNeeded) {
    findings.skip("sts", "not asked: nothing tells for which cluster the token is; give --cluster-name");
    return undefined;
  }
  const ports = { http: await world.http(env), clock: world.clock };
  return findings.on("sts", async () => {
    if (clusterName === undefined) throw clusterUnknown();
    const endpoint = stsEndpoint(env) ?? new URL(`https://${request.host}`);
    const identity = await askSts(request, { clusterName, endpoint, accessKeyId }, ports);
    findings.ok("sts", `signed by ${identity.arn}`, identityFacts(identity, endpoint, clusterName));
    return identity;
  });
}

function stsEndpoint(env: Environment): URL | undefined {
  const given = endpointIn(env, "STS");
  if (!given) return undefined;
  if (given.endpoint instanceof URL) return given.endpoint;
  throw new EksX509Error({
    category: "usage",
    hop: "sts",
    code: "STS_ENDPOINT_INVALID",
    message: `the endpoint in ${given.source} ${given.endpoint}`,
    hint: "Give one such as https://sts.us-west-2.amazonaws.com, or unset it.",
  });
}

function identityFacts(identity: CallerIdentity, { host }: URL, clusterName: string): Fact[] {
  const facts: Fact[] = [
    ["asked", `${host}, for cluster ${clusterName}`],
    ["account", identity.account],
    ["user id", identity.userId],
    ["session name", identity.sessionName],
    ["canonical ARN", identity.canonicalArn],
  ];
  return facts.filter(([, value]) => value !== "");
}

function clusterUnknown(): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "sts",
    code: "CLUSTER_NAME_UNKNOWN",
    message: "nothing tells for which cluster the token is",
    hint: "Give --cluster-name: STS is asked with the cluster's name. With --offline, the form alone is checked.",
  });
}
