/** Percent-encoding as Go's net/url undoes it, on strings of bytes (one character each). RFC 3986 section 2.1. */

/** A percent sign that no two hexadecimal digits follow: Go refuses the whole text. */
const brokenEscape = /%(?![0-9A-Fa-f]{2})/;

/** Undefined when an escape is broken. */
export function unescape(text: string): string | undefined {
  if (brokenEscape.test(text)) return undefined;
  return text.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** In a query a plus is a space. */
export function unescapeQuery(text: string): string | undefined {
  return unescape(text.replaceAll("+", " "));
}
