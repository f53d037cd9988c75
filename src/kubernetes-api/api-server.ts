/** One request to a cluster's API server. Kubernetes API reference, "API Access". */
import type { Answer } from "../http/exchange.ts";
import { isLoopback } from "../http/endpoint.ts";
import { checkAccess, impersonationHeaders, type ApiAccess, type ApiServer } from "./access.ts";
import { answerFailure } from "./answers.ts";

export interface ApiRequest {
  method: "GET" | "POST";
  /** `/version`. */
  path: string;
  body?: object;
}

/**
 * @returns the answer of a Kubernetes API server, which is not a 401, a 429, a 5xx or a redirect
 * @throws EksX509Error of hop api-server
 */
export async function ask(access: ApiAccess, { method, path, body }: ApiRequest): Promise<Answer> {
  const { server, token, impersonate, http } = access;
  checkAccess(access);
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

/** Go, and so kubectl, does not use the environment's proxy for loopback addresses: httpproxy, Config. */
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
