/** One request and its answer, with the SDK's handler. It follows no redirect, and the body is bounded. */
import { Readable } from "node:stream";
import { HttpRequest } from "@smithy/core/protocols";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { version } from "../foundation/version.ts";
import { KnownFault } from "./faults.ts";
import type { Route } from "./route.ts";

export interface OutgoingRequest {
  method: string;
  /** The destination, whatever the Host header says. */
  url: URL;
  /** Path and query, sent octet for octet instead of the URL's, because a signed text must not be encoded again. */
  target?: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Headers with several values, each sent as its own line. */
  repeated?: Readonly<Record<string, readonly string[]>>;
  body: string;
}

export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Time limit for the connection, to the server or the proxy. */
const connectTimeout = 5_000;
/** A CreateSession response has a few kilobytes. */
const longestBody = 1024 * 1024;

/** @param signal ends the exchange at any stage */
export async function exchange(request: OutgoingRequest, route: Route, signal: AbortSignal): Promise<Answer> {
  const handler = new NodeHttpHandler({
    connectionTimeout: connectTimeout,
    httpAgent: route.agent,
    httpsAgent: route.agent,
  });
  const { response } = await handler.handle(httpRequest(request), { abortSignal: signal });
  const refusal = route.refusal();
  if (refusal !== undefined) throw refusal;
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
  // The SDK's type allows one value for a name. node:http, which receives them unchanged, sends a line for each value.
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
    if (length > longestBody) throw new KnownFault("RESPONSE_TOO_LARGE", `more than ${longestBody} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
