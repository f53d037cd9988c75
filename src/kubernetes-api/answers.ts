/** Answers that are failures whatever the request was, and how to read the others. */
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import type { Answer } from "../http/exchange.ts";
import { wrongServer } from "../http/faults.ts";
import { serverWords } from "../http/server-words.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import { unusable, type ApiAccess } from "./access.ts";

export function answerFailure(answer: Answer, access: ApiAccess): EksX509Error | undefined {
  const { status } = answer;
  const { host } = access.server.url;
  if (status >= 300 && status < 400) return redirected(status, host);
  if (status >= 500) return serverError(status, host, statusMessage(answer, access));
  if (isPage(answer)) return notKubernetes(status, host);
  if (status === 400 && answer.body.includes("HTTP request to an HTTPS server"))
    return unusable(
      "API_WANTS_HTTPS",
      `${host} speaks TLS, and the cluster's server in the kubeconfig says http://`,
      "Use https://.",
    );
  if (status === 401) return unauthorized(host, access);
  if (status === 429) return throttled(host);
  return isStatus(answer) ? undefined : notKubernetesOwn(answer, host);
}

/** A refusal by a gateway or proxy in front of the API server. */
function notKubernetesOwn(answer: Answer, host: string): EksX509Error | undefined {
  if (answer.status === 403) return forbiddenElsewhere(host);
  if (answer.status !== 404 || isUnknownPath(answer)) return undefined;
  return notKubernetes(answer.status, host);
}

/** Kubernetes answers each refusal with a Status object. */
export function isStatus({ body }: Answer): boolean {
  const json = parseJson(body);
  return isObject(json) && json["kind"] === "Status";
}

/** What an API server answers for an unknown group or version, as does any HTTP server written in Go. */
function isUnknownPath({ body }: Answer): boolean {
  return body.trim() === "404 page not found";
}

/** The message of a Status object, cleaned for output. Kubernetes API conventions, "Response Status Kind". */
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
  return unusableAnswer("API_ANSWER_MALFORMED", `${host} answered with something other than a ${kind}`);
}

export function unexpected(answer: Answer, access: ApiAccess, path: string): EksX509Error {
  const { host } = access.server.url;
  return unusableAnswer(
    "API_ANSWER_UNEXPECTED",
    `${host} answered ${answer.status} to ${path}${withReason(answer, access)}`,
  );
}

export function notKubernetes(status: number, host: string): EksX509Error {
  return unusableAnswer(
    "API_NOT_KUBERNETES",
    `${host} answered ${status} with content that no Kubernetes API server sends`,
  );
}

/** A page for people: of a login, a proxy or a web server. */
function isPage({ headers, body }: Answer): boolean {
  return headers["content-type"]?.startsWith("text/html") === true || /^\s*</.test(body.slice(0, 100));
}

function forbiddenElsewhere(host: string): EksX509Error {
  return unusableAnswer(
    "API_GATEWAY_FORBIDS",
    `${host} answered 403, but not in the form of a Kubernetes API server`,
    "A gateway, a web application firewall or a proxy in front of the API server forbids the request. Check the cluster's server in the kubeconfig, and ask the operator of that component.",
  );
}

function redirected(status: number, host: string): EksX509Error {
  return unusableAnswer(
    "API_REDIRECTED",
    `${host} answered ${status}, a redirect; eks-x509 does not follow it, because the token is for this server only`,
    "An API server does not redirect, but a login page in front of one does. Check the server in the kubeconfig, including its path, and the proxy.",
  );
}

function serverError(status: number, host: string, words: string): EksX509Error {
  return unusableAnswer(
    "API_SERVER_ERROR",
    `the API server (${host}) answered ${status}, several times${words && `: ${words}`}`,
    "The server, or a load balancer in front of it, has a problem. Check the cluster's health, and try again in a minute.",
  );
}

function throttled(host: string): EksX509Error {
  return refused(
    "API_THROTTLED",
    `the API server (${host}) answered 429, too many requests, several times`,
    "Wait a little. If it continues, check the cluster's API Priority and Fairness, and look for a client that sends requests without pause.",
  );
}

function unauthorized(host: string, { server, token }: ApiAccess): EksX509Error {
  if (token !== undefined)
    return refused(
      "API_UNAUTHORIZED",
      `the API server (${host}) answered 401, Unauthorized, to the token`,
      "It gives no reason. If STS accepts the token, the cause is one of these: no entry of aws-auth and no access entry maps the role; the kubeconfig's server belongs to another cluster than --cluster-name; the cluster's authenticator is down or cannot reach STS.",
    );
  if (server.tls.cert !== undefined)
    return refused(
      "API_CERTIFICATE_REFUSED",
      `the API server (${host}) answered 401, Unauthorized, to the kubeconfig's client certificate`,
      "The certificate has expired, or its CA is not the one that this cluster accepts for client certificates. EKS itself does not issue client certificates.",
    );
  return refused(
    "API_ANONYMOUS_REFUSED",
    `the API server (${host}) answered 401, Unauthorized, to a request without a token`,
    "The server is reachable, and refuses anonymous requests (anonymous-auth is off). Use a token.",
  );
}

export function versionForbidden(answer: Answer, access: ApiAccess): EksX509Error {
  return refused(
    "API_VERSION_FORBIDDEN",
    `the API server (${access.server.url.host}) does not report its version${withReason(answer, access)}`,
    "The server is reachable. Its ClusterRoleBinding system:public-info-viewer, which allows everybody to get the version, was removed or changed.",
  );
}

/** The caller may not ask even about itself, or may not act as the user that it names. */
export function reviewForbidden(answer: Answer, access: ApiAccess): EksX509Error {
  const { host } = access.server.url;
  const words = statusMessage(answer, access);
  // Only the server's words distinguish this refusal from the other one.
  if (access.impersonate && words.includes("cannot impersonate"))
    return forbidden(
      "API_IMPERSONATION_FORBIDDEN",
      `the API server (${host}) does not allow the caller to act as ${access.impersonate.user.slice(0, 200)}: ${words}`,
      "The kubeconfig's user sets as, so kubectl asks to act as another user. Remove as, as-groups, as-uid and as-user-extra, or ask an administrator to grant the verb impersonate.",
    );
  return forbidden(
    "API_REVIEW_FORBIDDEN",
    `the API server (${host}) does not allow the caller to ask about itself${words && `: ${words}`}`,
    "Either the ClusterRoleBinding system:basic-user, which allows it to every authenticated user, was removed or changed, or the request was anonymous.",
  );
}

function withReason(answer: Answer, access: ApiAccess): string {
  const words = statusMessage(answer, access);
  return words && `: ${words}`;
}

function unusableAnswer(
  code: CodeOf<"network", "api-server">,
  message: string,
  hint = wrongServer("the API server"),
): EksX509Error {
  return new EksX509Error({ category: "network", hop: "api-server", code, message, hint });
}

function refused(code: CodeOf<"refused", "api-server">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "refused", hop: "api-server", code, message, hint });
}

function forbidden(code: CodeOf<"refused", "authorization">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "refused", hop: "authorization", code, message, hint });
}
