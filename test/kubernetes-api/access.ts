/** Access to API servers that are none: each answers what the test says. */
import type { ClientTls } from "../../src/http/route.ts";
import { httpClient, type Call } from "../../src/http/client.ts";
import type { Answer, OutgoingRequest } from "../../src/http/exchange.ts";
import type { ApiAccess } from "../../src/kubernetes-api/access.ts";

export const token = `k8s-aws-v1.${"aHR0cHM6Ly9zdHMudXMtd2VzdC0yLmFtYXpvbmF3cy5jb20vP0FjdGlvbj1".repeat(3)}`;

export interface Answering {
  access: ApiAccess;
  calls: Call[];
  requests: OutgoingRequest[];
}

/** Answers with each in turn, the last one for ever; an object is the body's JSON. */
export function answering(
  answers: readonly (Partial<Answer> & { json?: unknown })[],
  {
    url = "https://cluster.example",
    tls = {},
    own = token,
  }: { url?: string; tls?: ClientTls; own?: string | undefined } = {},
): Answering {
  const calls: Call[] = [];
  const requests: OutgoingRequest[] = [];
  const http = async (call: Call): Promise<Answer> => {
    const { json, ...answer } = answers[Math.min(calls.length, answers.length - 1)] ?? {};
    calls.push(call);
    requests.push(await call.request());
    return { status: 200, headers: {}, body: json === undefined ? "" : JSON.stringify(json), ...answer };
  };
  return { access: { server: { url: new URL(url), tls }, token: own || undefined, http }, calls, requests };
}

export function status(code: number, message: string): { status: number; json: unknown } {
  return { status: code, json: { kind: "Status", apiVersion: "v1", status: "Failure", message, code } };
}

/** Over the network, with this token and TLS. */
export function accessTo(url: string, tls: ClientTls, own: string | undefined, env = {}): ApiAccess {
  const trustStore = () => Promise.resolve(undefined);
  const http = httpClient({ env, trustStore, maxAttempts: 1, onAttempt: () => undefined });
  return { server: { url: new URL(url), tls }, token: own, http };
}
