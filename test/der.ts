/** DER written by hand (X.690), for certificates that no library agrees to make: version 1, SHA-1, negative serials, dates out of range. */

export function tlv(tag: number, ...content: Uint8Array[]): Buffer {
  const value = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(value.length)]), value]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export const sequence = (...content: Uint8Array[]): Buffer => tlv(0x30, ...content);
export const set = (...content: Uint8Array[]): Buffer => tlv(0x31, ...content);
export const octetString = (...content: Uint8Array[]): Buffer => tlv(0x04, ...content);
export const utf8String = (text: string): Buffer => tlv(0x0c, Buffer.from(text));
export const asnNull = (): Buffer => tlv(0x05);
export const asnTrue = (): Buffer => tlv(0x01, Buffer.from([0xff]));
/** Context-specific and constructed: `[number] EXPLICIT`. */
export const explicit = (number: number, ...content: Uint8Array[]): Buffer => tlv(0xa0 + number, ...content);

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return tlv(0x03, Buffer.from([unusedBits]), bytes);
}

/** Two's complement, in as few octets as it takes. */
export function integer(value: bigint): Buffer {
  let octets = 1;
  while (BigInt.asIntN(octets * 8, value) !== value) octets += 1;
  const hex = BigInt.asUintN(octets * 8, value)
    .toString(16)
    .padStart(octets * 2, "0");
  return tlv(0x02, Buffer.from(hex, "hex"));
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
    octets.unshift((rest % 128) | 0x80);
  return octets;
}

/** GeneralizedTime; any text may be given, so that a date can be wrong. */
export function generalizedTime(date: Date | string): Buffer {
  const text =
    typeof date === "string"
      ? date
      : date
          .toISOString()
          .replace(/\.\d+Z$/, "Z")
          .replace(/[-:T]/g, "");
  return tlv(0x18, Buffer.from(text));
}
