/** The parts of one length of many texts, as a hash table: a search grows with the searched text alone, not with the number of texts. */
export class SharedParts {
  readonly length: number;
  readonly #hash: RollingHash;
  /** As UTF-16 units. A line break follows each, which no searched text has. */
  #texts = new Uint16Array(64);
  #end = 0;
  #indexed = 0;
  /** The start of each text, ascending. */
  readonly #firsts: number[] = [];
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
    this.#firsts.push(this.#end);
    this.#end = end;
  }

  /** The length of all added texts. */
  get size(): number {
    return this.#end;
  }

  /**
   * @param part of the one length
   * @returns the index of the first added text that has it
   */
  ownerOf(part: string): number | undefined {
    this.#indexNew();
    const units = unitsOf(part);
    const { heads, slots } = this.#table();
    const [hash = 0] = this.#hash.ofParts(units, 0, units.length);
    const found = this.#find(units, 0, heads[hash & slots] ?? 0);
    if (found === undefined) return undefined;
    let [low, high] = [0, this.#firsts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#firsts[middle] ?? 0) <= found) low = middle;
      else high = middle;
    }
    return low;
  }

  /** @returns the starts of the parts of this text that are in one of the added texts, ascending */
  startsIn(text: string): number[] {
    if (text.length < this.length || this.#end === 0) return [];
    this.#indexNew();
    const starts: number[] = [];
    const units = unitsOf(text);
    const hashes = this.#hash.ofParts(units, 0, units.length);
    const { heads, slots } = this.#table();
    for (let start = 0; start < hashes.length; start++) {
      const head = heads[(hashes[start] ?? 0) & slots] ?? 0;
      if (head > 0 && this.#find(units, start, head) !== undefined) starts.push(start);
    }
    return starts;
  }

  #indexNew(): void {
    if (this.#indexed === this.#end) return;
    this.#grow();
    const [texts, previous, first] = [this.#texts, this.#previous, this.#indexed];
    const { heads, slots } = this.#table();
    const hashes = this.#hash.ofParts(texts, first, this.#end);
    for (let at = 0; at < hashes.length; at++) {
      const slot = (hashes[at] ?? 0) & slots;
      const head = heads[slot] ?? 0;
      const start = first + at;
      if (head > 0 && this.#find(texts, start, head) !== undefined) continue;
      previous[start] = head;
      heads[slot] = start + 1;
    }
    this.#indexed = this.#end;
  }

  /** Makes room for the parts that are not indexed yet. A larger table needs all parts again, so it becomes much larger. */
  #grow(): void {
    if (this.#end > this.#heads.length)
      [this.#heads, this.#indexed] = [new Uint32Array(4 * this.#texts.length), 0];
    if (this.#texts.length === this.#previous.length) return;
    const previous = new Uint32Array(this.#texts.length);
    previous.set(this.#previous.subarray(0, this.#indexed));
    this.#previous = previous;
  }

  #table(): { heads: Uint32Array; slots: number } {
    return { heads: this.#heads, slots: this.#heads.length - 1 };
  }

  /**
   * @param head the last part with the same hash, as in `#heads`
   * @returns the start of the same part
   */
  #find(units: Uint16Array, start: number, head: number): number | undefined {
    const [texts, previous, length] = [this.#texts, this.#previous, this.length];
    for (let candidate = head; candidate > 0; candidate = previous[candidate - 1] ?? 0) {
      let same = 0;
      while (same < length && texts[candidate - 1 + same] === units[start + same]) same++;
      if (same === length) return candidate - 1;
    }
    return undefined;
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

  /** @returns the hash of the part at `from`, and of each later one that ends before `end` */
  ofParts(units: Uint16Array, from: number, end: number): Int32Array {
    const [length, weight] = [this.#length, this.#first];
    const hashes = new Int32Array(Math.max(0, end - from - length + 1));
    let sum = 0;
    for (let at = from; at < end; at++) {
      const left = at - length;
      if (left >= from) sum = sum - Math.imul(units[left] ?? 0, weight);
      sum = (Math.imul(sum, base) + (units[at] ?? 0)) | 0;
      if (left >= from - 1) hashes[left + 1 - from] = mixed(sum);
    }
    return hashes;
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
