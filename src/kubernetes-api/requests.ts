/** One request to a cluster's API server, and the answers that are failures. Kubernetes API reference, "API Access". */
import { errorsOf, type EksX509Error } from "../foundation/errors.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import { isLoopback } from "../http/endpoint.ts";
import type { Answer } from "../http/exchange.ts";
import { wrongServer } from "../http/faults.ts";
import { serverWords } from "../http/server-words.ts";
import { checkAccess, impersonationHeaders, unusable, type ApiAccess } from "./access.ts";

export interface ApiRequest {
  method: "GET" | "POST";
  /** `/version`. */
  path: string;
  body?: object;
}

/** @returns the answer of a Kubernetes API server, which is not a 401, a 429, a 5xx or a redirect */
export async function ask(access: ApiAccess, { method, path, body }: ApiRequest): Promise<Answer> {
  const { server, token, impersonate, http } = access;
  checkAccess(access);
  const url = new URL(pathOf(server.url) + path, server.url);
  const headers = {
    host: url.host,
    accept: "application/json",
    ...(body && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const repeated = impersonate && impersonationHeaders(impersonate);
  const sent = {
    method,
    url,
    headers,
    ...(repeated && { repeated }),
    body: body ? JSON.stringify(body) : "",
  };
  const answer = await http({
    hop: "api-server",
    service: "the API server",
    endpoint: server.url,
    request: () => Promise.resolve(sent),
    throttles: ({ status }) => status === 429,
    tls: server.tls,
    // Go, and so kubectl, does not use the environment's proxy for loopback addresses: httpproxy, Config.
    proxy: server.proxy ?? (isLoopback(server.url) ? "none" : undefined),
  });
  const failure = answerFailure(answer, access);
  if (failure) throw failure;
  return answer;
}

/** Of the cluster's server: empty for an API server's own address. */
function pathOf({ pathname }: URL): string {
  return pathname.replace(/\/+$/, "");
}

const wrongAnswer = errorsOf("network", "api-server");
const refused = errorsOf("refused", "api-server");
const forbidden = errorsOf("refused", "authorization");

function answerFailure(answer: Answer, access: ApiAccess): EksX509Error | undefined {
  const { status, body } = answer;
  const { host } = access.server.url;
  if (status >= 300 && status < 400)
    return wrongAnswer(
      "API_REDIRECTED",
      `${host} answered ${status}, a redirect; eks-x509 does not follow it, because the token is for this server only`,
      "An API server does not redirect, but a login page in front of one does. Check the server in the kubeconfig, including its path, and the proxy.",
    );
  if (status >= 500)
    return wrongAnswer(
      "API_SERVER_ERROR",
      `the API server (${host}) answered ${status}, several times${reasonIn(answer, access)}`,
      "The server, or a load balancer in front of it, has a problem. Check the cluster's health, and try again in a minute.",
    );
  if (isPage(answer)) return notKubernetes(status, host);
  if (status === 400 && body.includes("HTTP request to an HTTPS server"))
    return unusable(
      "API_WANTS_HTTPS",
      `${host} speaks TLS, and the cluster's server in the kubeconfig says http://`,
      "Use https://.",
    );
  if (status === 401) return unauthorized(access);
  if (status === 429)
    return refused(
      "API_THROTTLED",
      `the API server (${host}) answered 429, too many requests, several times`,
      "Wait a little. If it continues, check the cluster's API Priority and Fairness, and look for a client that sends requests without pause.",
    );
  return isStatus(answer) ? undefined : refusalOfAnother(answer, host);
}

/** A refusal by a gateway or proxy in front of the API server. */
function refusalOfAnother({ status, body }: Answer, host: string): EksX509Error | undefined {
  if (status === 403)
    return wrongAnswer(
      "API_GATEWAY_FORBIDS",
      `${host} answered 403, but not in the form of a Kubernetes API server`,
      "A gateway, a web application firewall or a proxy in front of the API server forbids the request. Check the cluster's server in the kubeconfig, and ask the operator of that component.",
    );
  // An API server answers so for an unknown group or version, as does any HTTP server written in Go.
  const isUnknownPath = body.trim() === "404 page not found";
  return status === 404 && !isUnknownPath ? notKubernetes(status, host) : undefined;
}

function unauthorized({ server, token }: ApiAccess): EksX509Error {
  const answered = `the API server (${server.url.host}) answered 401, Unauthorized, to`;
  if (token !== undefined)
    return refused(
      "API_UNAUTHORIZED",
      `${answered} the token`,
      "It gives no reason. If STS accepts the token, the cause is one of these: no entry of aws-auth and no access entry maps the role; the kubeconfig's server belongs to another cluster than --cluster-name; the cluster's authenticator is down or cannot reach STS.",
    );
  if (server.tls.cert !== undefined)
    return refused(
      "API_CERTIFICATE_REFUSED",
      `${answered} the kubeconfig's client certificate`,
      "The certificate has expired, or its CA is not the one that this cluster accepts for client certificates. EKS itself does not issue client certificates.",
    );
  return refused(
    "API_ANONYMOUS_REFUSED",
    `${answered} a request without a token`,
    "The server is reachable, and refuses anonymous requests (anonymous-auth is off). Use a token.",
  );
}

export function versionForbidden(answer: Answer, access: ApiAccess): EksX509Error {
  return refused(
    "API_VERSION_FORBIDDEN",
    `the API server (${access.server.url.host}) does not report its version${reasonIn(answer, access)}`,
    "The server is reachable. Its ClusterRoleBinding system:public-info-viewer, which allows everybody to get the version, was removed or changed.",
  );
}

/** The caller may not ask even about itself, or may not act as the user that it names. */
export function reviewForbidden(answer: Answer, access: ApiAccess): EksX509Error {
  const server = `the API server (${access.server.url.host}) does not allow the caller to`;
  const reason = reasonIn(answer, access);
  // Only the server's words distinguish this refusal from the other one.
  if (access.impersonate && reason.includes("cannot impersonate"))
    return forbidden(
      "API_IMPERSONATION_FORBIDDEN",
      `${server} act as ${access.impersonate.user.slice(0, 200)}${reason}`,
      "The kubeconfig's user sets as, so kubectl asks to act as another user. Remove as, as-groups, as-uid and as-user-extra, or ask an administrator to grant the verb impersonate.",
    );
  const { url } = access.server;
  // The API server reports a path instead of a resource if it does not know the path.
  if (pathOf(url) !== "" && reason.includes(`path "${pathOf(url)}/`)) return pathUnknown(url, reason);
  return forbidden(
    "API_REVIEW_FORBIDDEN",
    `${server} ask about itself${reason}`,
    "Either the ClusterRoleBinding system:basic-user, which allows it to every authenticated user, was removed or changed, or the request was anonymous.",
  );
}

/** Kubernetes answers each refusal with a Status object. */
export function isStatus({ body }: Answer): boolean {
  const json = parseJson(body);
  return isObject(json) && json["kind"] === "Status";
}

/** `: ` and the message of a Status object, cleaned for output. Kubernetes API conventions, "Response Status Kind". */
function reasonIn({ body }: Answer, access: ApiAccess): string {
  const status = parseJson(body);
  const message = isObject(status) && status["kind"] === "Status" ? status["message"] : undefined;
  const words = typeof message === "string" ? wordsOf(message, access) : "";
  return words && `: ${words}`;
}

/** What the server says, without the token. */
export function wordsOf(text: string, { token }: ApiAccess): string {
  return serverWords(text, token === undefined ? [] : [token]);
}

export function objectIn(answer: Answer, kind: string, { server }: ApiAccess): Record<string, unknown> {
  const json = parseJson(answer.body);
  if (isObject(json) && json["kind"] === kind) return json;
  throw malformed(kind, server.url);
}

export function malformed(kind: string, { host }: URL): EksX509Error {
  const message = `${host} answered with something other than a ${kind}`;
  return wrongAnswer("API_ANSWER_MALFORMED", message, wrongServer("the API server"));
}

export function unexpected(answer: Answer, access: ApiAccess, path: string): EksX509Error {
  const { url } = access.server;
  if (answer.status === 404 && pathOf(url) !== "") return pathUnknown(url, reasonIn(answer, access));
  const message = `${access.server.url.host} answered ${answer.status} to ${path}${reasonIn(answer, access)}`;
  return wrongAnswer("API_ANSWER_UNEXPECTED", message, wrongServer("the API server"));
}

/** Either the path is wrong, or a proxy passes it on to the API server. */
function pathUnknown(server: URL, reason: string): EksX509Error {
  const path = pathOf(server);
  return unusable(
    "API_PATH_UNKNOWN",
    `the cluster's server in the kubeconfig has the path ${path}, which the API server (${server.host}) does not know${reason}`,
    `Remove the path if the server is the cluster's endpoint. If it is a proxy, correct the path, or configure the proxy to remove it.`,
  );
}

export function notKubernetes(status: number, host: string): EksX509Error {
  const message = `${host} answered ${status} with content that no Kubernetes API server sends`;
  return wrongAnswer("API_NOT_KUBERNETES", message, wrongServer("the API server"));
}

/** A page for people: of a login, a proxy or a web server. */
function isPage({ headers, body }: Answer): boolean {
  return headers["content-type"]?.startsWith("text/html") === true || /^\s*</.test(body.slice(0, 100));
}
