/** The part of EKS that clients read: clusters and their access entries. */
import { type AccessEntry, type Account, type Cluster, parseArn } from "./account.ts";
import { Refusal, json } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";
import { authenticateHmac } from "./signature/hmac-authentication.ts";
import { parameter, parseParameters, uriDecode } from "./signature/parameters.ts";
import type { Handler, OnEvent, WireRequest } from "../wire.ts";

export interface EksOptions {
  account: Account;
  sessions: Sessions;
  now: () => Date;
  onEvent: OnEvent;
}

/** REST services use other names for STS's signature errors. */
const restNames: Readonly<Record<string, string>> = {
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  IncompleteSignature: "IncompleteSignatureException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  InvalidClientTokenId: "UnrecognizedClientException",
  ExpiredToken: "ExpiredTokenException",
  MalformedQueryString: "MalformedQueryString",
};

/**
 * Answers `GET /clusters`, `…/{name}`, `…/{name}/access-entries` and `…/{name}/access-entries/{principalArn}` for every
 * session of the account.
 */
export function createEks({ account, sessions, now, onEvent }: EksOptions): Handler {
  return (request) => {
    const event = { hop: "eks", what: `${request.method} ${request.path}` } as const;
    try {
      const { session, region } = authenticateHmac({ request, service: "eks", sessions, now: now() });
      const clusters = account.clusters.filter(({ arn }) => parseArn(arn)?.region === region);
      const content = answer(request, clusters);
      onEvent({ ...event, verdict: "accepted", who: session.arn, why: "" });
      return Promise.resolve(json(200, content));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const code = restNames[error.code] ?? error.code;
      onEvent({ ...event, verdict: "refused", who: "", why: `${code}: ${error.why}` });
      return Promise.resolve(json(error.status, { message: error.message }, { "x-amzn-errortype": code }));
    }
  };
}

function answer(request: WireRequest, clusters: readonly Cluster[]): unknown {
  const [, first, name = "", part, principalArn, ...rest] = request.path
    .split("/")
    .map((segment) => uriDecode(segment));
  const isKnown = first === "clusters" && (part === undefined || part === "access-entries");
  if (request.method !== "GET" || !isKnown || rest.length > 0) {
    throw new Refusal({ status: 404, code: "UnknownOperationException", message: "Unknown operation." });
  }
  if (name === "") return listClusters(clusters, request);
  const cluster = clusterNamed(name, clusters);
  if (part === undefined) return { cluster: describeCluster(cluster) };
  return principalArn === undefined
    ? listAccessEntries(cluster, request)
    : describeAccessEntry(cluster, principalArn);
}

function listClusters(clusters: readonly Cluster[], request: WireRequest): unknown {
  const { names, nextToken } = pageOf(
    clusters.map(({ name }) => name),
    request,
  );
  return { clusters: names, nextToken };
}

function clusterNamed(name: string, clusters: readonly Cluster[]): Cluster {
  const cluster = clusters.find((each) => each.name === name);
  if (cluster !== undefined) return cluster;
  const message = `No cluster found for name: ${name}.`;
  throw new Refusal({ status: 404, code: "ResourceNotFoundException", message });
}

/** EKS ListAccessEntries and DescribeAccessEntry: the principals that a cluster maps. */

/** @throws {Refusal} for a cluster without access entries */
export function listAccessEntries(cluster: Cluster, request: WireRequest): unknown {
  const arns = accessEntriesOf(cluster).map(({ principalArn }) => principalArn);
  const { names, nextToken } = pageOf(arns, request);
  return { accessEntries: names, nextToken };
}

/** @throws {Refusal} if no entry has exactly this principal ARN */
export function describeAccessEntry(cluster: Cluster, principalArn: string): unknown {
  const entry = accessEntriesOf(cluster).find((each) => each.principalArn === principalArn);
  if (entry !== undefined) return { accessEntry: description(cluster, entry) };
  const message =
    "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.";
  throw new Refusal({ status: 404, code: "ResourceNotFoundException", message });
}

function accessEntriesOf({ authenticationMode, accessEntries = [] }: Cluster): readonly AccessEntry[] {
  if (authenticationMode !== "CONFIG_MAP") return accessEntries;
  const message =
    "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";
  throw new Refusal({ status: 400, code: "InvalidRequestException", message });
}

/** EKS does not return the principal's id. Times are in seconds. */
function description(
  { name }: Cluster,
  { arn, principalArn, kubernetesGroups, username, type, createdAt }: AccessEntry,
): unknown {
  const seconds = createdAt.getTime() / 1000;
  return {
    clusterName: name,
    principalArn,
    kubernetesGroups,
    accessEntryArn: arn,
    createdAt: seconds,
    modifiedAt: seconds,
    tags: {},
    username,
    type,
  };
}

/** EKS DescribeCluster: returns a cluster's endpoint and CA. */

/** The documented members; those that a kubeconfig needs have real values. `createdAt` is in seconds. */
export function describeCluster(cluster: Cluster): unknown {
  const { name, arn, endpoint, status, version, createdAt, authenticationMode } = cluster;
  const data = Buffer.from(cluster.certificateAuthority, "utf8").toString("base64");
  return {
    name,
    arn,
    createdAt: createdAt.getTime() / 1000,
    version,
    endpoint,
    status,
    certificateAuthority: { data },
    accessConfig: { authenticationMode },
    platformVersion: "eks.1",
    tags: {},
  };
}

/** The pages of EKS's lists: a maximum number of names, and the start of the next page. */

export interface Page {
  names: readonly string[];
  nextToken: string | null;
}

/** A page of all names, sorted. `maxResults` is 1 to 100; `nextToken` is the first name of the next page. @throws {Refusal} */
export function pageOf(all: readonly string[], { rawQuery }: WireRequest): Page {
  const parameters = parseParameters(rawQuery) ?? [];
  const size = Number(parameter(parameters, "maxResults") ?? 100);
  if (!Number.isInteger(size) || size < 1 || size > 100) {
    const message = "maxResults must be between 1 and 100.";
    throw new Refusal({ status: 400, code: "InvalidParameterException", message });
  }
  const names = [...all].sort();
  const token = parameter(parameters, "nextToken");
  const start = token === undefined ? 0 : Math.max(names.indexOf(token), 0);
  return { names: names.slice(start, start + size), nextToken: names[start + size] ?? null };
}
