/** What EKS says about the cluster and about the role's access entry. */
import { eksHost } from "../../aws/partition.ts";
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import { describeAccessEntry, type AccessEntry } from "../../aws/eks/access-entries.ts";
import { eksApi, type EksApi } from "../../aws/eks/api.ts";
import { describeCluster, type AuthenticationMode, type EksCluster } from "../../aws/eks/describe-cluster.ts";
import { EksX509Error, settled } from "../../foundation/errors.ts";
import type { Environment } from "../../foundation/ports.ts";
import { endpointIn } from "../../http/endpoint.ts";
import type { SignedIn } from "../hops/sign-in.ts";
import type { World } from "../world.ts";

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

/** EKS is asked with the session that signs the token. A role needs no permission for it to sign in, so a refusal is no failure. */
export async function askEks(
  { session, input }: SignedIn,
  identity: CallerIdentity,
  env: Environment,
  { http, clock }: Pick<World, "http" | "clock">,
): Promise<EksEvidence> {
  const { region, variant, clusterName } = input.token;
  // An invalid override is ignored: this command checks the token, and EKS only explains.
  const given = endpointIn(env, "EKS")?.endpoint;
  const endpoint = given instanceof URL ? given : new URL(`https://${eksHost(region, variant)}`);
  const eks = eksApi({ session, region, endpoint }, { http: await http(env), clock });
  const cluster = await settled(describeCluster(eks, clusterName));
  if (cluster instanceof EksX509Error) return { cluster, accessEntry: "unknown" };
  if (cluster.authenticationMode === "CONFIG_MAP") return { cluster, accessEntry: "none" };
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
