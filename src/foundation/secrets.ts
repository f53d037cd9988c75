/** The secrets that this process knows. Whoever creates, reads or sends one adds it here; src/foundation/confidential.ts keeps them out of the output. */
export class Secrets implements Iterable<string> {
  readonly #known = new Set<string>();

  add(...texts: readonly string[]): void {
    for (const text of texts) if (text !== "") this.#known.add(text);
  }

  get size(): number {
    return this.#known.size;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#known.values();
  }
}
