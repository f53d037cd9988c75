/**
 * AWS, a cluster and a proxy that work, and that repeat what they know where a scenario says so. One server has every part: a
 * request's path says whose it is.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { createServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { from, hour, intermediate, keyPair, leaf, root, type Issued } from "../../certificates.ts";
import type { Secret } from "./search.ts";

export const accountId = "111122223333";
export const role = "arn:aws:iam::111122223333:role/eks-read-only";
const assumedRole = `arn:aws:sts::${accountId}:assumed-role/eks-read-only/7f3a`;

const authority = root("Secrecy TLS Root");
const issuer = intermediate(authority, "Secrecy TLS CA");
export const serverCa = authority.pem + issuer.pem;

export const credentials = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  secretAccessKey: randomBytes(30).toString("base64"),
  sessionToken: `IQoJb3JpZ2luX2Vj${randomBytes(600).toString("base64")}`,
};

export const workingSession = {
  credentials: { ...credentials, expiration: from(hour).toISOString() },
  assumedRoleUser: { arn: assumedRole },
  sourceIdentity: "CN=alice",
};

/** What a server answers to one kind of request. */
export interface Reply {
  status: number;
  /** The reason phrase. */
  statusMessage?: string;
  headers?: Readonly<Record<string, string>>;
  /** JSON, or a text as it is. */
  body?: object | string;
}

export type Kind =
  | "session"
  | "identity"
  | "cluster"
  | "clusters"
  | "accessEntry"
  | "version"
  | "review"
  | "accessReview"
  | "awsAuth"
  | "connect";

/** @param own what the working server would answer */
export type Answers = Partial<Record<Kind, (own: Reply) => Reply>>;

export interface HostileServers {
  url: string;
  /** `http://127.0.0.1:PORT`, without a user. */
  proxy: string;
  /** What the servers received in confidence, and issued. */
  shared: () => Secret[];
  close: () => void;
}

export interface ServerSettings {
  answers: Answers;
  /** Names in the server's certificate; by default, the right ones. */
  certificate?: { name: string; hosts: readonly string[] };
}

export async function startServers({
  answers,
  certificate = { name: "servers", hosts: ["127.0.0.1"] },
}: ServerSettings): Promise<HostileServers> {
  const shared = new Map<string, Secret>();
  const identity: Issued = leaf(issuer, { ...certificate, keys: keyPair("p256", "confidential TLS") });
  let url = "";
  const server = createServer(
    { key: identity.keyPem, cert: identity.pem + issuer.pem },
    (request, response) => {
      void bodyOf(request).then(() => {
        for (const secret of secretsIn(request)) shared.set(secret.text, secret);
        const kind = kindOf(request.url ?? "");
        const own = working(kind, url);
        const reply = answers[kind]?.(own) ?? own;
        for (const secret of issuedIn(reply)) shared.set(secret.text, secret);
        send(response, reply);
      });
    },
  );
  const proxy = proxyWith(answers.connect);
  url = `https://127.0.0.1:${await portOf(server)}`;
  return {
    url,
    proxy: `http://127.0.0.1:${await portOf(proxy)}`,
    shared: () => [...shared.values()],
    close: () => {
      for (const each of [server, proxy]) {
        each.closeAllConnections();
        each.close();
      }
    },
  };
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return address.port;
}

async function bodyOf(request: IncomingMessage): Promise<void> {
  request.resume();
  await once(request, "end");
}

