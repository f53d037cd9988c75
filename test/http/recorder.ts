/** A server's listener that remembers what it was asked. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";

export interface Recorded {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
  /** The name that TLS was asked for (SNI); false when none was. */
  servername: string | false | undefined;
  /** Common name of the client's certificate. */
  client: string | undefined;
}

/** Answers with each status in turn, the last one for ever; a text among them is the body. */
export function recorder(...answers: (number | string)[]) {
  const requests: Recorded[] = [];
  const statuses = answers.filter((answer) => typeof answer === "number");
  const body = answers.find((answer) => typeof answer === "string") ?? "";
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const status = statuses[Math.min(requests.length, statuses.length - 1)] ?? 500;
    const { method, url, headers } = request;
    const recorded = { method, url, headers, body: "", ...tlsOf(request) };
    requests.push(recorded);
    request.on("data", (chunk: Buffer) => (recorded.body += chunk.toString()));
    void once(request, "end").then(() => response.writeHead(status, { "x-amzn-requestid": "id" }).end(body));
  };
  return { requests, listener };
}

function tlsOf({ socket }: IncomingMessage): Pick<Recorded, "servername" | "client"> {
  if (!(socket instanceof TLSSocket)) return { servername: undefined, client: undefined };
  const servername = "servername" in socket && typeof socket.servername === "string" && socket.servername;
  return { servername, client: socket.getPeerX509Certificate()?.subject };
}
