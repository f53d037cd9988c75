/** Answers that are failures whatever was asked: those of no Kubernetes API server, and those of one that does not serve this caller. */
import { EksX509Error } from "../foundation/errors.ts";
import type { Answer } from "../http/exchange.ts";
import { wrongServer } from "../http/fault-hints.ts";
import { serverWords } from "../http/server-words.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import type { ApiAccess } from "./api-server.ts";

export function answerFailure(answer: Answer, access: ApiAccess): EksX509Error | undefined {
  const { status } = answer;
  const { host } = access.server.url;
  if (status >= 300 && status < 400) return redirected(status, host);
  if (status >= 500) return serverError(status, host, statusMessage(answer, access));
  if (isPage(answer)) return notKubernetes(status, host);
  if (status === 400 && answer.body.includes("HTTP request to an HTTPS server")) return wantsHttps(host);
  if (status === 401) return unauthorized(host, access);
  if (status === 429) return throttled(host);
  return isStatus(answer) ? undefined : notKubernetesOwn(answer, host);
}

/** A refusal by whoever stands in front of the API server. */
function notKubernetesOwn(answer: Answer, host: string): EksX509Error | undefined {
  if (answer.status === 403) return forbiddenElsewhere(host);
  if (answer.status !== 404 || isUnknownPath(answer)) return undefined;
  return notKubernetes(answer.status, host);
}

/** Whatever Kubernetes refuses, it says in one. */
export function isStatus({ body }: Answer): boolean {
  const json = parseJson(body);
  return isObject(json) && json["kind"] === "Status";
}

/** What an API server says of a group or version that it does not know, and any other server of Go's. */
function isUnknownPath({ body }: Answer): boolean {
  return body.trim() === "404 page not found";
}

/** What a Status object says, as far as it may be repeated. Kubernetes API conventions, "Response Status Kind". */
export function statusMessage({ body }: Answer, { token }: ApiAccess): string {
  const status = parseJson(body);
  const message = isObject(status) && status["kind"] === "Status" ? status["message"] : undefined;
  return typeof message === "string" ? serverWords(message, token === undefined ? [] : [token]) : "";
}

/** @throws EksX509Error API_ANSWER_MALFORMED */
export function objectIn(answer: Answer, kind: string, { server }: ApiAccess): Record<string, unknown> {
  const json = parseJson(answer.body);
  if (isObject(json) && json["kind"] === kind) return json;
  throw malformed(kind, server.url);
}

export function malformed(kind: string, { host }: URL): EksX509Error {
  return new EksX509Error({
    category: "network",
    hop: "api-server",
    code: "API_ANSWER_MALFORMED",
    message: `${host} answered with something else than a ${kind}`,
    hint: wrongServer("the API server"),
  });
}

export function unexpected(answer: Answer, access: ApiAccess, path: string): EksX509Error {
  const words = statusMessage(answer, access);
  return new EksX509Error({
    category: "network",
    hop: "api-server",
    code: "API_ANSWER_UNEXPECTED",
    message: `${access.server.url.host} answered ${answer.status} to ${path}${words && `: ${words}`}`,
    hint: wrongServer("the API server"),
  });
}

/** A page for people: of a login, a proxy, or a web server. */
function isPage({ headers, body }: Answer): boolean {
  return headers["content-type"]?.startsWith("text/html") === true || /^\s*</.test(body.slice(0, 100));
}

export function notKubernetes(status: number, host: string): EksX509Error {
  return new EksX509Error({
    category: "network",
    hop: "api-server",
    code: "API_NOT_KUBERNETES",
    message: `${host} answered ${status} with something that no Kubernetes API server says`,
    hint: wrongServer("the API server"),
  });
}

function forbiddenElsewhere(host: string): EksX509Error {
  return new EksX509Error({
    category: "network",
    hop: "api-server",
    code: "API_GATEWAY_FORBIDS",
    message: `${host} answered 403, and not as a Kubernetes API server forbids`,
    hint: "Something in front of the API server forbids the request: a gateway, a web application firewall, a proxy. Check the cluster's server in the kubeconfig, and ask whoever runs what lies between.",
  });
}

function redirected(status: number, host: string): EksX509Error {
  return new EksX509Error({
    category: "network",
    hop: "api-server",
    code: "API_REDIRECTED",
    message: `${host} answered ${status}, a redirect, which is never followed: the token is not for others`,
    hint: "An API server does not redirect; a login page in front of one does. Check the cluster's server in the kubeconfig, its path too, and the proxy.",
  });
}

function serverError(status: number, host: string, words: string): EksX509Error {
  return new EksX509Error({
    category: "network",
    hop: "api-server",
    code: "API_SERVER_ERROR",
    message: `the API server (${host}) answered ${status}, several times${words && `: ${words}`}`,
    hint: "The server, or a load balancer before it, is in trouble. Look at the cluster's health, and try again in a minute.",
  });
}

function wantsHttps(host: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "api-server",
    code: "API_WANTS_HTTPS",
    message: `${host} speaks TLS, and the cluster's server in the kubeconfig says http://`,
    hint: "Give it as https://.",
  });
}

function throttled(host: string): EksX509Error {
  return new EksX509Error({
    category: "refused",
    hop: "api-server",
    code: "API_THROTTLED",
    message: `the API server (${host}) answered 429, too many requests, several times`,
    hint: "Wait a little. If it goes on, look at the cluster's API Priority and Fairness, and for a client that asks without pause.",
  });
}

function unauthorized(host: string, { server, token }: ApiAccess): EksX509Error {
  if (token !== undefined)
    return new EksX509Error({
      category: "refused",
      hop: "api-server",
      code: "API_UNAUTHORIZED",
      message: `the API server (${host}) answered 401, Unauthorized, to the token`,
      hint: "It gives no reason. If STS accepts the token, one of these remains: no entry of aws-auth and no access entry maps the role; the kubeconfig's server is another cluster's than --cluster-name; the cluster's authenticator is down, or cannot reach STS.",
    });
  if (server.tls.cert !== undefined)
    return new EksX509Error({
      category: "refused",
      hop: "api-server",
      code: "API_CERTIFICATE_REFUSED",
      message: `the API server (${host}) answered 401, Unauthorized, to the kubeconfig's client certificate`,
      hint: "The certificate has expired, or is of another CA than the one that this cluster takes clients' certificates from. EKS itself gives none out.",
    });
  return new EksX509Error({
    category: "refused",
    hop: "api-server",
    code: "API_ANONYMOUS_REFUSED",
    message: `the API server (${host}) answered 401, Unauthorized, to a request without a token`,
    hint: "The server is there, and serves nobody whom it does not know (anonymous-auth is off). Ask with a token.",
  });
}
