/** Lines and columns of a text, both counting from 1. */
import { margin } from "./flow-indent.ts";

export interface Place {
  line: number;
  column: number;
}

export class Places {
  readonly #text: string;
  readonly #starts: readonly number[];

  /** @param text what indentFlow gave: columns are told as they were before it */
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
