/** RC2 in CBC mode, RFC 2268: decryption alone. Old PKCS#12 files have it, and Node's OpenSSL does not. */

/** RFC 2268 §2: a permutation of 0 to 255 from the digits of pi. */
const pi = Buffer.from(
  "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09" +
    "817d32bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423d" +
    "d430a33cb6266fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052ee" +
    "f784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a85" +
    "23b8b47afc02365b255597312d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d" +
    "38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad",
  "hex",
);

const blockLength = 8;

/**
 * @param key its length in bits is the effective key length too
 * @returns undefined where the padding is wrong, as with a wrong key
 */
export function decryptedByRc2(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Buffer | undefined {
  if (bytes.length === 0 || bytes.length % blockLength !== 0) return undefined;
  const words = expanded(key);
  const plain = Buffer.alloc(bytes.length);
  let previous = iv;
  for (let start = 0; start < bytes.length; start += blockLength) {
    const block = bytes.subarray(start, start + blockLength);
    decryptBlock(words, block).forEach((byte, at) => (plain[start + at] = byte ^ (previous[at] ?? 0)));
    previous = block;
  }
  const padding = plain.at(-1) ?? 0;
  const isPadded = padding >= 1 && padding <= 8 && plain.subarray(-padding).every((byte) => byte === padding);
  return isPadded ? plain.subarray(0, -padding) : undefined;
}

/** RFC 2268 §2. */
function expanded(key: Uint8Array): Uint16Array {
  const bytes = Buffer.alloc(128);
  bytes.set(key);
  const at = (index: number): number => bytes[index] ?? 0;
  const substituted = (byte: number): number => pi[byte & 0xff] ?? 0;
  for (let i = key.length; i < 128; i += 1) bytes[i] = substituted(at(i - 1) + at(i - key.length));
  bytes[128 - key.length] = substituted(at(128 - key.length));
  for (let i = 127 - key.length; i >= 0; i -= 1) bytes[i] = substituted(at(i + 1) ^ at(i + key.length));
  return Uint16Array.from({ length: 64 }, (_, i) => bytes.readUInt16LE(2 * i));
}

const shifts = [1, 2, 3, 5] as const;

/** RFC 2268 §4. */
function decryptBlock(words: Uint16Array, block: Uint8Array): Buffer {
  const r = Uint16Array.from({ length: 4 }, (_, i) => Buffer.from(block).readUInt16LE(2 * i));
  const at = (index: number): number => r[(index + 4) % 4] ?? 0;
  let next = 63;
  const mix = (): void => {
    for (let i = 3; i >= 0; i -= 1) {
      const shift = shifts[i] ?? 0;
      const rotated = (at(i) >>> shift) | (at(i) << (16 - shift));
      r[i] = rotated - (words[next] ?? 0) - (at(i - 1) & at(i - 2)) - (~at(i - 1) & at(i - 3));
      next -= 1;
    }
  };
  const mash = (): void => {
    for (let i = 3; i >= 0; i -= 1) r[i] = at(i) - (words[at(i - 1) & 63] ?? 0);
  };
  for (let round = 15; round >= 0; round -= 1) {
    mix();
    if (round === 11 || round === 5) mash();
  }
  const plain = Buffer.alloc(blockLength);
  r.forEach((word, i) => plain.writeUInt16LE(word, 2 * i));
  return plain;
}
