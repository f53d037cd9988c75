/** One request and its answer, on the SDK's own handler. No redirects; a bounded body. */
import { Readable } from "node:stream";
import { HttpRequest } from "@smithy/core/protocols";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { version } from "../foundation/version.ts";
import type { Route } from "./agent.ts";
import { ProxyRefusal, ResponseTooLarge } from "./fault.ts";

export interface OutgoingRequest {
  method: string;
  /** Where it goes, whatever its Host header says. */
  url: URL;
  /** Path and query, sent octet for octet in place of the URL's: what is signed already must not be encoded again. */
  target?: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Headers that are sent once for each value. */
  repeated?: Readonly<Record<string, readonly string[]>>;
  body: string;
}

export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Time for the connection, to the server or the proxy. */
const connectTimeout = 5_000;
/** A CreateSession response has a few kilobytes. */
const longestBody = 1024 * 1024;

/** @param signal ends the exchange, whichever stage it is in */
export async function exchange(request: OutgoingRequest, route: Route, signal: AbortSignal): Promise<Answer> {
  const handler = new NodeHttpHandler({
    connectionTimeout: connectTimeout,
    httpAgent: route.agent,
    httpsAgent: route.agent,
  });
  const { response } = await handler.handle(httpRequest(request), { abortSignal: signal });
  // 407 is a proxy's word alone, RFC 9110 §15.5.8: one for plain http says it in the server's place.
  const refusal =
    route.proxyRefusal() ?? (response.statusCode === 407 && route.proxy !== undefined ? 407 : undefined);
  if (refusal !== undefined) throw new ProxyRefusal(refusal);
  return { status: response.statusCode, headers: response.headers, body: await boundedText(response.body) };
}

function httpRequest({ method, url, target, headers, repeated, body }: OutgoingRequest): HttpRequest {
  const request = new HttpRequest({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== "" && { port: Number(url.port) }),
    path: target ?? url.pathname,
    query: target === undefined ? Object.fromEntries(url.searchParams) : {},
    headers: { ...headers, "user-agent": `eks-x509/${version}` },
    body,
  });
  // The SDK's type knows one value a name; node:http, which they are handed to as they are, sends a line for each.
  Object.assign(request.headers, repeated);
  return request;
}

async function boundedText(body: unknown): Promise<string> {
  if (!(body instanceof Readable)) return "";
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > longestBody) throw new ResponseTooLarge(longestBody);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
