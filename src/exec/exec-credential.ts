/** The ExecCredential that client-go reads on stdout. */
import type { ApiVersion } from "../kubeconfig/exec-versions.ts";

export interface IssuedToken {
  token: string;
  expiration: Date;
}

/** One line of JSON. The time is RFC 3339 in whole seconds, rounded down. */
export function execCredential(apiVersion: ApiVersion, { token, expiration }: IssuedToken): string {
  const expirationTimestamp = expiration.toISOString().replace(/\.\d+Z$/, "Z");
  return `${JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token, expirationTimestamp } })}\n`;
}
