/** The part of EKS that clients read: clusters and their access entries. */
import { type AccessEntry, type Cluster, parseArn } from "./account.ts";
import { Refusal, json } from "./refusal.ts";
import { type Service, type ServiceOptions, serviceHandler } from "./service.ts";
import { authenticateHmac } from "./signature/hmac-authentication.ts";
import { parameter, parseParameters, uriDecode } from "./signature/parameters.ts";
import type { Handler, WireRequest } from "../wire.ts";

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
export function createEks({ account, sessions, now, onEvent }: ServiceOptions): Handler {
  const service: Service = {
    event: ({ method, path }) => ({ hop: "eks", what: `${method} ${path}` }),
    accept: (request) => {
      const { session, region } = authenticateHmac({ request, service: "eks", sessions, now: now() });
      const clusters = account.clusters.filter(({ arn }) => parseArn(arn)?.region === region);
      return { who: session.arn, response: json(200, answer(request, clusters)) };
    },
    refuse: ({ status, code, message, why }) => {
      const name = restNames[code] ?? code;
      const response = json(status, { message }, { "x-amzn-errortype": name });
      return { who: "", why: `${name}: ${why}`, response };
    },
  };
  return serviceHandler(service, onEvent);
}

function answer(request: WireRequest, clusters: readonly Cluster[]): unknown {
  const [, first, name = "", part, principalArn, ...rest] = request.path
    .split("/")
    .map((segment) => uriDecode(segment));
  const isKnown = first === "clusters" && (part === undefined || part === "access-entries");
  if (request.method !== "GET" || !isKnown || rest.length > 0) {
    throw new Refusal(404, "UnknownOperationException", "Unknown operation.");
  }
  const names = clusters.map((each) => each.name);
  if (name === "") return pageOf("clusters", names, request);
  const cluster = clusters.find((each) => each.name === name);
  if (!cluster) throw notFound(`No cluster found for name: ${name}.`);
  if (part === undefined) return { cluster: describeCluster(cluster) };
  const entries = accessEntriesOf(cluster);
  const principals = entries.map((each) => each.principalArn);
  if (principalArn === undefined) return pageOf("accessEntries", principals, request);
  const entry = entries.find((each) => each.principalArn === principalArn);
  if (entry) return { accessEntry: description(cluster, entry) };
  throw notFound(
    "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.",
  );
}

const notFound = (message: string): Refusal => new Refusal(404, "ResourceNotFoundException", message);

function accessEntriesOf({ authenticationMode, accessEntries = [] }: Cluster): readonly AccessEntry[] {
  if (authenticationMode !== "CONFIG_MAP") return accessEntries;
  const message =
    "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";
  throw new Refusal(400, "InvalidRequestException", message);
}

/** EKS does not return the principal's id. Times are in seconds. */
function description({ name }: Cluster, { arn, createdAt, ...entry }: AccessEntry): unknown {
  const times = { createdAt: createdAt.getTime() / 1000, modifiedAt: createdAt.getTime() / 1000 };
  return { ...entry, ...times, principalId: undefined, clusterName: name, accessEntryArn: arn, tags: {} };
}

/** The documented members; those that a kubeconfig needs have real values. `createdAt` is in seconds. */
function describeCluster(cluster: Cluster): unknown {
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

/** `maxResults` is 1 to 100; `nextToken` is the first name of the next page. @throws {Refusal} */
function pageOf(member: string, all: readonly string[], { rawQuery }: WireRequest): unknown {
  const parameters = parseParameters(rawQuery) ?? [];
  const size = Number(parameter(parameters, "maxResults") ?? 100);
  if (!Number.isInteger(size) || size < 1 || size > 100) {
    const message = "maxResults must be between 1 and 100.";
    throw new Refusal(400, "InvalidParameterException", message);
  }
  const names = [...all].sort();
  const start = Math.max(names.indexOf(parameter(parameters, "nextToken") ?? ""), 0);
  return { [member]: names.slice(start, start + size), nextToken: names[start + size] ?? null };
}
