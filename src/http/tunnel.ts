/** A connection to a server through a proxy, by CONNECT. node:http limits the headers of the answer. RFC 9110 §9.3.6. */
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { urlToHttpOptions } from "node:url";
import { portOf } from "./endpoint.ts";
import { proxyRefusal } from "./faults.ts";
import { connect, type Route } from "./route.ts";

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
