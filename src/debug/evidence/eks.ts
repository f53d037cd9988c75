/** What EKS says about the cluster and about the role's access entry. */
import { eksHost } from "../../aws/partition.ts";
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import { describeAccessEntry, type AccessEntry } from "../../aws/eks/access-entries.ts";
import { eksApi, type EksApi } from "../../aws/eks/api.ts";
import { describeCluster, type AuthenticationMode, type EksCluster } from "../../aws/eks/describe-cluster.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Environment } from "../../foundation/ports.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import type { Http } from "../../http/client.ts";
import { endpointIn } from "../../http/endpoint.ts";
import type { Session } from "../../rolesanywhere/session.ts";

export interface EksEvidence {
  /** Or why EKS does not describe it. */
  cluster: EksCluster | EksX509Error;
  /** The role's; unknown when this session may not read it. */
  accessEntry: AccessEntry | "none" | "unknown";
  /** Why it is unknown, if EKS was asked. */
  entryUnread?: EksX509Error;
}

/** Undefined when EKS does not report it. */
export function modeOf(eks: EksEvidence | undefined): AuthenticationMode | undefined {
  return eks && !(eks.cluster instanceof EksX509Error) ? eks.cluster.authenticationMode : undefined;
}

export interface EksQuestion {
  session: Session;
  input: GetTokenInput;
  identity: CallerIdentity;
  env: Environment;
}

/** EKS is asked with the session that signs the token. A role needs no permission for it to sign in, so a refusal is no failure. */
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
  const entry = await accessEntryFor(eks, clusterName, [input.parameters.role.text, identity.canonicalArn]);
  return entry instanceof EksX509Error
    ? { cluster, accessEntry: "unknown", entryUnread: entry }
    : { cluster, accessEntry: entry };
}

/** Under the role's ARN, which has its path, and then under the ARN from STS. */
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

/** An invalid override is ignored: this command checks the token, and EKS only explains. */
function eksEndpoint(env: Environment): URL | undefined {
  const given = endpointIn(env, "EKS")?.endpoint;
  return given instanceof URL ? given : undefined;
}
