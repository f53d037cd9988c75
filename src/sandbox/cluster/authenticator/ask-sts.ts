/** The authenticator's request to the sandbox's STS: HTTPS to 127.0.0.1, for a URL that names the real STS. */
import { request } from "node:https";
import type { StsRequest } from "../../../aws/sts/ask-sts.ts";
import type { StsAnswer } from "./authenticator.ts";

export interface StsAddress {
  /** Of the AWS endpoint on 127.0.0.1. */
  port: number;
  /** PEM of the sandbox's own CA, the only one trusted. */
  certificateAuthority: string;
}

/** Of the real authenticator, in milliseconds. */
const timeout = 10_000;

/** STS's answers are far shorter. */
const longestAnswer = 64 * 1024;

/**
 * Sends what the real authenticator sends: a GET with the token's Host and the cluster's name, which accepts JSON and follows
 * no redirect. Rejects when STS does not answer.
 */
export function askSts({
  port,
  certificateAuthority,
}: StsAddress): (request: StsRequest, clusterName: string) => Promise<StsAnswer> {
  return ({ host, target }, clusterName) =>
    new Promise((resolve, reject) => {
      const headers = { host, "x-k8s-aws-id": clusterName, accept: "application/json" };
      const options = {
        host: "127.0.0.1",
        port,
        path: target,
        headers,
        ca: certificateAuthority,
        // Host is STS's, the certificate loopback's.
        servername: "localhost",
        timeout,
        agent: false,
      };
      const outgoing = request(options, (incoming) => {
        let body = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => {
          body += chunk;
          if (body.length > longestAnswer) outgoing.destroy(new Error("answer is too long"));
        });
        incoming.on("end", () => {
          resolve({ status: incoming.statusCode ?? 0, body });
        });
        incoming.on("error", reject);
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error("timed out")));
      outgoing.on("error", reject);
      outgoing.end();
    });
}
