/** The values that goyaml.v2 reads from a YAML text, in the form that encoding/json receives. */

interface Placed {
  /** Counted from 1, within the text. */
  line: number;
}

/** Null, a truth value and a number are not text, so a text field stays empty. Their source is as written. */
export type YamlAtom = { kind: "null" | "bool" | "number"; source: string } & Placed;
export type YamlText = { kind: "text"; text: string } & Placed;
export type YamlField = { key: string; value: YamlValue } & Placed;
/** The fields are in the order in which encoding/json reads them: by key. */
export type YamlValue =
  | YamlAtom
  | YamlText
  | ({ kind: "list"; items: readonly YamlValue[] } & Placed)
  | ({ kind: "map"; fields: readonly YamlField[] } & Placed);

/** Why a complete text is unreadable. */
export interface YamlProblem {
  why: string;
  line: number;
  column: number;
}

/** Why a complete list is unreadable, with an offset into its text. Thrown and caught within this folder. */
export class Lost extends Error {
  readonly offset: number;

  constructor(why: string, offset: number) {
    super(why);
    this.offset = offset;
  }
}

/** Lines and columns of a text, both counted from 1. */
export class Places {
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  }

  at(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}
