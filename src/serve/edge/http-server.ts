/** An HTTP server with limits on headers, bodies, connections and time. */
import { once } from "node:events";
import {
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
  createServer,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { systemCode } from "../../foundation/system-error.ts";
import type { Answer, RequestFacts } from "../answers.ts";
import { bracketed } from "../hosts.ts";
import type { ListenOptions, Listening } from "../ports.ts";
import { connectionLimit } from "./connection-limit.ts";
import { setHopLimit, type Native } from "./system-calls.ts";

/** Bytes. The headers of an SDK are less than one KiB, and no request has a body. */
const longestHeaders = 16 * 1024;
const longestBody = 16 * 1024;
/** Of one connection. No SDK sends a request before it has the answer to the last one. */
const mostUnread = 32;
/** Milliseconds: for the headers of a request, for a whole request, for an idle connection; `check` is the time between two looks. */
const limits = { headers: 5_000, request: 10_000, idle: 10_000, check: 1_000 };
/** Milliseconds for the open requests at the end. */
const patienceAtEnd = 500;

/**
 * @param native loads koffi
 * @param most of the connections that are open at the same time
 */
export async function listen(
  options: ListenOptions,
  native: Native,
  most = connectionLimit(),
): Promise<Listening> {
  const { address, port, hopLimit } = options;
  const server = serverWith(options);
  const connections = connectionsOf(server, most);
  server.listen(port, address);
  await once(server, "listening");
  const actual = server.address();
  const bound = typeof actual === "object" && actual !== null ? actual : { address, port };
  if (hopLimit !== undefined)
    try {
      setHopLimit(bound, hopLimit, native);
    } catch (error) {
      server.close();
      throw error;
    }
  return { url: `http://${bracketed(address)}:${bound.port}`, close: () => close(server, connections) };
}

function serverWith({ answer, onMalformed }: ListenOptions): Server {
  const server = createServer({
    maxHeaderSize: longestHeaders,
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: limits.check,
    // The answer to such a request is ours, and is counted.
    requireHostHeader: false,
  });
  const respond = (request: IncomingMessage, response: ServerResponse, problem?: Answer): void => {
    const { status, headers, body } = problem ?? answer(factsOf(request));
    if (problem) onMalformed(status);
    response.shouldKeepAlive = response.shouldKeepAlive && !problem && server.listening;
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (isFlood(request.socket, response, onMalformed)) return;
    const problem = problemOf(request);
    if (problem) {
      respond(request, response, problem);
      return;
    }
    if (expectationOf(request) !== "") response.writeContinue();
    whenRead(request, (isTooLong) => {
      respond(request, response, isTooLong ? tooLong : undefined);
    });
  };
  // All of them, because a header that is left out is not checked. Their bytes are limited.
  server.maxHeadersCount = 0;
  server.setTimeout(limits.request);
  server.on("clientError", (error, socket) => {
    refuse(error, socket, onMalformed);
  });
  // Without a listener, Node itself answers a request with Expect, and closes the connection of CONNECT.
  for (const event of ["request", "checkContinue", "checkExpectation"]) server.on(event, handle);
  server.on("connect", (_request, socket) => {
    endWith(405, socket, onMalformed);
  });
  return server;
}

const unread = new WeakMap<Socket, number>();

/** Ends the connection of a client that sends requests and does not read the answers, which would fill the memory. */
function isFlood(
  socket: Socket,
  response: ServerResponse,
  onMalformed: ListenOptions["onMalformed"],
): boolean {
  if (socket.destroyed) return true;
  const count = (unread.get(socket) ?? 0) + 1;
  unread.set(socket, count);
  response.on("close", () => unread.set(socket, (unread.get(socket) ?? 1) - 1));
  if (count <= mostUnread) return false;
  onMalformed(429);
  socket.destroy();
  return true;
}

function refusal(status: number, body: string): Answer {
  return { status, headers: { "content-type": "text/plain" }, body };
}

const tooLong = refusal(413, "the request has a body");
/** Node reads a request line without a version, and headers behind it, as HTTP/0.9. */
const otherVersion = refusal(400, "not HTTP/1.1");
/** RFC 9110 §10.1.1. */
const otherExpectation = refusal(417, "the Expect header is not 100-continue");

/** What is wrong with a request before its body is there. */
function problemOf(request: IncomingMessage): Answer | undefined {
  if (request.httpVersionMajor !== 1) return otherVersion;
  if (Number(request.headers["content-length"] ?? 0) > longestBody) return tooLong;
  return /^(100-continue)?$/i.test(expectationOf(request)) ? undefined : otherExpectation;
}

/** That of HTTP/1.0 is ignored. */
function expectationOf({ httpVersionMinor, headers }: IncomingMessage): string {
  return httpVersionMinor === 0 ? "" : (headers.expect ?? "");
}

/** Reads a body without keeping it. RFC 9112 §6.3: a request with neither of these headers has none, and is answered at once. */
function whenRead(request: IncomingMessage, done: (isTooLong: boolean) => void): void {
  const { headers } = request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) {
    done(false);
    return;
  }
  let length = 0;
  const count = (chunk: Buffer): void => {
    length += chunk.length;
    if (length <= longestBody) return;
    request.off("data", count).off("end", ended).resume();
    done(true);
  };
  const ended = (): void => {
    done(false);
  };
  request.on("data", count).on("end", ended);
}

function factsOf({ method = "", url = "", headersDistinct, socket }: IncomingMessage): RequestFacts {
  const headers = new Map<string, readonly string[]>();
  for (const name in headersDistinct) {
    const values = headersDistinct[name];
    if (values) headers.set(name, values);
  }
  return { method, target: url, headers, localAddress: socket.localAddress ?? "" };
}

const statuses: Readonly<Record<string, number | undefined>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

function refuse(error: Error, socket: Duplex, onMalformed: ListenOptions["onMalformed"]): void {
  const code = systemCode(error);
  if (code === "ECONNRESET" || !socket.writable) socket.destroy();
  else endWith(statuses[code] ?? 400, socket, onMalformed);
}

/** RFC 9112 §2.2: an answer, and the end of the connection, whose further bytes have no meaning. */
function endWith(status: number, socket: Duplex, onMalformed: ListenOptions["onMalformed"]): void {
  onMalformed(status);
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`;
  socket.end(`${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

/**
 * Above the limit, the connection that has waited longest since its last request ends: a new one would otherwise wait until the headers
 * of those that send none are overdue. A client sends its request at once, so it has its answer before its connection is the oldest.
 */
function connectionsOf(server: Server, most: number): ReadonlySet<Socket> {
  /** The one that has waited longest is the first. */
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    const [oldest] = connections;
    if (oldest && connections.size >= most) {
      connections.delete(oldest);
      oldest.destroy();
    }
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
  });
  server.on("request", ({ socket }: IncomingMessage) => {
    if (connections.delete(socket)) connections.add(socket);
  });
  return connections;
}

async function close(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  // For Node, a connection without a first request is not idle.
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, patienceAtEnd);
  await closed;
  clearTimeout(timer);
}
