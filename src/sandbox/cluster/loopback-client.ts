/** Requests to the sandbox's own servers on 127.0.0.1, over TLS of the sandbox's own CA. */
import type { IncomingMessage } from "node:http";
import { type RequestOptions, request } from "node:https";
import type { StsRequest } from "../../aws/sts/ask-sts.ts";
import type { StsAnswer } from "./authenticator/authenticator.ts";

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

/** Of the real authenticator, in milliseconds. */
const timeout = 10_000;

/** STS's answers are far shorter. */
const longestAnswer = 64 * 1024;

/**
 * Sends what the real authenticator sends: a GET with the token's Host and the cluster's name, which accepts JSON and follows
 * no redirect. Rejects when STS does not answer. `address` is that of the AWS endpoint.
 */
export const askSts =
  (address: LoopbackAddress) =>
  async ({ host, target: path }: StsRequest, clusterName: string): Promise<StsAnswer> => {
    const headers = { host, "x-k8s-aws-id": clusterName, accept: "application/json" };
    const answer = await send(address, { path, headers, servername: "localhost", timeout });
    return { status: answer.statusCode ?? 0, body: await textOf(answer, longestAnswer) };
  };
