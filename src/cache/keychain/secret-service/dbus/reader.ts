/** Reads the format of Writer in both byte orders. Throws RangeError for truncated data and unknown types. Pure. */

export class Reader {
  readonly #bytes: Buffer;
  readonly #littleEndian: boolean;
  #at: number;

  constructor(bytes: Buffer, littleEndian: boolean, start = 0) {
    this.#bytes = bytes;
    this.#littleEndian = littleEndian;
    this.#at = start;
  }

  get position(): number {
    return this.#at;
  }

  align(boundary: number): this {
    this.#at += (boundary - (this.#at % boundary)) % boundary;
    return this;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#at++);
  }

  uint32(): number {
    this.align(4);
    const value = this.#littleEndian
      ? this.#bytes.readUInt32LE(this.#at)
      : this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  string(): string {
    return this.#text(this.uint32());
  }

  signature(): string {
    return this.#text(this.byte());
  }

  byteArray(): Buffer {
    return this.#take(this.uint32());
  }

  array<Element>(boundary: number, element: () => Element): Element[] {
    const length = this.uint32();
    this.align(boundary);
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("an array is cut short");
    const elements: Element[] = [];
    while (this.#at < end) elements.push(element());
    return elements;
  }

  strings(): string[] {
    return this.array(4, () => this.string());
  }

  /** a{ss} */
  dictionary(): Map<string, string> {
    return new Map(this.array(8, () => [this.align(8).string(), this.string()]));
  }

  /** The types that headers and the requested answers contain. */
  variant(): string | number | boolean | Map<string, string> {
    const type = this.signature();
    if (type === "s" || type === "o") return this.string();
    if (type === "g") return this.signature();
    if (type === "u") return this.uint32();
    if (type === "b") return this.uint32() !== 0;
    if (type === "a{ss}") return this.dictionary();
    throw new RangeError("a value of an unknown type");
  }

  #text(length: number): string {
    const text = this.#take(length).toString("utf8");
    this.#at += 1;
    return text;
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("a value is cut short");
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}
