/**
 * SigV4-X509: from an unsigned request to its Authorization header. IAM Roles Anywhere user guide, "Authentication
 * process for IAM Roles Anywhere". It uses SigV4's canonical request and string to sign. It derives no key: the
 * certificate's own key signs.
 */
import { createHash } from "node:crypto";
import type { Signer, SigningAlgorithm } from "../identity/signer.ts";

export interface UnsignedRequest {
  method: string;
  /** Already percent-encoded and normalised. Roles Anywhere's only path is `/sessions`. */
  path: string;
  query: readonly (readonly [name: string, value: string])[];
  /** All headers to sign, with names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface SigningContext {
  signer: Signer;
  /** The leaf's serial number, in the place of SigV4's access key id. */
  serial: bigint;
  region: string;
  /** The same text as the request's x-amz-date header. */
  amzDate: string;
}

export interface Authorization {
  header: string;
  /** Hex, lower case. It must never be printed. */
  signature: string;
}

export async function authorize(
  request: UnsignedRequest,
  { signer, serial, region, amzDate }: SigningContext,
): Promise<Authorization> {
  const scope = credentialScope(amzDate, region);
  const text = stringToSign(signer.algorithm, amzDate, scope, canonicalRequest(request));
  const signature = Buffer.from(await signer.sign(Buffer.from(text, "utf8"))).toString("hex");
  const signed = signedHeaders(request.headers);
  return {
    header: `${signer.algorithm} Credential=${serial}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
    signature,
  };
}

/** Task 1. AWS General Reference, "Create a signed AWS API request". */
export function canonicalRequest(request: UnsignedRequest): string {
  return [
    request.method,
    request.path,
    canonicalQuery(request.query),
    canonicalHeaders(request.headers),
    signedHeaders(request.headers),
    sha256Hex(request.body),
  ].join("\n");
}

/** Sorted by encoded name, then by encoded value. */
export function canonicalQuery(query: UnsignedRequest["query"]): string {
  return query
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => byCodePoint(nameA, nameB) || byCodePoint(valueA, valueB))
    .map((pair) => pair.join("="))
    .join("&");
}

/** `a;b;c`: the names, sorted. */
export function signedHeaders(headers: UnsignedRequest["headers"]): string {
  return Object.keys(headers).sort(byCodePoint).join(";");
}

/** `name:value\n` for each, sorted, with values trimmed and runs of spaces folded. */
function canonicalHeaders(headers: UnsignedRequest["headers"]): string {
  return Object.entries(headers)
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}\n`)
    .join("");
}

/** RFC 3986: everything but the unreserved characters. encodeURIComponent leaves five more. */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function byCodePoint(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function stringToSign(
  algorithm: SigningAlgorithm,
  amzDate: string,
  scope: string,
  canonicalRequest: string,
): string {
  return [algorithm, amzDate, scope, sha256Hex(canonicalRequest)].join("\n");
}

/** `20261122/us-west-2/rolesanywhere/aws4_request`. */
export function credentialScope(amzDate: string, region: string): string {
  return [amzDate.slice(0, 8), region, "rolesanywhere", "aws4_request"].join("/");
}

/** `20261122T155806Z`: ISO 8601 basic format, UTC, whole seconds. */
export function amzDate(date: Date): string {
  return date.toISOString().replace(/\.\d+|[-:]/g, "");
}

function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
