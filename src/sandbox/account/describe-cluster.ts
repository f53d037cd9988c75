/** EKS DescribeCluster and ListClusters: where a client learns a cluster's endpoint and CA. */
import { json } from "./json-response.ts";
import type { Handler, OnEvent, WireRequest } from "../wire.ts";
import type { Account, Cluster } from "./account.ts";
import { parseArn } from "./arn.ts";
import { authenticateHmac } from "./hmac-authentication.ts";
import { parameter, parseParameters } from "./query-parameters.ts";
import { Refusal } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";
import { uriDecode } from "./uri-encoding.ts";

export interface EksOptions {
  account: Account;
  sessions: Sessions;
  now: () => Date;
  onEvent: OnEvent;
}

/** REST services name STS's signature errors differently. */
const restNames: Readonly<Record<string, string>> = {
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  IncompleteSignature: "IncompleteSignatureException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  InvalidClientTokenId: "UnrecognizedClientException",
  ExpiredToken: "ExpiredTokenException",
  MalformedQueryString: "MalformedQueryString",
};

/** Answers `GET /clusters` and `GET /clusters/{name}` for whoever holds a session of the account. */
export function createDescribeCluster({ account, sessions, now, onEvent }: EksOptions): Handler {
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
  const [, first, name, ...rest] = request.path.split("/").map((segment) => uriDecode(segment));
  if (request.method !== "GET" || first !== "clusters" || rest.length > 0) {
    throw new Refusal({ status: 404, code: "UnknownOperationException", message: "Unknown operation." });
  }
  if (name === undefined || name === "") return listOf(request, clusters);
  const cluster = clusters.find((each) => each.name === name);
  if (cluster !== undefined) return { cluster: description(cluster) };
  const message = `No cluster found for name: ${name}.`;
  throw new Refusal({ status: 404, code: "ResourceNotFoundException", message });
}

/** `maxResults` is 1 to 100; `nextToken` is the first name of the next page. */
function listOf(request: WireRequest, clusters: readonly Cluster[]): unknown {
  const parameters = parseParameters(request.rawQuery) ?? [];
  const size = Number(parameter(parameters, "maxResults") ?? 100);
  if (!Number.isInteger(size) || size < 1 || size > 100) {
    const message = "maxResults must be between 1 and 100.";
    throw new Refusal({ status: 400, code: "InvalidParameterException", message });
  }
  const names = clusters.map(({ name }) => name).sort();
  const start = names.indexOf(parameter(parameters, "nextToken") ?? names[0] ?? "");
  const page = names.slice(Math.max(start, 0), Math.max(start, 0) + size);
  return { clusters: page, nextToken: names[Math.max(start, 0) + size] ?? null };
}

/** The documented members, those that a kubeconfig needs with real values. `createdAt` is in seconds. */
function description(cluster: Cluster): unknown {
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
