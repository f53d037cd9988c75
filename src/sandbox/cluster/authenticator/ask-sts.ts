/** How the authenticator asks the sandbox's STS: by HTTPS, for a URL that names the real one. */
import { request } from "node:https";
import type { StsAnswer } from "./identity.ts";

export interface StsAddress {
  /** Of the AWS endpoint on 127.0.0.1. */
  port: number;
  /** PEM of the sandbox's own CA, the only one trusted. */
  certificateAuthority: string;
}

/** The real authenticator waits no longer, in milliseconds. */
const timeout = 10_000;

/** STS's answers are far shorter. */
const longestAnswer = 64 * 1024;

/**
 * Asks as the real authenticator does: GET with the token's own Host, the cluster's name, for JSON, and no
 * redirects. Rejects when there is no answer.
 */
export function askSts({
  port,
  certificateAuthority,
}: StsAddress): (url: string, clusterName: string) => Promise<StsAnswer> {
  return (url, clusterName) =>
    new Promise((resolve, reject) => {
      const [, host = "", path = ""] = /^https:\/\/([^/]*)(\/.*)$/s.exec(url) ?? [];
      const headers = { host, "x-k8s-aws-id": clusterName, accept: "application/json" };
      const options = {
        host: "127.0.0.1",
        port,
        path,
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
