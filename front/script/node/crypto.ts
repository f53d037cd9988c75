/** node:crypto, as far as the front's part uses it: SHA-256 and its HMAC. */
import { Buffers } from "../bytes.ts";
import { host } from "../host.ts";

type Digest = (bytes: Uint8Array) => Uint8Array;

class Hash {
  readonly #parts: Uint8Array[];
  readonly #digest: Digest;

  constructor(digest: Digest, parts: readonly Uint8Array[] = []) {
    this.#digest = digest;
    this.#parts = [...parts];
  }

  update(content: string | Uint8Array): this {
    this.#parts.push(typeof content === "string" ? host.encode(content) : content);
    return this;
  }

  copy(): Hash {
    return new Hash(this.#digest, this.#parts);
  }

  digest(): Uint8Array;
  digest(encoding: "hex"): string;
  digest(encoding?: "hex"): Uint8Array | string {
    const [first, ...more] = this.#parts;
    const digest = this.#digest(first && more.length === 0 ? first : Buffers.concat(this.#parts));
    return encoding === undefined ? digest : host.hex(digest);
  }
}

export function createHash(name: string): Hash {
  return name === "sha256" ? new Hash(host.sha256) : host.handOver();
}

export function createHmac(name: string, key: string | Uint8Array): Hash {
  if (name !== "sha256") return host.handOver();
  const bytes = typeof key === "string" ? host.encode(key) : key;
  return new Hash((content) => host.hmacSha256(bytes, content));
}

export function hash(name: string, content: string | Uint8Array, encoding: "hex"): string {
  return createHash(name).update(content).digest(encoding);
}