function kindOf(url: string): Kind {
  const kinds: readonly (readonly [RegExp, Kind])[] = [
    [/^\/sessions/, "session"],
    [/^\/clusters\/[^/]+\/access-entries/, "accessEntry"],
    [/^\/clusters\/?(\?|$)/, "clusters"],
    [/^\/clusters\//, "cluster"],
    [/^\/version/, "version"],
    [/selfsubjectreviews/, "review"],
    [/selfsubjectaccessreviews/, "accessReview"],
    [/configmaps/, "awsAuth"],
  ];
  return kinds.find(([form]) => form.test(url))?.[1] ?? "identity";
}

/** Bearer tokens, and signatures in headers and queries. */
function secretsIn({ headers, url = "" }: IncomingMessage): Secret[] {
  const { authorization = "" } = headers;
  const [, bearer = ""] = /^Bearer (.+)$/.exec(authorization) ?? [];
  const [, signature = ""] = /Signature=(\w+)/.exec(`${authorization}&${url}`) ?? [];
  return [
    { name: "a token", text: bearer.replace("k8s-aws-v1.", "") },
    { name: "a signature", text: signature },
  ].filter(({ text }) => text !== "");
}

function issuedIn({ status, body }: Reply): Secret[] {
  const { secretAccessKey, sessionToken } = credentials;
  if (status !== 201 || !JSON.stringify(body).includes(secretAccessKey)) return [];
  return [
    { name: "the secret access key", text: secretAccessKey },
    { name: "the session token", text: sessionToken },
  ];
}

function working(kind: Kind, url: string): Reply {
  const status = kind === "session" || kind.endsWith("eview") ? 201 : 200;
  return { status, body: bodies[kind](url) };
}

const bodies: Readonly<Record<Kind, (url: string) => object>> = {
  session: () => ({ credentialSet: [workingSession] }),
  identity: () => ({
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: { Account: accountId, Arn: assumedRole, UserId: "AROAQNZGKIQY56JQ7WMLA:7f3a" },
    },
  }),
  cluster: (url) => ({ cluster: { ...workingCluster, endpoint: url } }),
  clusters: () => ({ clusters: ["demo"] }),
  accessEntry: () => ({ message: "No access entry." }),
  version: () => ({ gitVersion: "v1.34.4-eks-3025e55" }),
  review: () => ({
    kind: "SelfSubjectReview",
    status: { userInfo: { username: "viewer", uid: "u-1", groups: ["view"], extra: {} } },
  }),
  accessReview: () => ({ kind: "SelfSubjectAccessReview", status: { allowed: true, reason: "" } }),
  awsAuth: () => ({
    kind: "ConfigMap",
    data: { mapRoles: `- rolearn: ${role}\n  username: viewer\n  groups:\n  - view\n` },
  }),
  connect: () => ({}),
};

export const workingCluster = {
  name: "demo",
  arn: `arn:aws:eks:us-west-2:${accountId}:cluster/demo`,
  status: "ACTIVE",
  version: "1.34",
  createdAt: 1_700_000_000,
  certificateAuthority: { data: Buffer.from(serverCa).toString("base64") },
  accessConfig: { authenticationMode: "CONFIG_MAP" },
};

function send(response: Parameters<RequestListener>[1], reply: Reply): void {
  const { status, statusMessage, headers = {}, body = "" } = reply;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const all = { "content-type": "application/json", ...headers };
  response.writeHead(status, inHeader(statusMessage ?? ""), mapped(all, inHeader)).end(text);
}

/** What node:http lets a header and a reason phrase hold. */
function inHeader(text: string): string {
  return text.replace(/[^\t\x20-\x7e]/g, " ").slice(0, 6000);
}

function mapped(object: Readonly<Record<string, string>>, change: (text: string) => string) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

/** Forwards, or answers CONNECT by itself. */
function proxyWith(answer: Answers["connect"]): Server {
  const proxy = createHttpServer();
  proxy.on("connect", ({ url = "" }: IncomingMessage, socket: Socket) => {
    socket.on("error", () => undefined);
    const reply = answer?.({ status: 200 }) ?? { status: 200 };
    const headers = Object.entries(reply.headers ?? {}).map(
      ([name, value]) => `${name}: ${inHeader(value)}\r\n`,
    );
    const head = `HTTP/1.1 ${reply.status} ${inHeader(reply.statusMessage ?? "OK")}\r\n${headers.join("")}\r\n`;
    if (reply.status !== 200) {
      socket.end(head + (typeof reply.body === "string" ? reply.body : ""));
      return;
    }
    const target = connect(Number(new URL(`http://${url}`).port), "127.0.0.1", () => {
      socket.write(head);
      socket.pipe(target).pipe(socket);
    });
    target.on("error", () => socket.destroy());
  });
  return proxy;
}
