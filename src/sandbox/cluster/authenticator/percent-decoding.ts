/** Percent-decoding as Go's net/url does it: strict, and different for each part of a URL. */
import { quoted } from "./byte-string.ts";

export type UrlPart = "host" | "path" | "query" | "fragment" | "userinfo";

/** What a URL cannot be parsed for. */
export class UrlProblem extends Error {
  override readonly name = "UrlProblem";
}

/** RFC 3986's unreserved and sub-delims, and what Go leaves to hosts besides. */
const hostCharacter = /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"\x80-\xff]$/;

/** @throws {UrlProblem} for a broken escape, or what may not be in a host. */
export function percentDecode(bytes: string, part: UrlPart): string {
  return bytes.replace(/%.{0,2}|[^]/gs, (unit) => {
    if (unit.startsWith("%")) return escaped(unit, part);
    if (part === "host" && !hostCharacter.test(unit)) {
      throw new UrlProblem(`invalid character ${quoted(unit)} in host name`);
    }
    return unit === "+" && part === "query" ? " " : unit;
  });
}

function escaped(unit: string, part: UrlPart): string {
  const isEscape = /^%[0-9A-Fa-f]{2}$/.test(unit);
  const value = Number.parseInt(unit.slice(1), 16);
  // RFC 3986: a host may escape only what is not ASCII.
  if (!isEscape || (part === "host" && value < 0x80 && unit !== "%25")) {
    throw new UrlProblem(`invalid URL escape ${quoted(unit)}`);
  }
  return String.fromCharCode(value);
}
