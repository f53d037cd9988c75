/** Takes a token apart as far as possible, right or wrong, for the checks and the claims. */
import { readQuery, type QueryReading } from "./query.ts";
import { readUrl, type UrlReading } from "./url.ts";

export const tokenPrefix = "k8s-aws-v1.";

export interface TokenReading {
  text: string;
  /** In bytes, as the verifier counts. */
  length: number;
  encodingProblem: Base64Problem | undefined;
  /** The URL in the token, which is a secret. */
  url: UrlReading;
  query: QueryReading;
}

/** No token is longer, so a longer text is not taken apart. */
const readableLength = 65_536;

export function readToken(text: string): TokenReading {
  const length = Buffer.byteLength(text, "utf8");
  const payload = text.startsWith(tokenPrefix) ? text.slice(tokenPrefix.length) : text;
  const readable = length > readableLength ? "" : payload;
  const url = readUrl(decodeBase64(readable));
  return { text, length, encodingProblem: base64Problem(readable), url, query: readQuery(url.rawQuery) };
}

// The verifier's base64: RFC 4648 section 5 without padding, as Go's base64.RawURLEncoding reads it. Carriage returns and
// line feeds are skipped everywhere; the remaining bits at the end can have any value.

export type Base64Problem = "padding" | "standard-alphabet" | "white-space" | "foreign-character" | "cut-off";

/** The reason why the verifier cannot decode the text; undefined if it can. */
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

/** The bytes, one character each, because Go's strings are bytes. For a broken text, the readable bytes. */
export function decodeBase64(text: string): string {
  return Buffer.from(text, "base64url").toString("latin1");
}
