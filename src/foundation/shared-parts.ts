/** The parts of one length of many texts, as a hash table: a search grows with the searched text alone, not with the number of texts. */
export class SharedParts {
  readonly length: number;
  /** Each followed by a line break, which no searched text has. */
  #texts = "";
  #indexed = 0;
  /** By hash: the last part with this hash, as its start plus one. Zero is none. */
  #heads = new Uint32Array(64);
  /** By start: the previous part of the same hash. Equal parts are one, so that a repetitive text makes no long chain. */
  #previous = new Uint32Array(64);

  /** @param length in UTF-16 units */
  constructor(length: number) {
    this.length = length;
  }

  add(text: string): void {
    if (text.length >= this.length) this.#texts += `${text}\n`;
  }

  /** @returns the starts of the parts of this text that are in one of the added texts, ascending */
  startsIn(text: string): number[] {
    this.#indexNew();
    const starts: number[] = [];
    for (let start = 0; start + this.length <= text.length; start++)
      if (this.#has(text, start)) starts.push(start);
    return starts;
  }

  #indexNew(): void {
    if (this.#texts.length > this.#previous.length) {
      const size = 2 ** Math.ceil(Math.log2(this.#texts.length));
      [this.#heads, this.#previous, this.#indexed] = [new Uint32Array(size), new Uint32Array(size), 0];
    }
    for (; this.#indexed + this.length < this.#texts.length; this.#indexed++) {
      if (this.#has(this.#texts, this.#indexed)) continue;
      const slot = this.#slot(this.#texts, this.#indexed);
      this.#previous[this.#indexed] = this.#heads[slot] ?? 0;
      this.#heads[slot] = this.#indexed + 1;
    }
  }

  #has(text: string, start: number): boolean {
    let candidate = this.#heads[this.#slot(text, start)] ?? 0;
    while (candidate > 0 && !this.#isEqual(candidate - 1, text, start))
      candidate = this.#previous[candidate - 1] ?? 0;
    return candidate > 0;
  }

  /** MurmurHash2's multiplier and last steps. */
  #slot(text: string, start: number): number {
    let hash = seed;
    for (let at = start; at < start + this.length; at++)
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x5bd1e995);
    hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995);
    return (hash ^ (hash >>> 15)) & (this.#heads.length - 1);
  }

  #isEqual(candidate: number, text: string, start: number): boolean {
    for (let offset = 0; offset < this.length; offset++)
      if (this.#texts.charCodeAt(candidate + offset) !== text.charCodeAt(start + offset)) return false;
    return true;
  }
}

/** Of this process alone: nobody can prepare texts whose parts all have one hash. */
const seed = Math.floor(Math.random() * 2 ** 32);
