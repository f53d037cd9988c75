/** A TLS server on loopback that calls a handler. No other module of the sandbox uses sockets. */
import { once } from "node:events";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { type Server, type ServerOptions as TlsServerOptions, createServer } from "node:https";
import type { Duplex } from "node:stream";
import type { Handler, WireRequest, WireResponse } from "./wire.ts";

export interface ServerOptions {
  handler: Handler;
  /** PEM, for 127.0.0.1. */
  certificate: string;
  /** PEM. */
  privateKey: string;
  /** A free port if undefined. */
  port?: number;
  /** For the Date header of each answer, with which clients measure clock skew. */
  now: () => Date;
  limits?: typeof usualLimits;
}

/** Milliseconds until a slow client gets a 408: for its headers, and for its whole request. `check` is the time between two looks. */
const usualLimits = { headers: 10_000, request: 30_000, check: 1_000 };

export type LoopbackServer = Awaited<ReturnType<typeof startServer>>;

/** No request of AWS or Kubernetes that the sandbox supports comes near this size. */
const longestBody = 1024 * 1024;

/** Room for a leaf and five RSA intermediates in headers. Node's default is 16 KiB. */
const longestHeaders = 64 * 1024;

/** Starts to listen. `close` ends open connections too, idle or not. @throws the system's error, for example EADDRINUSE. */
export async function startServer(options: ServerOptions) {
  const { handler, port = 0, now } = options;
  const server = createServer(tlsOptions(options), (request, response) => {
    response.sendDate = false;
    response.setHeader("date", now().toUTCString());
    void answer(request, handler).then((result) => {
      send(response, result);
    });
  });
  const connections = connectionsOf(server);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const actual = typeof address === "object" && address !== null ? address.port : port;
  return { url: `https://127.0.0.1:${actual}`, port: actual, close: () => close(server, connections) };
}

function tlsOptions({ certificate, privateKey, limits = usualLimits }: ServerOptions): TlsServerOptions {
  return {
    cert: certificate,
    key: privateKey,
    maxHeaderSize: longestHeaders,
    handshakeTimeout: limits.headers,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    connectionsCheckingInterval: limits.check,
  };
}

/** Also those that have not spoken TLS yet, which Node's closeAllConnections leaves open. */
function connectionsOf(server: Server): ReadonlySet<Duplex> {
  const connections = new Set<Duplex>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
  });
  return connections;
}

async function answer(incoming: IncomingMessage, handler: Handler): Promise<WireResponse> {
  try {
    const body = await readBody(incoming);
    if (body === undefined) return plain(413, "request body is larger than 1 MiB");
    return await handler(wireRequest(incoming, body));
  } catch {
    return plain(500, "internal error");
  }
}

/** Undefined if the body is too long. The rest is still read, so that the answer arrives. */
function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= longestBody) chunks.push(chunk);
      else resolve(undefined);
    });
    incoming.on("end", () => {
      resolve(Buffer.concat(chunks));
    });
    incoming.on("error", reject);
  });
}

function wireRequest(
  { method = "GET", url = "/", headersDistinct }: IncomingMessage,
  body: Buffer,
): WireRequest {
  const at = url.indexOf("?");
  const path = at < 0 ? url : url.slice(0, at);
  const headers = Object.entries(headersDistinct).map(([name, values]): [string, string] => [
    name,
    (values ?? []).join(","),
  ]);
  return { method, path, rawQuery: at < 0 ? "" : url.slice(at + 1), headers: new Map(headers), body };
}

function plain(status: number, text: string): WireResponse {
  return { status, headers: { "content-type": "text/plain", connection: "close" }, body: `${text}\n` };
}

function send(response: ServerResponse, { status, headers, body }: WireResponse): void {
  response.writeHead(status, headers);
  response.end(body);
}

async function close(server: Server, connections: ReadonlySet<Duplex>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  for (const connection of connections) connection.destroy();
  await closed;
}
