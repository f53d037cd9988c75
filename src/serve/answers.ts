/**
 * The answers of the server: IMDSv2, container credentials, and the state of the server. Pure: request and state in, answer out.
 * EC2 user guide, "Use the Instance Metadata Service"; AWS SDKs and Tools reference, "Container credential provider".
 */
import { wholeSeconds } from "../foundation/duration.ts";
import type { SessionRecord } from "../cache/record.ts";
import { isOwnHost } from "./hosts.ts";
import type { Moment } from "./lease.ts";
import { longestTtl, type MetadataTokens } from "./metadata-tokens.ts";

export interface RequestFacts {
  method: string;
  /** As sent: path and query. */
  target: string;
  /** Names in lower case, each with all its values. */
  headers: ReadonlyMap<string, readonly string[]>;
  /** The address of this end of the connection. */
  localAddress: string;
}

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** The session that is served, as text. */
export interface Served {
  roleName: string;
  forMetadata: string;
  forContainers: string;
}

export interface ServerState {
  now: Moment;
  /** The live session, or a short reason why there is none. */
  served: Served | string;
  /** The name of the last role that was served, also after the end of its session. */
  roleName: string;
  tokens: MetadataTokens;
  /** Whether an Authorization header is right, in constant time. Undefined if no token file is configured. */
  isAuthorized: ((value: string) => boolean) | undefined;
  metrics: () => string;
}

/** What is counted of a request. */
export interface Handled {
  answer: Answer;
  /** One of a few names, whatever the request's path is. */
  path: PathName;
}

export type PathName = (typeof pathNames)[number] | "other";

const pathNames = [
  "/latest/api/token",
  "/latest/meta-data/iam/security-credentials/",
  "/latest/meta-data/iam/security-credentials/ROLE",
  "/v1/credentials",
  "/healthz",
  "/readyz",
  "/metrics",
] as const;

/** Not merged into one object: copying the members is half of the work for a request. */
interface Asked {
  request: RequestFacts;
  state: ServerState;
  /** The last segment of a path with ROLE. */
  role: string | undefined;
}

type Reply = (asked: Asked) => Answer;

const text = { "content-type": "text/plain; charset=utf-8" };
const json = { "content-type": "application/json" };
/** The remaining life of the token, which AWS returns with each answer. */
const ttlHeader = "x-aws-ec2-metadata-token-ttl-seconds";

export function plain(status: number, body: string, headers: Answer["headers"] = {}): Answer {
  return { status, headers: { ...text, ...headers }, body };
}

/** Where one is enough, because several of a header are an attempt to be read in two ways. */
function one(headers: RequestFacts["headers"], name: string): string | undefined {
  const values = headers.get(name) ?? [];
  return values.length === 1 ? values[0] : undefined;
}

