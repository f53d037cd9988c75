/** Requests to the sandbox's own servers on 127.0.0.1, over TLS of the sandbox's own CA. */
import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";

export interface LoopbackAddress {
  port: number;
  /** PEM, the only CA that is trusted. */
  certificateAuthority: string;
}

/**
 * Follows no redirect. Rejects if there is no answer. `servername` is the name that the certificate must have, if the Host header is
 * another; `timeout` counts milliseconds without a byte.
 */
export function send(
  { port, certificateAuthority: ca }: LoopbackAddress,
  { body, ...outgoing }: RequestOptions & { body?: string | undefined },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, ca, agent: false, ...outgoing }, resolve);
    sent.on("timeout", () => sent.destroy(new Error("timed out")));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Rejects if the answer breaks off, or has more characters than `longest`. */
export async function textOf(answer: IncomingMessage, longest = Infinity): Promise<string> {
  answer.setEncoding("utf8");
  let text = "";
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.length > longest) throw new Error("answer is too long");
  }
  return text;
}
