/**
 * The verifier's base64: RFC 4648 section 5 without padding, as Go's base64.RawURLEncoding reads it. Carriage returns and
 * line feeds are skipped wherever they stand; bits left over at the end may be anything.
 */

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
