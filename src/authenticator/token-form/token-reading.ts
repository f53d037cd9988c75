/** Takes a token apart as far as possible, right or wrong, for the checks and the claims. */
import type { CodeOf } from "../../foundation/errors.ts";
import { readQuery, valueOf, type QueryReading } from "./query.ts";
import { readUrl, type UrlReading } from "./url.ts";

export const tokenPrefix = "k8s-aws-v1.";

/** aws-iam-authenticator, pkg/token, maxTokenLenBytes: refuses a longer token before it reads it. */
export const longestToken = 4096;

export interface TokenReading {
  text: string;
  /** In bytes, as the verifier counts. */
  length: number;
  encodingProblem: Base64Problem | undefined;
  /** The URL in the token, which is a secret. */
  url: UrlReading;
  query: QueryReading;
  /** Undefined if X-Amz-Date is not a date. */
  signedAt: Date | undefined;
}

/** No token is longer, so a longer text is not taken apart. */
const readableLength = 65_536;

export function readToken(text: string): TokenReading {
  const length = Buffer.byteLength(text, "utf8");
  const payload = text.startsWith(tokenPrefix) ? text.slice(tokenPrefix.length) : text;
  const readable = length > readableLength ? "" : payload;
  // One character for each byte, because Go's strings are bytes. Of a broken text, the readable bytes.
  const url = readUrl(Buffer.from(readable, "base64url").toString("latin1"));
  const query = readQuery(url.rawQuery);
  const signedAt = readSigningDate(valueOf(query, "x-amz-date"));
  return { text, length, encodingProblem: base64Problem(readable), url, query, signedAt };
}

// The verifier's base64: RFC 4648 section 5 without padding, as Go's base64.RawURLEncoding reads it. Carriage returns and
// line feeds are skipped everywhere; the remaining bits at the end can have any value.

type Base64Problem = Extract<CodeOf<"refused", "token">, `TOKEN_BASE64_${string}`>;

/** The reason why the verifier cannot decode the text; undefined if it can. */
function base64Problem(text: string): Base64Problem | undefined {
  const characters = text.replace(/[\r\n]/g, "");
  const foreign = /[^A-Za-z0-9_-]/.exec(characters)?.[0];
  if (foreign === undefined) return characters.length % 4 === 1 ? "TOKEN_BASE64_CUT_OFF" : undefined;
  if (foreign === "=") return "TOKEN_BASE64_PADDED";
  if (/[+/]/.test(foreign)) return "TOKEN_BASE64_ALPHABET";
  return /\s/.test(foreign) ? "TOKEN_BASE64_WHITE_SPACE" : "TOKEN_BASE64_CHARACTER";
}

// X-Amz-Date as Go's time.Parse reads it in the layout 20060102T150405Z: a fraction can follow the seconds.

const layout = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:[.,](\d+))?Z$/;

/** In UTC, to the millisecond. */
export function readSigningDate(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second, fraction = ""] = layout.exec(text) ?? [];
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`);
  // JavaScript turns 31 February into 3 March, and 24:00 into the next midnight. Go refuses both.
  return date.getUTCDate() === Number(day) ? date : undefined;
}

export function dateProblem(text: string): "TOKEN_DATE_MALFORMED" | "TOKEN_DATE_IMPOSSIBLE" | undefined {
  if (readSigningDate(text)) return undefined;
  return layout.test(text) ? "TOKEN_DATE_IMPOSSIBLE" : "TOKEN_DATE_MALFORMED";
}

/** STS accepts a presigned URL for 15 minutes from X-Amz-Date and ignores X-Amz-Expires. */
export function validUntil(signedAt: Date): Date {
  return new Date(signedAt.getTime() + 15 * 60_000);
}
