/** What the cluster's side tells: EKS, the API server and its aws-auth. Gathered first, judged afterwards: a 401 gives no reason. */
import { eksHost } from "../../aws/hosts.ts";
import type { CallerIdentity } from "../../aws/sts/caller-identity.ts";
import { describeAccessEntry } from "../../aws/eks/access-entries.ts";
import { eksApi, type EksApi } from "../../aws/eks/api.ts";
import { describeCluster, type EksCluster } from "../../aws/eks/describe-cluster.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Environment } from "../../foundation/environment.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import type { Http } from "../../http/client.ts";
import { endpointIn } from "../../http/endpoint.ts";
import type { AccessEntry } from "../../authenticator/mapping/access-entry.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import type { Session } from "../../rolesanywhere/session.ts";

/** What EKS says of the cluster, or why it says nothing. */
export interface EksEvidence {
  cluster: EksCluster | EksX509Error;
  /** For the role; unknown when this session may not see it. */
  accessEntry: AccessEntry | "none" | "unknown";
  /** Why it is unknown, where EKS was asked. */
  entryUnread?: EksX509Error;
}

/** Undefined when EKS does not tell. */
export function modeOf(eks: EksEvidence | undefined): AuthenticationMode | undefined {
  return eks && !(eks.cluster instanceof EksX509Error) ? eks.cluster.authenticationMode : undefined;
}

export interface EksQuestion {
  session: Session;
  input: GetTokenInput;
  identity: CallerIdentity;
  env: Environment;
}

/** Asked with the very session that the token is signed with: a role that may not ask is none the worse for it. */
export async function askEks(
  { session, input, identity, env }: EksQuestion,
  ports: { http: Http; clock: () => Date },
): Promise<EksEvidence> {
  const { region, variant, clusterName } = input.token;
  const endpoint = eksEndpoint(env) ?? new URL(`https://${eksHost(region, variant)}`);
  const eks = eksApi({ session, region, endpoint }, ports);
  const cluster = await settled(describeCluster(eks, clusterName));
  if (cluster instanceof EksX509Error || cluster.authenticationMode === "CONFIG_MAP")
    return { cluster, accessEntry: cluster instanceof EksX509Error ? "unknown" : "none" };
  const entry = await accessEntryFor(eks, clusterName, [input.session.role.text, identity.canonicalArn]);
  return entry instanceof EksX509Error
    ? { cluster, accessEntry: "unknown", entryUnread: entry }
    : { cluster, accessEntry: entry };
}

/** Under the role's ARN, with its path; then under the one that STS tells. */
async function accessEntryFor(
  eks: EksApi,
  clusterName: string,
  [first = "", ...others]: readonly string[],
): Promise<AccessEntry | "none" | EksX509Error> {
  const entry = await settled(describeAccessEntry(eks, clusterName, first));
  if (entry) return entry;
  return others.length === 0 || others.includes(first) ? "none" : accessEntryFor(eks, clusterName, others);
}

async function settled<Result>(work: Promise<Result>): Promise<Result | EksX509Error> {
  return work.catch((error: unknown) => {
    if (error instanceof EksX509Error) return error;
    throw error;
  });
}

/** An override that is not one is passed over: it is the token's way that is looked into. */
function eksEndpoint(env: Environment): URL | undefined {
  const given = endpointIn(env, "EKS")?.endpoint;
  return given instanceof URL ? given : undefined;
}
