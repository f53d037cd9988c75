/**
 * What a password encrypts in key files: PBES2 (RFC 8018 §6.2) with PBKDF2 or scrypt (RFC 7914 §7), and the schemes of PKCS#12
 * (RFC 7292 appendix C) that Windows, macOS and older programs write.
 */
import { createDecipheriv, createHash, createHmac, getCipherInfo, pbkdf2Sync, scryptSync } from "node:crypto";
import { children, integer, isA, octets, oid, type Element } from "../identity/asn1.ts";
import { decryptedByRc2 } from "./rc2.ts";

/** Why bytes cannot be decrypted, apart from a wrong password. */
export class UnknownEncryption extends Error {
  /** `PBES1` for the schemes of RFC 8018 §6.1, which OpenSSL's default provider and this program do not have. */
  readonly scheme: string;
  constructor(scheme: string) {
    super(scheme);
    this.scheme = scheme;
  }
}

/** A hostile file can ask for hours of work. OpenSSL writes 2,048 iterations, Java 10,000, and password managers up to a million. */
const mostIterations = 10_000_000;
/** Bytes that scrypt fills in the time of one iteration. */
const bytesPerIteration = 200;

/** What one opening of a file may cost, whether it asks for the work in one step or in many. */
export class Effort {
  #left = mostIterations;

  /** @param rounds of a hash function. @throws UnknownEncryption */
  spend(rounds: number): void {
    this.#left -= rounds;
    if (!(this.#left >= 0)) throw new UnknownEncryption("too many iterations");
  }
}

/** Bytes. scrypt with N = 2^20 and r = 8 needs a GiB. */
const mostMemory = 1024 * 1024 * 1024 + 1024 * 1024;

/** `[algorithm of node:crypto, bytes of key, bytes of IV]` */
type Cipher = readonly [name: string, keyLength: number, ivLength: number];

const ciphers: ReadonlyMap<string, Cipher> = new Map([
  ["2.16.840.1.101.3.4.1.2", ["aes-128-cbc", 16, 16]],
  ["2.16.840.1.101.3.4.1.22", ["aes-192-cbc", 24, 16]],
  ["2.16.840.1.101.3.4.1.42", ["aes-256-cbc", 32, 16]],
  ["1.2.840.113549.3.7", ["des-ede3-cbc", 24, 8]],
]);

/** RFC 8018 appendix B.1. */
const hashes: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.2.7", "sha1"],
  ["1.2.840.113549.2.8", "sha224"],
  ["1.2.840.113549.2.9", "sha256"],
  ["1.2.840.113549.2.10", "sha384"],
  ["1.2.840.113549.2.11", "sha512"],
]);

/** RFC 7292 appendix C. */
const pkcs12Ciphers: ReadonlyMap<string, Cipher> = new Map([
  ["1.2.840.113549.1.12.1.3", ["des-ede3-cbc", 24, 8]],
  ["1.2.840.113549.1.12.1.4", ["des-ede-cbc", 16, 8]],
  ["1.2.840.113549.1.12.1.5", ["rc2", 16, 8]],
  ["1.2.840.113549.1.12.1.6", ["rc2", 5, 8]],
]);

const pbes2 = "1.2.840.113549.1.5.13";
const pbkdf2 = "1.2.840.113549.1.5.12";
const scrypt = "1.3.6.1.4.1.11591.4.11";
const pbes1 = /^1\.2\.840\.113549\.1\.5\.(1|3|4|6|10|11)$/;

/**
 * @param algorithm an AlgorithmIdentifier
 * @returns undefined for a wrong password, as far as the padding shows it
 * @throws UnknownEncryption
 */
export function decrypted(
  algorithm: Element | undefined,
  bytes: Uint8Array,
  { password, effort }: Opener,
): Uint8Array | undefined {
  const [id, parameters] = children(algorithm);
  const scheme = oid(id) ?? "";
  if (scheme === pbes2) return byPbes2(parameters, bytes, { password: password ?? "", effort });
  const cipher = pkcs12Ciphers.get(scheme);
  if (!cipher) throw new UnknownEncryption(pbes1.test(scheme) ? "PBES1" : scheme);
  const { salt, count } = saltAndCount(parameters);
  const derive = (purpose: 1 | 2, length: number): Buffer =>
    pkcs12Key({ password, effort, salt, count, purpose, length, hash: "sha1" });
  return withCipher(cipher, derive(1, cipher[1]), derive(2, cipher[2]), bytes);
}

