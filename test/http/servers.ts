/** Servers on loopback, on free ports: right ones and wrong ones. They keep no process alive, and end with the one that runs the tests. */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server as HttpServer,
} from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import { connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { keyPair, leaf, root, type Issued } from "../certificates.ts";
import { until } from "../until.ts";

export interface Listening {
  port: number;
  /** `http://127.0.0.1:PORT` or `https://…`. */
  origin: string;
}

export const ca = root("Test TLS Root");

/** A server's certificate, for a name or an address. */
export function serverCertificate(host: string, issuer: Issued = ca): Issued {
  return leaf(issuer, { name: host, keys: keyPair("p256", "server"), hosts: [host] });
}

export async function httpServer(listener: RequestListener): Promise<Listening> {
  return listen(createHttpServer(listener), "http");
}

export async function httpsServer(
  listener: RequestListener,
  certificate = serverCertificate("127.0.0.1"),
  more: ServerOptions = {},
): Promise<Listening> {
  const options = { cert: certificate.pem, key: certificate.keyPem, ...more };
  return listen(createHttpsServer(options, listener), "https");
}

export async function tcpServer(onConnection: (socket: Socket) => void): Promise<Listening> {
  return listen(createTcpServer(onConnection), "http");
}

/** What a proxy saw, and what it did. */
export interface Proxy extends Listening {
  /** `host:port` of each CONNECT, or the whole URL of each plain request. */
  asked: string[];
  authorizations: (string | undefined)[];
}

/** A proxy that leads every tunnel to one port of this machine, whatever name was asked for. */
export async function tunnelProxy(target: { port: number }, certificate?: Issued): Promise<Proxy> {
  return connectProxy((socket, head) => {
    const upstream = connect(target.port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [socket, upstream]) end.on("error", () => upstream.destroy());
  }, certificate);
}

/** A proxy with a given answer to each CONNECT; over TLS if it has a certificate. */
export async function connectProxy(
  onConnect: (socket: Socket, head: Buffer) => void,
  certificate?: Issued,
): Promise<Proxy> {
  const server = certificate
    ? createHttpsServer({ cert: certificate.pem, key: certificate.keyPem })
    : createHttpServer();
  const seen = witness();
  server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    seen.note(request);
    socket.on("error", () => undefined);
    onConnect(socket, head);
  });
  return { ...(await listen(server, certificate ? "https" : "http")), ...seen };
}

/** A proxy for plain http, which answers for the server. */
export async function plainProxy(listener: RequestListener): Promise<Proxy> {
  const seen = witness();
  const listening = await httpServer((request, response) => {
    seen.note(request);
    listener(request, response);
  });
  return { ...listening, ...seen };
}

function witness() {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const note = ({ url, headers }: IncomingMessage): void => {
    asked.push(url ?? "");
    authorizations.push(headers["proxy-authorization"]);
  };
  return { asked, authorizations, note };
}

/** A port that nothing listens on: the system gives it to nobody, as it could any port that was just free. */
export const refusingPort = 1;

async function listen(server: Server | HttpServer, scheme: string): Promise<Listening> {
  server.on("connection", (socket: Socket) => {
    socket.unref().on("error", () => undefined);
  });
  const port = await portOf(server);
  server.unref();
  return { port, origin: `${scheme}://127.0.0.1:${port}` };
}

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

/** The real tinyproxy, which lets one user in. */
export async function tinyproxy(user: string, password: string): Promise<{ port: number; stop: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "tinyproxy-"));
  const file = join(folder, "tinyproxy.conf");
  for (;;) {
    // Below the ports that the system gives to others. Where it is taken all the same, tinyproxy ends.
    const port = randomInt(20_000, 32_000);
    writeFileSync(file, `Port ${port}\nListen 127.0.0.1\nTimeout 60\nBasicAuth ${user} ${password}\n`);
    const process = spawn("/usr/bin/tinyproxy", ["-d", "-c", file], { stdio: "ignore" });
    const isUp = await until(async () => {
      if (process.exitCode !== null) return "ended";
      return (await isOpen(port)) && "listens";
    });
    if (isUp === "ended") continue;
    const stop = (): void => {
      process.kill();
      rmSync(folder, { recursive: true });
    };
    return { port, stop };
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    }).on("error", () => {
      resolve(false);
    });
  });
}
