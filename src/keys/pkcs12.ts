/** PKCS#12, RFC 7292: a certificate, its chain and its key in one file, encrypted with one password. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { children, contextTag, implicitOctets, octets, oid, parsed, type Element } from "../identity/asn1.ts";
import {
  decrypted,
  Effort,
  number,
  pbmac1,
  pkcs12Key,
  UnknownEncryption,
  type Opener,
} from "./encryption.ts";

export interface Pkcs12Content {
  /** DER, in the order of the file. */
  certificates: Uint8Array[];
  /** PKCS#8 in DER. */
  keys: Uint8Array[];
}

const data = "1.2.840.113549.1.7.1";
const encryptedData = "1.2.840.113549.1.7.6";
const bags = "1.2.840.113549.1.12.10.1.";
const x509Certificate = "1.2.840.113549.1.9.22.1";

/** RFC 9579. */
const pbmac1Id = "1.2.840.113549.1.5.14";

/** RFC 8017 appendix B.1. */
const hashes: ReadonlyMap<string, string> = new Map([
  ["1.3.14.3.2.26", "sha1"],
  ["2.16.840.1.101.3.4.2.4", "sha224"],
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

/**
 * @returns undefined for a wrong password
 * @throws UnknownEncryption, MalformedPkcs12
 */
export function openPkcs12(bytes: Uint8Array, password: string): Pkcs12Content | undefined {
  const effort = new Effort();
  const opened = openedWith(bytes, { password, effort });
  return opened ?? (password === "" ? openedWith(bytes, { password: undefined, effort }) : undefined);
}

/** The file that was opened last: certificate and key of one file need one derivation of its keys, which makers make slow. */
export class LastPkcs12 {
  #last: { bytes: Uint8Array; password: string; content: Pkcs12Content } | undefined;

  /** As openPkcs12(). */
  open(bytes: Uint8Array, password: string): Pkcs12Content | undefined {
    const last = this.#last;
    if (last?.password === password && Buffer.compare(last.bytes, bytes) === 0) return last.content;
    const content = openPkcs12(bytes, password);
    if (content) this.#last = { bytes, password, content };
    return content;
  }
}

function openedWith(bytes: Uint8Array, opener: Opener): Pkcs12Content | undefined {
  const [, authSafe, mac] = children(parsed(bytes));
  const safe = present(octets(explicit(children(authSafe)[1])));
  if (mac && !isAuthentic(mac, safe, opener)) return undefined;
  const found: Pkcs12Content = { certificates: [], keys: [] };
  for (const info of children(parsed(safe))) {
    const contents = safeContents(info, opener);
    if (!contents) return undefined;
    for (const bag of children(parsed(contents))) if (!takeBag(bag, opener, found)) return undefined;
  }
  return found;
}

export class MalformedPkcs12 extends Error {}

/** RFC 7292 §4: `macData`. A file without one is possible. */
function isAuthentic(macData: Element, safe: Uint8Array, opener: Opener): boolean {
  const [digestInfo, salt, iterations] = children(macData);
  const [algorithm, digest] = children(digestInfo);
  const [id, parameters] = children(algorithm);
  const expected = present(octets(digest));
  if (oid(id) === pbmac1Id) return isEqual(pbmac1(parameters, safe, opener), expected);
  const hash = hashes.get(oid(id) ?? "");
  if (hash === undefined) throw new UnknownEncryption(oid(id) ?? "no MAC");
  const count = iterations ? number(iterations) : 1;
  const { length } = createHash(hash).digest();
  if (expected.length !== length) throw new MalformedPkcs12(`a MAC of ${expected.length} bytes`);
  const key = pkcs12Key({ ...opener, salt: present(octets(salt)), count, purpose: 3, length, hash });
  return isEqual(createHmac(hash, key).update(safe).digest(), expected);
}

function isEqual(made: Uint8Array, expected: Uint8Array): boolean {
  if (expected.length !== made.length) throw new MalformedPkcs12(`a MAC of ${expected.length} bytes`);
  return timingSafeEqual(made, expected);
}

/** RFC 7292 §4.1. */
function safeContents(info: Element, opener: Opener): Uint8Array | undefined {
  const [type, wrapped] = children(info);
  const inner = explicit(wrapped);
  if (oid(type) === data) return present(octets(inner));
  if (oid(type) !== encryptedData) throw new MalformedPkcs12(`content of type ${oid(type) ?? "unknown"}`);
  // RFC 5652 §8: EncryptedData { version, EncryptedContentInfo { type, algorithm, [0] content } }
  const [, algorithm, encrypted] = children(children(inner)[1]);
  return decrypted(algorithm, present(implicitOctets(encrypted)), opener);
}

/** RFC 7292 §4.2. @returns false for a wrong password */
function takeBag(bag: Element, opener: Opener, found: Pkcs12Content): boolean {
  const [id, wrapped] = children(bag);
  const value = explicit(wrapped);
  const kind = oid(id)?.replace(bags, "");
  if (kind === "1") found.keys.push(present(value).whole);
  if (kind === "2") {
    const [algorithm, encrypted] = children(value);
    const key = decrypted(algorithm, present(octets(encrypted)), opener);
    if (!key) return false;
    found.keys.push(key);
  }
  if (kind === "3") {
    const [type, certificate] = children(value);
    if (oid(type) === x509Certificate) found.certificates.push(present(octets(explicit(certificate))));
  }
  return true;
}

function explicit(block: Element | undefined): Element | undefined {
  return block && contextTag(block) === 0 ? children(block)[0] : undefined;
}

function present<Field>(field: Field | undefined): Field {
  if (field === undefined) throw new MalformedPkcs12("a field is missing");
  return field;
}