function byPbes2(
  parameters: Element | undefined,
  bytes: Uint8Array,
  opener: TextOpener,
): Uint8Array | undefined {
  const [derivation, encryption] = children(parameters).map(children);
  const [cipherId, second] = encryption ?? [];
  const iv = octets(second);
  const cipher = ciphers.get(oid(cipherId) ?? "");
  if (!cipher || !iv) throw new UnknownEncryption(oid(cipherId) ?? "PBES2");
  return withCipher(cipher, derivedKey(derivation ?? [], opener, cipher[1]), iv, bytes);
}

interface TextOpener extends Opener {
  password: string;
}

function derivedKey([id, parameters]: readonly Element[], opener: TextOpener, length: number): Buffer {
  if (oid(id) === pbkdf2) return pbkdf2Key(pbkdf2Parameters(parameters), opener, length);
  const [first, ...rest] = children(parameters);
  const [name, salt] = [oid(id) ?? "PBES2", octets(first)];
  if (name !== scrypt || !salt) throw new UnknownEncryption(name);
  return byScrypt(rest.map(number), salt, opener, length);
}

interface Pbkdf2 {
  salt: Uint8Array;
  count: number;
  keyLength: number | undefined;
  hash: string;
}

/** RFC 8018 appendix A.2. */
function pbkdf2Parameters(parameters: Element | undefined): Pbkdf2 {
  const [first, count, ...rest] = children(parameters);
  const salt = octets(first);
  if (!salt) throw new UnknownEncryption("PBKDF2 without a salt");
  const prf = rest.map((block) => oid(children(block)[0])).find((found) => found !== undefined);
  const hash = prf === undefined ? "sha1" : hashes.get(prf);
  if (hash === undefined) throw new UnknownEncryption(prf ?? "PBKDF2");
  const keyLength = isA("integer", rest[0]) ? number(rest[0]) : undefined;
  return { salt, count: checked(number(count)), keyLength, hash };
}

function pbkdf2Key({ salt, count, hash }: Pbkdf2, { password, effort }: TextOpener, length: number): Buffer {
  // Each block of the key takes all iterations, RFC 8018 §5.2.
  effort.spend(count * Math.ceil(length / createHash(hash).digest().length));
  return pbkdf2Sync(password, salt, count, length, hash);
}

/** Bytes of PBMAC1's key: RFC 9579 §5 wants at least 20, and the longest hash has 64. */
const macKeyLengths = { fewest: 20, most: 64 };

/**
 * PBMAC1, RFC 8018 §7.1, as RFC 9579 uses it: its parameters name the length of the key.
 * @throws UnknownEncryption
 */
export function pbmac1(parameters: Element | undefined, bytes: Uint8Array, opener: Opener): Buffer {
  const [[id, inner] = [], [macId] = []] = children(parameters).map(children);
  if (oid(id) !== pbkdf2) throw new UnknownEncryption(`PBMAC1 with ${oid(id) ?? "no key derivation"}`);
  const hash = hashes.get(oid(macId) ?? "");
  if (hash === undefined) throw new UnknownEncryption(`PBMAC1 with ${oid(macId) ?? "no MAC"}`);
  const derivation = pbkdf2Parameters(inner);
  const { keyLength = 0 } = derivation;
  if (!(keyLength >= macKeyLengths.fewest && keyLength <= macKeyLengths.most))
    throw new UnknownEncryption(`PBMAC1 with a key of ${keyLength} bytes`);
  const { password = "", effort } = opener;
  const key = pbkdf2Key(derivation, { password, effort }, keyLength);
  return createHmac(hash, key).update(bytes).digest();
}

function byScrypt(
  [N = 0, r = 0, p = 0]: readonly number[],
  salt: Uint8Array,
  { password, effort }: TextOpener,
  length: number,
): Buffer {
  const memory = 128 * N * r * Math.max(p, 1);
  if (N < 2 || memory > mostMemory) throw new UnknownEncryption("scrypt with parameters out of bounds");
  effort.spend(memory / bytesPerIteration);
  try {
    return scryptSync(password, salt, length, { N, r, p, maxmem: mostMemory });
  } catch {
    throw new UnknownEncryption("scrypt with parameters out of bounds");
  }
}

