/** The parts of one length of many texts, as a hash table: a search grows with the searched text alone, not with the number of texts. */
export class SharedParts {
  readonly length: number;
  readonly #hash: RollingHash;
  /** As UTF-16 units. A line break follows each, which no searched text has. */
  #texts = new Uint16Array(64);
  #end = 0;
  #indexed = 0;
  /** By hash: the last part with this hash, as its start plus one. Zero is none. */
  #heads = new Uint32Array(64);
  /** By start: the previous part of the same hash. Equal parts are one, so that a repetitive text makes no long chain. */
  #previous = new Uint32Array(64);

  /** @param length in UTF-16 units */
  constructor(length: number) {
    this.length = length;
    this.#hash = new RollingHash(length);
  }

  add(text: string): void {
    if (text.length < this.length) return;
    const end = this.#end + text.length + 1;
    if (end > this.#texts.length) {
      const larger = new Uint16Array(2 ** Math.ceil(Math.log2(end)));
      larger.set(this.#texts);
      this.#texts = larger;
    }
    this.#texts.set(unitsOf(`${text}\n`), this.#end);
    this.#end = end;
  }

  /** @returns the starts of the parts of this text that are in one of the added texts, ascending */
  startsIn(text: string): number[] {
    this.#indexNew();
    const starts: number[] = [];
    const units = unitsOf(text);
    this.#hash.each(units, 0, units.length, (start, hash) => {
      if (this.#has(units, start, this.#slot(hash))) starts.push(start);
    });
    return starts;
  }

  #indexNew(): void {
    if (this.#texts.length > this.#previous.length) {
      const size = this.#texts.length;
      [this.#heads, this.#previous, this.#indexed] = [new Uint32Array(size), new Uint32Array(size), 0];
    }
    this.#hash.each(this.#texts, this.#indexed, this.#end, (start, hash) => {
      const slot = this.#slot(hash);
      this.#indexed = start + 1;
      if (this.#has(this.#texts, start, slot)) return;
      this.#previous[start] = this.#heads[slot] ?? 0;
      this.#heads[slot] = start + 1;
    });
  }

  #slot(hash: number): number {
    return hash & (this.#heads.length - 1);
  }

  #has(units: Uint16Array, start: number, slot: number): boolean {
    let candidate = this.#heads[slot] ?? 0;
    while (candidate > 0 && !this.#isEqual(candidate - 1, units, start))
      candidate = this.#previous[candidate - 1] ?? 0;
    return candidate > 0;
  }

  #isEqual(candidate: number, units: Uint16Array, start: number): boolean {
    for (let offset = 0; offset < this.length; offset++)
      if (this.#texts[candidate + offset] !== units[start + offset]) return false;
    return true;
  }
}

/** The hash of each part of a text, from that of the previous one (Rabin and Karp, 1987), with the last steps of MurmurHash2. */
class RollingHash {
  readonly #length: number;
  /** The weight of a part's first unit. */
  readonly #first: number;

  constructor(length: number) {
    this.#length = length;
    this.#first = Array.from({ length: length - 1 }).reduce<number>((power) => Math.imul(power, base), 1);
  }

  each(units: Uint16Array, from: number, end: number, use: (start: number, hash: number) => void): void {
    let sum = 0;
    for (let at = from; at < end; at++) {
      const left = at - this.#length;
      if (left >= from) sum = sum - Math.imul(units[left] ?? 0, this.#first);
      sum = (Math.imul(sum, base) + (units[at] ?? 0)) | 0;
      if (left >= from - 1) use(left + 1, mixed(sum));
    }
  }
}

function mixed(sum: number): number {
  const hash = Math.imul(sum ^ (sum >>> 13), 0x5bd1e995);
  return hash ^ (hash >>> 15);
}

function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at++) units[at] = text.charCodeAt(at);
  return units;
}

/** Odd, and of this process alone: nobody can prepare texts whose parts all have one hash. */
const base = Math.floor(Math.random() * 2 ** 32) | 1;
