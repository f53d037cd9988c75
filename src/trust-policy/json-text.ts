/** JSON whose objects have each key once. RFC 8259 §4: of two members with one name, each reader keeps another one. */
import { parseJson } from "../foundation/json.ts";

/** Why a text is no such JSON, or no policy or profile. It completes "the file …". */
export class DocumentProblem {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

/** Thrown where a document is read, with the words of its problem. */
export class Malformed extends Error {}

/** The value that is read, or the problem for which it is Malformed. */
export function orProblem<T>(read: () => T): T | DocumentProblem {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed) return new DocumentProblem(error.message);
    throw error;
  }
}

export function uniqueJson(text: string): { value: unknown } | DocumentProblem {
  const value = parseJson(text.replace(/^\uFEFF/, ""));
  if (value === undefined) return new DocumentProblem("is not JSON");
  const key = repeatedKey(text);
  return key === undefined
    ? { value }
    : new DocumentProblem(`has the key ${JSON.stringify(key)} twice in one object`);
}

const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/gs;

/** @param text valid JSON, in which only a key is a string before a colon */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [written, colon] of text.matchAll(token)) {
    if (written === "{") open.push(new Set());
    else if (written === "}") open.pop();
    else if (colon !== undefined) {
      const key = String(parseJson(written.slice(0, -colon.length)));
      if (open.at(-1)?.has(key)) return key;
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}
