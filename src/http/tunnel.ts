/** A connection to a server through a proxy, by CONNECT. node:http limits the headers of the answer. RFC 9110 §9.3.6. */
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { urlToHttpOptions } from "node:url";
import { hostOf, portOf } from "./endpoint.ts";
import { proxyRefusal } from "./faults.ts";
import type { Route } from "./route.ts";

/** In milliseconds, for the connection to the server or the proxy. */
export const connectTimeout = 5_000;

export function timedOut(): Error {
  return Object.assign(new Error("the connection took too long"), { code: "ETIMEDOUT" });
}

/** @throws KnownFault if the proxy refuses */
export function openTunnel(
  target: URL,
  { url, tls }: NonNullable<Route["proxy"]>,
  signal: AbortSignal,
): Promise<Socket> {
  const authority = `${target.hostname}:${portOf(target)}`;
  const { auth } = urlToHttpOptions(url);
  const { request } = url.protocol === "https:" ? https : http;
  const asked = request({
    method: "CONNECT",
    host: hostOf(url),
    port: portOf(url),
    path: authority,
    headers: {
      host: authority,
      ...(auth && { "proxy-authorization": `Basic ${Buffer.from(auth).toString("base64")}` }),
    },
    agent: false,
    signal,
    timeout: connectTimeout,
    ...tls,
  });
  return new Promise((resolve, reject) => {
    asked.once("connect", ({ statusCode = 0, headers }, socket: Socket, head) => {
      if (statusCode >= 200 && statusCode < 300) {
        socket.setTimeout(0);
        socket.unshift(head);
        resolve(socket);
      } else {
        socket.destroy();
        reject(proxyRefusal(statusCode, headers["proxy-authenticate"] ?? "", Boolean(auth)));
      }
    });
    asked.once("timeout", () => asked.destroy(timedOut()));
    asked.on("error", reject).end();
  });
}
