/** D-Bus's wire format, little-endian. Values are aligned to their size, from the start of the message. Pure. */

export class Writer {
  #bytes = Buffer.alloc(2048);
  #length = 0;

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  align(boundary: number): this {
    const padding = (boundary - (this.#length % boundary)) % boundary;
    this.#reserve(padding);
    this.#length += padding;
    return this;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#length = this.#bytes.writeUInt8(value, this.#length);
    return this;
  }

  uint32(value: number): this {
    this.align(4).#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
    return this;
  }

  boolean(value: boolean): this {
    return this.uint32(value ? 1 : 0);
  }

  /** Also writes an object path. */
  string(value: string): this {
    const bytes = Buffer.from(value, "utf8");
    return this.uint32(bytes.length).raw(bytes).byte(0);
  }

  signature(value: string): this {
    return this.byte(value.length).raw(Buffer.from(value, "latin1")).byte(0);
  }

  byteArray(value: Uint8Array): this {
    return this.uint32(value.length).raw(value);
  }

  /** The padding before the first element is not part of the length. */
  array(boundary: number, elements: () => void): this {
    this.uint32(0);
    const lengthAt = this.#length - 4;
    this.align(boundary);
    const start = this.#length;
    elements();
    this.#bytes.writeUInt32LE(this.#length - start, lengthAt);
    return this;
  }

  strings(values: readonly string[]): this {
    return this.array(4, () => {
      for (const value of values) this.string(value);
    });
  }

  /** a{ss} */
  dictionary(entries: Readonly<Record<string, string>>): this {
    return this.array(8, () => {
      for (const [key, value] of Object.entries(entries)) this.align(8).string(key).string(value);
    });
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const larger = Buffer.alloc(wanted * 2);
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}
