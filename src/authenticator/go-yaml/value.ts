/** The values that goyaml.v2 reads from a YAML text, in the form that encoding/json receives. */
import { margin } from "./lexemes.ts";

interface Placed {
  /** Counted from 1, within the text. */
  line: number;
}

export interface YamlText extends Placed {
  kind: "text";
  text: string;
}

/** Null, a truth value or a number. None of them is text, so a text field stays empty. */
export interface YamlAtom extends Placed {
  kind: "null" | "bool" | "number";
  /** As written. */
  source: string;
}

export interface YamlList extends Placed {
  kind: "list";
  items: readonly YamlValue[];
}

export interface YamlMap extends Placed {
  kind: "map";
  /** In the order in which encoding/json reads them: by key. */
  fields: readonly YamlField[];
}

export interface YamlField extends Placed {
  key: string;
  value: YamlValue;
}

export type YamlValue = YamlText | YamlAtom | YamlList | YamlMap;

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

// Lines and columns of a text, both counted from 1.

export interface Place {
  line: number;
  column: number;
}

export class Places {
  readonly #text: string;
  readonly #starts: readonly number[];

  /** @param text the result of indentFlow. The columns are those before it */
  constructor(text: string) {
    this.#text = text;
    this.#starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  }

  at(offset: number): Place {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#starts[low] ?? 0;
    const moved = this.#text.startsWith(margin, start) ? margin.length : 0;
    return { line: low + 1, column: Math.max(offset - start - moved, 0) + 1 };
  }
}
