/**
 * Tokens hold bytes, not text: what comes out of base64 need not be UTF-8, and the real verifier looks at
 * bytes. A byte string has one character, U+0000 to U+00FF, for each byte.
 */

/** The text whose UTF-8 form a byte string is; U+FFFD stands for what is not UTF-8. */
export function textOf(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

export function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

/** In double quotes, as Go's `%q` prints a string: what cannot be printed is escaped. */
export function quoted(bytes: string): string {
  const units =
    bytes.match(/[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[^]/g) ?? [];
  return `"${units.map(quotedUnit).join("")}"`;
}

function quotedUnit(unit: string): string {
  const short = shortEscapes[unit];
  if (short !== undefined) return short;
  if (/^[ -~]$/.test(unit)) return unit;
  const text = textOf(unit);
  if (unit.length === 1 || text.includes("\ufffd"))
    return [...Buffer.from(unit, "latin1")].map(hexEscape).join("");
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u.test(text) ? text : unicodeEscape(text.codePointAt(0) ?? 0);
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

function unicodeEscape(codePoint: number): string {
  const digits = codePoint.toString(16);
  return codePoint > 0xffff ? `\\U${digits.padStart(8, "0")}` : `\\u${digits.padStart(4, "0")}`;
}
