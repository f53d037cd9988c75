/** A cluster's API server as a kubeconfig names it, and one request to it. Kubernetes API reference, "API Access". */
import type { ClientTls } from "../http/client-tls.ts";
import type { Http } from "../http/client.ts";
import { isLoopback } from "../http/endpoint.ts";
import type { Answer } from "../http/exchange.ts";
import type { Impersonation } from "../kubeconfig/read/entries.ts";
import { answerFailure } from "./answer-failure.ts";
import { impersonationHeaders, unsendable } from "./impersonation.ts";
import { tokenOverPlainHttp, unusableProxy } from "./unusable.ts";

export interface ApiServer {
  /** The kubeconfig's `server`, which may have a path of its own. */
  url: URL;
  /** The cluster's, as src/kubernetes-api/server-tls.ts makes it, with the user's client certificate where there is one. */
  tls: ClientTls;
  /** Whether the kubeconfig names no CA, so that the system's are trusted. */
  hasNoAuthority?: boolean;
  /** The kubeconfig's proxy-url, which comes before the environment's. */
  proxy?: URL | undefined;
}

export interface ApiAccess {
  server: ApiServer;
  /** A bearer token: a secret. Without one, and without a client certificate, the request is anonymous. */
  token?: string | undefined;
  /** Whom the caller asks to be. */
  impersonate?: Impersonation | undefined;
  http: Http;
}

export interface ApiRequest {
  method: "GET" | "POST";
  /** `/version`. */
  path: string;
  body?: object;
}

/**
 * One exchange. Its answer is a Kubernetes API server's, and neither a 401, a 429, a 5xx nor a redirect.
 * @throws EksX509Error of hop api-server
 */
export async function ask(access: ApiAccess, { method, path, body }: ApiRequest): Promise<Answer> {
  const { server, token, impersonate, http } = access;
  refuseToAsk(access);
  const url = new URL(server.url.pathname.replace(/\/+$/, "") + path, server.url);
  const answer = await http({
    hop: "api-server",
    service: "the API server",
    endpoint: server.url,
    request: () =>
      Promise.resolve({
        method,
        url,
        headers: headersOf(url, token, body),
        ...(impersonate && { repeated: impersonationHeaders(impersonate) }),
        body: textOf(body),
      }),
    throttles: ({ status }) => status === 429,
    tls: server.tls,
    proxy: proxyOf(server),
  });
  const failure = answerFailure(answer, access);
  if (failure) throw failure;
  return answer;
}

function refuseToAsk({ server: { url, proxy }, token, impersonate }: ApiAccess): void {
  if (token !== undefined && url.protocol === "http:" && !isLoopback(url)) throw tokenOverPlainHttp(url);
  const problem = unusableProxy(proxy) ?? (impersonate && unsendable(impersonate));
  if (problem) throw problem;
}

/** Go, and so kubectl, asks no proxy of the environment's for this machine itself: httpproxy, Config. */
function proxyOf({ url, proxy }: ApiServer): URL | "none" | undefined {
  return proxy ?? (isLoopback(url) ? "none" : undefined);
}

function headersOf(
  { host }: URL,
  token: string | undefined,
  body: object | undefined,
): Record<string, string> {
  return {
    host,
    accept: "application/json",
    ...(body && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}

function textOf(body: object | undefined): string {
  return body ? JSON.stringify(body) : "";
}
