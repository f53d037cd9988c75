/** The canonical request and the string to sign: IAM User Guide, "Create a signed AWS API request", steps 1 to 3. */
import { createHash } from "node:crypto";
import type { WireRequest } from "../../wire.ts";
import { parseParameters, uriEncode } from "./parameters.ts";

/** `date/region/service/aws4_request`. */
export interface CredentialScope {
  date: string;
  region: string;
  service: string;
  terminator: string;
}

/** The request that a client should have signed, from what arrived. `except` is the parameter with the signature. */
export function canonicalRequest(
  request: WireRequest,
  signedHeaders: readonly string[],
  except?: string,
): string {
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.rawQuery, except),
    ...signedHeaders.map((name) => `${name}:${canonicalValue(request.headers.get(name) ?? "")}`),
    "",
    signedHeaders.join(";"),
    sha256(request.body),
  ].join("\n");
}

/** Step 3. `amzDate` is X-Amz-Date as sent. */
export function stringToSign(
  algorithm: string,
  amzDate: string,
  scope: CredentialScope,
  canonical: string,
): string {
  const scopeText = [scope.date, scope.region, scope.service, scope.terminator].join("/");
  return [algorithm, amzDate, scopeText, sha256(canonical)].join("\n");
}

/** Every service except S3 encodes the segments of the sent path once more. */
function canonicalPath(path: string): string {
  return path.split("/").map(uriEncode).join("/");
}

/** Sorted by encoded name, then encoded value, by code point. */
function canonicalQuery(rawQuery: string, except: string | undefined): string {
  const parameters = (parseParameters(rawQuery) ?? []).filter(({ name }) => name !== except);
  const pairs = parameters.map(({ name, value }): [string, string] => [uriEncode(name), uriEncode(value)]);
  pairs.sort((left, right) => ordinal(left[0], right[0]) || ordinal(left[1], right[1]));
  return pairs.map((pair) => pair.join("=")).join("&");
}

function ordinal(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function canonicalValue(value: string): string {
  return value.trim().replace(/ +/g, " ");
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
