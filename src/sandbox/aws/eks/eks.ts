/** The part of EKS that clients read: clusters and their access entries. */
import type { Handler, OnEvent, WireRequest } from "../../wire.ts";
import { describeAccessEntry, listAccessEntries } from "./access-entries.ts";
import type { Account, Cluster } from "../account.ts";
import { parseArn } from "../arn.ts";
import { describeCluster } from "./describe-cluster.ts";
import { authenticateHmac } from "../signature/hmac-authentication.ts";
import { json } from "../json-response.ts";
import { pageOf } from "./page.ts";
import { Refusal } from "../refusal.ts";
import type { Sessions } from "../sessions.ts";
import { uriDecode } from "../signature/uri-encoding.ts";

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
