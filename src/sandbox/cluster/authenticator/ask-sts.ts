/** The authenticator's request to the sandbox's STS: HTTPS to 127.0.0.1, for a URL that names the real STS. */
import type { StsRequest } from "../../../aws/sts/ask-sts.ts";
import { type LoopbackAddress, send, textOf } from "../loopback-client.ts";
import type { StsAnswer } from "./authenticator.ts";

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
