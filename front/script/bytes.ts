/** Node's Buffer, as far as the front's part uses it. */
import { host } from "./host.ts";

class Bytes extends Uint8Array {
  override toString(encoding = "utf8"): string {
    if (encoding === "utf8") return host.decode(this);
    if (encoding === "hex") return host.hex(this);
    if (encoding === "base64url") return host.base64url(this);
    return encoding === "latin1" ? latin1(this) : host.handOver();
  }
}

/** A function takes a limited number of arguments. */
const piece = 4096;

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += piece)
    text += String.fromCharCode(...bytes.subarray(start, start + piece));
  return text;
}

/** @param more the encoding of a text; the start and the length in an ArrayBuffer */
function from(source: string | ArrayBuffer | ArrayLike<number>, ...more: unknown[]): Bytes {
  const [first, second] = more;
  if (typeof source === "string")
    return first === undefined || first === "utf8" ? new Bytes(host.encode(source)) : host.handOver();
  if (!(source instanceof ArrayBuffer)) return new Bytes(source);
  return typeof first === "number" && typeof second === "number"
    ? new Bytes(source, first, second)
    : new Bytes(source);
}

function concat(parts: readonly Uint8Array[]): Bytes {
  const whole = new Bytes(parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

export const Buffers = {
  from,
  concat,
  alloc: (length: number): Bytes => new Bytes(length),
  byteLength: (text: string): number => host.encode(text).length,
};
