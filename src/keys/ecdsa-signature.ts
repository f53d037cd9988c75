/** An ECDSA signature as r and s in one (IEEE P1363), made the ASN.1 that Roles Anywhere wants: Ecdsa-Sig-Value, RFC 3279 §2.2.3. */
import { derLength, sequence } from "../identity/asn1.ts";

export function ecdsaSignature(rAndS: Uint8Array): Buffer {
  const half = rAndS.length / 2;
  return sequence([integer(rAndS.subarray(0, half)), integer(rAndS.subarray(half))]);
}

/** @param magnitude big endian, unsigned, with any number of leading zeros */
export function integer(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.alloc(1) : Buffer.from(magnitude.subarray(first));
  const body = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits;
  return Buffer.concat([Buffer.from([0x02]), derLength(body.length), body]);
}
