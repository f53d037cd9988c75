/** JSON from outside is `unknown` until it is checked. */
import { unsafeCharacters } from "./shown.ts";

/** Undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A JSON object, not null and not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const unsafe = new RegExp(`(?!\\n)[${unsafeCharacters}]`, "gu");

/** The JSON of every command: a parser reads the same text, and a terminal shows it safely. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2).replace(unsafe, escaped)}\n`;
}

/** RFC 8259 §7: a character outside the Basic Multilingual Plane has two escapes. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
