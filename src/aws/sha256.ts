/** SHA-256 and HMAC-SHA-256 of node:crypto, with the interface of @smithy/signature-v4. */
import { createHash, createHmac, type BinaryLike } from "node:crypto";
import type { Checksum, SourceData } from "@smithy/types";

export class Sha256 implements Checksum {
  readonly #secret: SourceData | undefined;
  readonly #chunks: Uint8Array[] = [];

  constructor(secret?: SourceData) {
    this.#secret = secret;
  }

  update(chunk: Uint8Array | string): void {
    this.#chunks.push(Buffer.from(chunk));
  }

  digest(): Promise<Uint8Array> {
    const hash =
      this.#secret === undefined ? createHash("sha256") : createHmac("sha256", binary(this.#secret));
    for (const chunk of this.#chunks) hash.update(chunk);
    return Promise.resolve(hash.digest());
  }

  reset(): void {
    this.#chunks.length = 0;
  }
}

function binary(data: SourceData): BinaryLike {
  if (typeof data === "string") return data;
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}
