/** D-Bus's wire format, little-endian. Values are aligned to their size, from the start of the message. Pure. */

export class Writer {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  align(boundary: number): this {
    return this.raw(Buffer.alloc((boundary - (this.#length % boundary)) % boundary));
  }

  byte(value: number): this {
    return this.raw(Buffer.of(value));
  }

  uint32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return this.align(4).raw(bytes);
  }

  /** Also writes an object path. */
  string(value: string): this {
    return this.byteArray(Buffer.from(value, "utf8")).byte(0);
  }

  signature(value: string): this {
    return this.byte(value.length).raw(Buffer.from(value, "latin1")).byte(0);
  }

  byteArray(value: Uint8Array): this {
    return this.uint32(value.length).raw(value);
  }

  /** The padding before the first element is not part of the length. */
  array(boundary: number, elements: () => void): this {
    const length = Buffer.alloc(4);
    this.align(4).raw(length).align(boundary);
    const start = this.#length;
    elements();
    length.writeUInt32LE(this.#length - start);
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
}
