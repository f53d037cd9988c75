/** A query as Go's url.ParseQuery reads it, on strings of bytes. */
import { cut, unescapeQuery } from "./url.ts";

export interface Parameter {
  /** As sent, unescaped. */
  name: string;
  /** As the verifier compares names. */
  lowerName: string;
  value: string;
}

export interface QueryReading {
  parameters: readonly Parameter[];
  /** The first part that Go refuses, to follow "the query "; undefined if it refuses none. */
  problem: string | undefined;
}

export function readQuery(rawQuery: string): QueryReading {
  const pairs = rawQuery.split("&").filter((pair) => pair !== "");
  const readings = pairs.map(readPair);
  return {
    parameters: readings.filter((reading) => typeof reading === "object"),
    problem: readings.find((reading) => typeof reading === "string"),
  };
}

/** A string is the problem. */
function readPair(pair: string): Parameter | string {
  if (pair.includes(";")) return "contains a semicolon";
  const [name, value] = cut(pair, "=").map(unescapeQuery);
  if (name === undefined || value === undefined) return "has a broken percent escape";
  return { name, lowerName: lowerCase(name), value };
}

/** The first value of the parameter, whatever the case of its name; empty if there is none, as in the verifier. */
export function valueOf({ parameters }: QueryReading, lowerName: string): string {
  return parameters.find((parameter) => parameter.lowerName === lowerName)?.value ?? "";
}

/** The parameters that the verifier accepts, in lower case. aws-iam-authenticator, pkg/token, parameterWhitelist. */
export const knownNames: ReadonlySet<string> = new Set([
  "action",
  "version",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
]);

/**
 * Lower case as in Go's strings.ToLower, code point by code point. The Kelvin sign becomes k and the Turkish İ becomes i,
 * so the verifier knows a name with either of them.
 */
export function lowerCase(bytes: string): string {
  return characters(bytes)
    .map((character) => (character === "\u{130}" ? "i" : character.toLowerCase()))
    .join("");
}

/** Valid UTF-8 (Unicode, table 3-7), and every byte that does not belong to it. */
const utf8 =
  /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** The code points of a string of bytes. Every byte that is not UTF-8 becomes U+FFFD, as in Go. */
export function characters(bytes: string): string[] {
  return (bytes.match(utf8) ?? []).map((sequence) =>
    sequence.length > 1 || sequence < "\x80" ? Buffer.from(sequence, "latin1").toString("utf8") : "\u{fffd}",
  );
}
