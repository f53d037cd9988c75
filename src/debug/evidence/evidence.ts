/** Everything that the cluster's side has told. It is judged as a whole: a 401 gives no reason, and a mapping alone proves nothing. */
import { EksX509Error } from "../../foundation/errors.ts";
import type { Denied, Mapped } from "../../authenticator/mapping/verdict.ts";
import type { ApiEvidence } from "./api-evidence.ts";
import type { EksEvidence } from "./eks-evidence.ts";

export interface MappingEvidence {
  verdict: Mapped | Denied;
  /** Where the mapping was read: `aws-auth.yaml (--aws-auth)`. */
  source: string;
}

export interface Server {
  url: string;
  /** The name that its certificate is checked against, where that is not the URL's; empty otherwise. */
  tlsServerName: string;
  /** Whom the kubeconfig's user asks to be; empty for nobody else. */
  impersonates: string;
}

export interface Evidence {
  /** Undefined when it was not asked. */
  eks: EksEvidence | undefined;
  api: ApiEvidence | undefined;
  /** Undefined when it cannot be read; why, is told. */
  mapping: MappingEvidence | undefined;
  mappingUnread: string;
  /** What was asked for by name could not be read. */
  mappingFailure?: EksX509Error | undefined;
  /** The kubeconfig's. */
  server: Server | undefined;
}

/** The API server has taken the token, whatever it says to the user behind it. */
export function isTaken({ api }: Evidence): boolean {
  if (!api) return false;
  return api.user !== undefined || api.access !== undefined || api.problem?.hop === "authorization";
}

/** The API server has refused the token, for a reason that others must tell. */
export function isRefused({ api }: Evidence): boolean {
  return api?.problem?.code === "API_UNAUTHORIZED";
}

/**
 * What EKS says that would explain an API server that does not take the token, or cannot be reached.
 * @returns undefined when it says nothing of the kind
 */
export function clusterProblem({ eks, server }: Evidence): EksX509Error | undefined {
  if (!eks) return undefined;
  const { cluster } = eks;
  if (cluster instanceof EksX509Error) return explaining(cluster);
  if (server === undefined || leadsTo(server, cluster.endpoint)) return undefined;
  return new EksX509Error({
    category: "refused",
    hop: "eks",
    code: "CLUSTER_ENDPOINT_DIFFERS",
    message: `the kubeconfig's server is ${placeOf(server.url)}, and that of cluster ${cluster.name} is ${placeOf(cluster.endpoint)}`,
    hint: "The token is for one cluster, and kubectl shows it to another. Correct --cluster-name and --region, or the cluster's server.",
  });
}

function explaining(refusal: EksX509Error): EksX509Error | undefined {
  const { code, hint } = refusal;
  if (code === "EKS_CLUSTER_STATUS") return refusal;
  if (code !== "EKS_CLUSTER_NOT_FOUND") return undefined;
  return refusal.withHint(`Correct --cluster-name if it is misspelt. ${hint}`);
}

/** Through a tunnel or a load balancer the host is another, and tls-server-name tells whose the certificate must be. */
function leadsTo({ url, tlsServerName }: Server, endpoint: string): boolean {
  return placeOf(url) === placeOf(endpoint) || tlsServerName === new URL(endpoint).hostname;
}

/** Host, port and path. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname.replace(/\/+$/, "");
}
