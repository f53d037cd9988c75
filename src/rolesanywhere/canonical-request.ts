/**
 * SigV4, task 1: the canonical request.
 * Reference: AWS General Reference, "Create a signed AWS API request"; IAM Roles Anywhere user guide,
 * "Authentication process for IAM Roles Anywhere", which keeps this step unchanged.
 */
import { createHash } from "node:crypto";

/** A request before it is signed. */
export interface UnsignedRequest {
  method: string;
  /** Already percent-encoded, and normalised: Roles Anywhere's only path is `/sessions`. */
  path: string;
  query: readonly (readonly [name: string, value: string])[];
  /** The headers to sign, all of them; names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

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

/** `name:value\n` for each, sorted; values trimmed, runs of spaces folded. */
function canonicalHeaders(headers: UnsignedRequest["headers"]): string {
  return Object.entries(headers)
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}\n`)
    .join("");
}

/** RFC 3986: everything but the unreserved characters, which encodeURIComponent leaves five short. */
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

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
