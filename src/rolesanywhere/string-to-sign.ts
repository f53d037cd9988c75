/** SigV4, task 2: the string to sign, with one of the SigV4-X509 algorithms in place of the HMAC one. */
import type { SigningAlgorithm } from "../identity/signer.ts";
import { sha256Hex } from "./canonical-request.ts";

/** `20261122/us-west-2/rolesanywhere/aws4_request`. */
export function credentialScope(amzDate: string, region: string): string {
  return [amzDate.slice(0, 8), region, "rolesanywhere", "aws4_request"].join("/");
}

export function stringToSign(
  algorithm: SigningAlgorithm,
  amzDate: string,
  scope: string,
  canonicalRequest: string,
): string {
  return [algorithm, amzDate, scope, sha256Hex(canonicalRequest)].join("\n");
}

/** `20261122T155806Z`: ISO 8601 basic format, UTC, whole seconds. */
export function amzDate(date: Date): string {
  return date
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:]/g, "");
}
