/** What EKS, the API server and the mapping say. It is gathered first and judged as a whole: a 401 gives no reason, and a mapping alone proves nothing. */
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import type { Denied, Mapped } from "../../authenticator/mapping/user.ts";
import { type AccessEntry, describeAccessEntry } from "../../aws/eks/access-entry.ts";
import { eksApi } from "../../aws/eks/api.ts";
import { type AuthenticationMode, type EksCluster, describeCluster } from "../../aws/eks/describe-cluster.ts";
import { eksHost } from "../../aws/partition.ts";
import { EksX509Error, errorsOf, settled } from "../../foundation/errors.ts";
import type { Environment } from "../../foundation/ports.ts";
import { endpointIn } from "../../http/endpoint.ts";
import { finalRole } from "../../sign-in/input.ts";
import type { Cluster } from "../../kubeconfig/read/entries.ts";
import type { Place } from "../hops/kubeconfig.ts";
import type { SignedIn } from "../hops/sign-in.ts";
import type { MappingRequest, World } from "../world.ts";
import type { ApiEvidence } from "./api-server.ts";

/** Whose token it is, and where it is used. */
export interface Caller {
  /** Undefined when STS was not asked. */
  identity: CallerIdentity | undefined;
  token: string;
  /** Undefined when no kubeconfig names an API server. */
  place: Place | undefined;
  env: Environment;
  /** Undefined for a token that this run did not make. */
  own: SignedIn | undefined;
  mapping: MappingRequest;
}

export interface MappingEvidence {
  verdict: Mapped | Denied;
  /** Where the mapping was read: `aws-auth.yaml (--aws-auth)`. */
  source: string;
}

export interface Evidence {
  /** Undefined when EKS was not asked. */
  eks: EksEvidence | undefined;
  api: ApiEvidence | undefined;
  /** Undefined when it cannot be read; `mappingUnread` says why. */
  mapping: MappingEvidence | undefined;
  mappingUnread: string;
  /** An option names where to read the mapping, and that cannot be read. */
  mappingFailure?: EksX509Error | undefined;
  place: Place | undefined;
  /** Of --admin-context. */
  adminContext?: string | undefined;
}

/** The API server accepts the token, whatever the user may do. */
export function isTaken({ api }: Evidence): boolean {
  if (!api) return false;
  return api.user !== undefined || api.access !== undefined || api.problem?.hop === "authorization";
}

/** The API server refuses the token, and only the other evidence can explain why. */
export function isRefused({ api }: Evidence): boolean {
  return api?.problem?.code === "API_UNAUTHORIZED";
}

/** @returns what EKS says that explains an API server that refuses the token, or that cannot be reached */
export function clusterProblem({ eks, place }: Evidence): EksX509Error | undefined {
  if (!eks) return undefined;
  const { cluster } = eks;
  if (cluster instanceof EksX509Error) return explaining(cluster);
  if (!place || leadsTo(place.target.cluster, cluster.endpoint)) return undefined;
  return errorsOf("refused", "eks")(
    "CLUSTER_ENDPOINT_DIFFERS",
    `the kubeconfig's server is ${addressOf(place.target.cluster.server)}, and the endpoint of cluster ${cluster.name} is ${addressOf(cluster.endpoint)}`,
    "The token is for one cluster, and kubectl sends it to another. Correct --cluster-name and --region, or the cluster's server.",
  );
}

function explaining(refusal: EksX509Error): EksX509Error | undefined {
  if (refusal.code === "EKS_CLUSTER_STATUS") return refusal;
  if (!isUnknownCluster(refusal)) return undefined;
  return refusal.withHint(
    `Correct --cluster-name if it is misspelt. EKS also does not know a cluster of another account than the role's, which aws-auth allows, nor a self-managed cluster with aws-iam-authenticator: then read its mapping with --admin-context NAME or --aws-auth FILE. ${refusal.hint}`,
  );
}

/** EKS looks only in the account of the role, so this alone proves nothing. */
export function isUnknownCluster(cluster: EksX509Error | EksCluster | undefined): cluster is EksX509Error {
  return cluster instanceof EksX509Error && cluster.code === "EKS_CLUSTER_NOT_FOUND";
}

/** Through a tunnel or a load balancer the host differs, and tls-server-name is the endpoint's host. */
function leadsTo({ server, tlsServerName }: Cluster, endpoint: string): boolean {
  return addressOf(server) === addressOf(endpoint) || tlsServerName === new URL(endpoint).hostname;
}

/** Host, port and path. */
export function addressOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname.replace(/\/+$/, "");
}

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
  // Under the role's ARN, which has its path, and then under the ARN from STS.
  for (const arn of new Set([finalRole(input).text, identity.canonicalArn])) {
    const entry = await settled(describeAccessEntry(eks, clusterName, arn));
    if (entry instanceof EksX509Error) return { cluster, accessEntry: "unknown", entryUnread: entry };
    if (entry) return { cluster, accessEntry: entry };
  }
  return { cluster, accessEntry: "none" };
}
