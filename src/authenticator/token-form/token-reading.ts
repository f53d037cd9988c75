/** A token taken apart as far as it goes, right or wrong: the checks judge it, and the claims tell of it. */
import { readQuery, type QueryReading } from "./query.ts";
import { readUrl, type UrlReading } from "./url.ts";

export const tokenPrefix = "k8s-aws-v1.";

export interface TokenReading {
  text: string;
  /** In bytes, as the verifier counts. */
  length: number;
  encodingProblem: Base64Problem | undefined;
  /** What the token encodes: a secret. */
  url: UrlReading;
  query: QueryReading;
}

/** Past this nothing was ever a token, and is not taken apart. */
const readableLength = 65_536;

export function readToken(text: string): TokenReading {
  const length = Buffer.byteLength(text, "utf8");
  const payload = text.startsWith(tokenPrefix) ? text.slice(tokenPrefix.length) : text;
  const readable = length > readableLength ? "" : payload;
  const url = readUrl(decodeBase64(readable));
  return { text, length, encodingProblem: base64Problem(readable), url, query: readQuery(url.rawQuery) };
}

// The verifier's base64: RFC 4648 section 5 without padding, as Go's base64.RawURLEncoding reads it. Carriage returns and
// line feeds are skipped wherever they stand; bits left over at the end may be anything.

export type Base64Problem = "padding" | "standard-alphabet" | "white-space" | "foreign-character" | "cut-off";

/** What keeps the verifier from decoding the text; undefined when it decodes. */
export function base64Problem(text: string): Base64Problem | undefined {
  const characters = text.replace(/[\r\n]/g, "");
  const foreign = /[^A-Za-z0-9_-]/.exec(characters)?.[0];
  if (foreign !== undefined) return problemOf(foreign);
  return characters.length % 4 === 1 ? "cut-off" : undefined;
}

function problemOf(character: string): Base64Problem {
  if (character === "=") return "padding";
  if (/[+/]/.test(character)) return "standard-alphabet";
  return /\s/.test(character) ? "white-space" : "foreign-character";
}

/** The bytes, one character each, as Go's strings are bytes; of a text with a problem, what can be made out. */
export function decodeBase64(text: string): string {
  return Buffer.from(text, "base64url").toString("latin1");
}
