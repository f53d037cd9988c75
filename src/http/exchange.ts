/** One request and its answer. Redirects are not followed, and the body is bounded. */
import { request, type IncomingMessage, type RequestOptions } from "node:http";
import { version } from "../foundation/version.ts";
import { KnownFault, proxyRefusal } from "./faults.ts";
import { connect, type EarlyConnection, type Route } from "./route.ts";
import type { Socket } from "node:net";
import { urlToHttpOptions } from "node:url";
import { portOf } from "./endpoint.ts";

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
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** A CreateSession response has a few kilobytes. */
const longestBody = 1024 * 1024;

/**
 * The sockets come from here, so node:http makes HTTPS requests too, and node:https is not loaded.
 * @param signal ends the exchange at any stage
 * @param early a connection to the server, without a proxy
 */
export async function exchange(
  { method, url, target, headers, repeated, body }: OutgoingRequest,
  route: Route,
  signal: AbortSignal,
  early?: EarlyConnection,
): Promise<Answer> {
  const tunnel = route.proxy && (await openTunnel(url, route.proxy, signal));
  const options: RequestOptions = {
    method,
    path: target ?? url.pathname + url.search,
    headers: { ...headers, ...repeated, "user-agent": `eks-x509/${version}` },
    createConnection: () => early?.take() ?? connect(url, route.tls, tunnel),
    signal,
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(options, resolve).on("error", reject).end(body);
  });
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join()]),
    ),
    body: await boundedText(response),
  };
}

function boundedText(body: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    body.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= longestBody) chunks.push(chunk);
      else body.destroy(new KnownFault("RESPONSE_TOO_LARGE", `more than ${longestBody} bytes`));
    });
    body.on("error", reject);
    body.on("end", () => {
      resolve(Buffer.concat(chunks).toString("utf8"));
    });
    body.on("close", () => {
      reject(Object.assign(new Error("the connection ended within the answer"), { code: "ECONNRESET" }));
    });
  });
}

/**
 * CONNECT, RFC 9110 §9.3.6. node:http limits the headers of the answer.
 * @throws KnownFault if the proxy refuses
 */
function openTunnel(
  target: URL,
  { url, tls }: NonNullable<Route["proxy"]>,
  signal: AbortSignal,
): Promise<Socket> {
  const authority = `${target.hostname}:${portOf(target)}`;
  const { auth } = urlToHttpOptions(url);
  const asked = request({
    method: "CONNECT",
    path: authority,
    headers: {
      host: authority,
      ...(auth && { "proxy-authorization": `Basic ${Buffer.from(auth).toString("base64")}` }),
    },
    createConnection: () => connect(url, tls),
    signal,
  });
  return new Promise((resolve, reject) => {
    asked.once("connect", ({ statusCode = 0, headers }, socket: Socket, head) => {
      if (statusCode >= 200 && statusCode < 300) {
        socket.unshift(head);
        resolve(socket);
      } else {
        socket.destroy();
        reject(proxyRefusal(statusCode, headers["proxy-authenticate"] ?? "", Boolean(auth)));
      }
    });
    asked.on("error", reject).end();
  });
}