function withCipher(
  [name, , ivLength]: Cipher,
  key: Buffer,
  iv: Uint8Array,
  bytes: Uint8Array,
): Uint8Array | undefined {
  if (iv.length !== ivLength) throw new UnknownEncryption(`${name} with an IV of ${iv.length} bytes`);
  if (name === "rc2") return decryptedByRc2(key, iv, bytes);
  // Two-key 3DES uses its first key twice.
  const whole = name === "des-ede-cbc" ? Buffer.concat([key, key.subarray(0, 8)]) : key;
  const cipher = createDecipheriv(name === "des-ede-cbc" ? "des-ede3-cbc" : name, whole, iv);
  try {
    return Buffer.concat([cipher.update(bytes), cipher.final()]);
  } catch {
    return undefined;
  }
}

/** Whether Node has the cipher. OpenSSL 3 knows the names of those that it has only with its legacy provider, such as DES-CBC. */
export function canDecrypt(name: string): boolean {
  const { keyLength = 0, ivLength = 0 } = getCipherInfo(name) ?? {};
  try {
    createDecipheriv(name, Buffer.alloc(keyLength), Buffer.alloc(ivLength));
    return true;
  } catch {
    return false;
  }
}

/** `PBEParameter` and PKCS#12's `pkcs-12PbeParams`: salt and iterations. */
function saltAndCount(parameters: Element | undefined): { salt: Uint8Array; count: number } {
  const [first, count] = children(parameters);
  const salt = octets(first);
  if (!salt) throw new UnknownEncryption("PBE without a salt");
  return { salt, count: checked(number(count)) };
}

/** Undefined: none, which PKCS#12 derives from no bytes. The empty password has the two bytes of its end. */
export type Password = string | undefined;

export interface Opener {
  password: Password;
  effort: Effort;
}

export interface Pkcs12KeyInputs extends Opener {
  salt: Uint8Array;
  /** Iterations. */
  count: number;
  /** RFC 7292 appendix B.3: 1 for a key, 2 for an IV, 3 for a MAC. */
  purpose: 1 | 2 | 3;
  /** Bytes. */
  length: number;
  hash: string;
}

/** RFC 7292 appendix B.2. */
export function pkcs12Key(inputs: Pkcs12KeyInputs): Buffer {
  const { password, effort, salt, count, purpose, length, hash } = inputs;
  const block = /^sha(384|512)/.test(hash) ? 128 : 64;
  const diversifier = Buffer.alloc(block, purpose);
  let input: Uint8Array = Buffer.concat([filling(salt, block), filling(bmpString(password), block)]);
  const key: Uint8Array[] = [];
  for (let made = 0; made < length;) {
    effort.spend(2 * checked(count));
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < count; round += 1) digest = createHash(hash).update(digest).digest();
    key.push(digest);
    made += digest.length;
    input = added(input, filling(digest, block).subarray(0, block), block);
  }
  return Buffer.concat(key).subarray(0, length);
}

/** The bytes, repeated up to a whole number of blocks. */
function filling(bytes: Uint8Array, block: number): Uint8Array {
  if (bytes.length === 0) return Buffer.alloc(0);
  return Buffer.alloc(Math.ceil(bytes.length / block) * block, Buffer.from(bytes));
}

/** Each block of the input plus the digest's block plus 1, as numbers of `block` bytes. */
function added(input: Uint8Array, addend: Uint8Array, block: number): Uint8Array {
  const sum = Buffer.from(input);
  for (let start = 0; start < sum.length; start += block) {
    let carry = 1;
    for (let at = block - 1; at >= 0; at -= 1) {
      carry += (sum[start + at] ?? 0) + (addend[at] ?? 0);
      sum[start + at] = carry & 0xff;
      carry >>= 8;
    }
  }
  return sum;
}

/** RFC 7292 appendix B.1: UTF-16, big endian, with a NUL at its end. */
function bmpString(text: Password): Buffer {
  if (text === undefined) return Buffer.alloc(0);
  return Buffer.from(`${text}\0`, "utf16le").swap16();
}

function checked(count: number): number {
  if (count >= 1 && count <= mostIterations) return count;
  throw new UnknownEncryption(`${count} iterations`);
}

export function number(element: Element | undefined): number {
  return Number(integer(element) ?? 0n);
}