const replies: Readonly<Record<(typeof pathNames)[number], Readonly<Record<string, Reply>>>> = {
  "/latest/api/token": { PUT: newToken },
  "/latest/meta-data/iam/security-credentials/": {
    GET: (asked) => withToken(asked, (ttl) => plain(200, asked.state.roleName, ttl)),
  },
  "/latest/meta-data/iam/security-credentials/ROLE": {
    GET: (asked) => withToken(asked, (ttl) => roleCredentials(asked, ttl)),
  },
  "/v1/credentials": { GET: containerCredentials },
  "/healthz": { GET: () => plain(200, "ok\n") },
  "/readyz": {
    GET: ({ state: { served } }) =>
      typeof served === "string" ? plain(503, `${served}\n`) : plain(200, "ok\n"),
  },
  "/metrics": {
    GET: ({ state }) =>
      plain(200, state.metrics(), { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  },
};

const notFound = plain(404, "404 page not found\n");

/** Anyone can ask these three, also at the address of --health-listen. They hold no secret. */
const statePaths: readonly string[] = ["/healthz", "/readyz", "/metrics"];

/** The answer to a request at the server's own address. */
export function answerTo(request: RequestFacts, state: ServerState): Handled {
  const { path, role } = named(request.target);
  return { path, answer: refusal(request) ?? replyOf(path, { request, state, role }) };
}

/** The answer at the address of --health-listen, which any host can reach. */
export function stateAnswerTo(request: RequestFacts, state: ServerState): Handled {
  const { path } = named(request.target);
  if (!statePaths.includes(path)) return { path: "other", answer: notFound };
  return { path, answer: replyOf(path, { request, state, role: undefined }) };
}

function replyOf(path: PathName, asked: Asked): Answer {
  if (path === "other") return notFound;
  const methods = replies[path];
  const { method } = asked.request;
  const reply = methods[method === "HEAD" ? "GET" : method];
  return reply
    ? reply(asked)
    : { status: 405, headers: { ...text, allow: Object.keys(methods).join(", ") }, body: "" };
}

function refusal({ headers, localAddress, target }: RequestFacts): Answer | undefined {
  // A proxy adds it: the request is not from this machine.
  if (headers.has("x-forwarded-for"))
    return plain(400, "unable to process requests with X-Forwarded-For header");
  const host = one(headers, "host");
  if (host === undefined || !isOwnHost(host, localAddress)) return plain(403, "the Host header is refused");
  return target.startsWith("/") ? undefined : plain(400, "the request target is not a path");
}

/** A longer path names no role, and needs a token like every path below. */
const rolePath = /^\/latest\/meta-data\/iam\/security-credentials\/(.+?)\/?$/;

function named(target: string): { path: PathName; role: string | undefined } {
  const [sent = ""] = target.split("?", 1);
  // The Java SDK joins an endpoint that ends with a slash and a path that begins with one.
  const path = sent.replace(/\/+/g, "/");
  const [, name] = rolePath.exec(path) ?? [];
  if (name !== undefined)
    return { path: "/latest/meta-data/iam/security-credentials/ROLE", role: decoded(name) };
  return { path: namesOf.get(withoutSlash(path)) ?? "other", role: undefined };
}

const namesOf = new Map(pathNames.map((name) => [withoutSlash(name), name]));

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}

/** Some SDKs encode a name such as `a+b`. Undefined for a text that is not an encoding. */
function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function newToken({ request: { headers }, state: { tokens, now } }: Asked): Answer {
  const given = headers.get(ttlHeader);
  const ttl = given === undefined ? String(longestTtl) : (one(headers, ttlHeader) ?? "");
  const seconds = /^\d{1,5}$/.test(ttl) ? Number(ttl) : 0;
  if (seconds < 1 || seconds > longestTtl) return plain(400, "invalid token TTL");
  return plain(200, tokens.issue(seconds, now.uptime), { [ttlHeader]: String(seconds) });
}

function withToken(
  { request: { headers }, state: { tokens, now } }: Asked,
  reply: (ttl: Answer["headers"]) => Answer,
): Answer {
  const name = "x-aws-ec2-metadata-token";
  if (!headers.has(name) || one(headers, name) === "") return plain(401, "no token provided");
  const left = tokens.secondsLeft(one(headers, name) ?? "", now.uptime);
  return left === undefined ? plain(401, "invalid token provided") : reply({ [ttlHeader]: String(left) });
}

function roleCredentials({ role, state: { roleName, served } }: Asked, ttl: Answer["headers"]): Answer {
  if (role !== roleName) return notFound;
  return typeof served === "string" ? plain(503, served, ttl) : plain(200, served.forMetadata, ttl);
}

function containerCredentials({ request: { headers }, state: { isAuthorized, served } }: Asked): Answer {
  if (!isAuthorized) return problem(404, "NotConfigured", "the server has no --token-file");
  const value = one(headers, "authorization");
  if (value === undefined || !isAuthorized(value))
    return problem(401, "Unauthorized", "the Authorization header is not the content of the token file");
  if (typeof served === "string") return problem(503, "Unavailable", served);
  return { status: 200, headers: { ...json, "cache-control": "no-store" }, body: served.forContainers };
}

/** The form in which the SDKs read errors. */
function problem(status: number, code: string, message: string): Answer {
  return { status, headers: json, body: JSON.stringify({ code, message }) };
}

export function servedFrom({ session, createdAt, expiration, label }: SessionRecord): Served {
  const { accessKeyId, secretAccessKey, sessionToken } = session.credentials;
  const keys = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken };
  const Expiration = wholeSeconds(expiration);
  const metadata = {
    ...keys,
    Code: "Success",
    Type: "AWS-HMAC",
    Expiration,
    LastUpdated: wholeSeconds(createdAt),
  };
  // `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`: without the path, as IMDS names a role.
  const [, roleName = ""] = session.assumedRoleArn.split("/");
  return {
    roleName,
    forMetadata: JSON.stringify(metadata),
    forContainers: JSON.stringify({ ...keys, Expiration, RoleArn: label.roleArn }),
  };
}
