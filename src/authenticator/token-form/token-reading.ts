/** A token taken apart as far as it goes, right or wrong: the checks judge it, and the claims tell of it. */
import { base64Problem, decodeBase64, type Base64Problem } from "./base64url.ts";
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
