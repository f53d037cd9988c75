/** Kinds of public keys and signature algorithms, under the names of RFCs and OpenSSL, and whether Roles Anywhere accepts them. */
import { createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import type { SigningAlgorithm } from "./signer.ts";

export interface PublicKeyKind {
  /** `RSA 2048`, `EC P-256`, `Ed25519`. */
  name: string;
  /** RSA's modulus; undefined for other keys. */
  bits: number | undefined;
  /** Roles Anywhere accepts its signatures, and this program can create them. */
  isSupported: boolean;
}

/** By OpenSSL's names, which node:crypto returns. */
const curves: ReadonlyMap<string, string> = new Map([
  ["prime256v1", "P-256"],
  ["secp384r1", "P-384"],
  ["secp521r1", "P-521"],
]);

const otherKeys: ReadonlyMap<string, string> = new Map([
  ["rsa-pss", "RSA-PSS only"],
  ["ed25519", "Ed25519"],
  ["ed448", "Ed448"],
  ["dsa", "DSA"],
]);

/** NIST's names of ML-DSA (FIPS 204), by the OIDs of keys and of signatures, RFC 9881 §2. */
const mlDsa: ReadonlyMap<string, string> = new Map([
  ["2.16.840.1.101.3.4.3.17", "ML-DSA-44"],
  ["2.16.840.1.101.3.4.3.18", "ML-DSA-65"],
  ["2.16.840.1.101.3.4.3.19", "ML-DSA-87"],
]);

/** Undefined for another algorithm. */
export function mlDsaName(id: string | undefined): string | undefined {
  return mlDsa.get(id ?? "");
}

/** SubjectPublicKeyInfo of ML-DSA-44 up to the key, RFC 9881 §4. Any bytes of the right length are a key. */
const mlDsaSpki = Buffer.from("30820532300b06096086480165030403110382052100", "hex");

export function isMlDsaSupported(): boolean {
  try {
    const key = Buffer.concat([mlDsaSpki, Buffer.alloc(1_312)]);
    return createPublicKey({ key, format: "der", type: "spki" }).type === "public";
  } catch {
    return false;
  }
}

export const mlDsaHint = "Use Node 24.6 or newer to sign with ML-DSA, or an RSA or EC key.";

/** For a key that Node has read. */
export function signingAlgorithm({ asymmetricKeyType: type }: KeyObject): SigningAlgorithm {
  if (type === "rsa") return "AWS4-X509-RSA-SHA256";
  return type === "ec" ? "AWS4-X509-ECDSA-SHA256" : "AWS4-X509-MLDSA";
}

/** @param key undefined for a kind that Node's OpenSSL does not support */
export function keyKind(key: KeyObject | undefined): PublicKeyKind {
  const { modulusLength: bits, namedCurve } = key?.asymmetricKeyDetails ?? {};
  const type = String(key?.asymmetricKeyType);
  if (type.startsWith("ml-dsa-")) return { name: type.toUpperCase(), bits: undefined, isSupported: true };
  if (key?.asymmetricKeyType === "rsa") return { name: `RSA ${bits ?? ""}`.trim(), bits, isSupported: true };
  const curve = curves.get(namedCurve ?? "");
  if (curve !== undefined) return { name: `EC ${curve}`, bits: undefined, isSupported: true };
  return { name: otherKey(key, namedCurve), bits: undefined, isSupported: false };
}

function otherKey(key: KeyObject | undefined, namedCurve: string | undefined): string {
  if (namedCurve !== undefined) return `EC ${namedCurve}`;
  const type = key?.asymmetricKeyType;
  return type === undefined ? "of an unknown kind" : (otherKeys.get(type) ?? type);
}

/** Whether the certificate belongs to the key. A key has several encodings, so keys are compared, not bytes. */
export function isSameKey(certificate: X509Certificate, subjectPublicKeyInfo: Uint8Array): boolean {
  const key = keyFromDer(subjectPublicKeyInfo);
  const own = publicKey(certificate);
  return own !== undefined && areEqual(own, key);
}

export function keyFromDer(subjectPublicKeyInfo: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(subjectPublicKeyInfo), format: "der", type: "spki" });
}

/** Comparing keys of different types leaves an error in OpenSSL's queue, and Node's next createPrivateKey throws it. */
export function areEqual(one: KeyObject, other: KeyObject): boolean {
  return one.asymmetricKeyType === other.asymmetricKeyType && one.equals(other);
}

/** Undefined for a kind that Node's OpenSSL does not support. */
export function publicKey(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}

export interface SignatureAlgorithm {
  /** `ECDSA with SHA-256`; a dotted OID for an algorithm without a name here. */
  name: string;
  /** The hash, if it is weaker than the SHA-256 that Roles Anywhere requires. */
  weakHash: string | undefined;
  /** An unknown algorithm, which Roles Anywhere may or may not accept. */
  isUnknown: boolean;
}

/** `[scheme, hash]`. Ed25519, Ed448 and ML-DSA have a hash of their own. */
const schemes: ReadonlyMap<string, readonly [scheme: string, hash?: string]> = new Map([
  ["1.2.840.113549.1.1.2", ["RSA", "MD2"]],
  ["1.2.840.113549.1.1.4", ["RSA", "MD5"]],
  ["1.2.840.113549.1.1.5", ["RSA", "SHA-1"]],
  ["1.3.14.3.2.29", ["RSA", "SHA-1"]],
  ["1.2.840.113549.1.1.14", ["RSA", "SHA-224"]],
  ["1.2.840.113549.1.1.11", ["RSA", "SHA-256"]],
  ["1.2.840.113549.1.1.12", ["RSA", "SHA-384"]],
  ["1.2.840.113549.1.1.13", ["RSA", "SHA-512"]],
  ["1.2.840.10040.4.3", ["DSA", "SHA-1"]],
  ["1.2.840.10045.4.1", ["ECDSA", "SHA-1"]],
  ["1.2.840.10045.4.3.1", ["ECDSA", "SHA-224"]],
  ["1.2.840.10045.4.3.2", ["ECDSA", "SHA-256"]],
  ["1.2.840.10045.4.3.3", ["ECDSA", "SHA-384"]],
  ["1.2.840.10045.4.3.4", ["ECDSA", "SHA-512"]],
  ["1.3.101.112", ["Ed25519"]],
  ["1.3.101.113", ["Ed448"]],
]);

const rsassaPss = "1.2.840.113549.1.1.10";
const pssHashes: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.2.5", "MD5"],
  ["1.3.14.3.2.26", "SHA-1"],
  ["2.16.840.1.101.3.4.2.4", "SHA-224"],
  ["2.16.840.1.101.3.4.2.1", "SHA-256"],
  ["2.16.840.1.101.3.4.2.2", "SHA-384"],
  ["2.16.840.1.101.3.4.2.3", "SHA-512"],
]);
const weakHashes: ReadonlySet<string> = new Set(["MD2", "MD5", "SHA-1", "SHA-224"]);

/** @param pssHash dotted OID in the parameters of RSASSA-PSS. RFC 4055 §3.1: without one the hash is SHA-1. */
export function signatureAlgorithm(id: string, pssHash: string | undefined): SignatureAlgorithm {
  const [scheme = id, hash] =
    id === rsassaPss
      ? ["RSASSA-PSS", pssHash ? (pssHashes.get(pssHash) ?? pssHash) : "SHA-1"]
      : (schemes.get(id) ?? [mlDsaName(id)]);
  return {
    name: hash === undefined ? scheme : `${scheme} with ${hash}`,
    weakHash: hash !== undefined && weakHashes.has(hash) ? hash : undefined,
    isUnknown: scheme === id || (hash !== undefined && hash === pssHash),
  };
}

/**
 * How node:crypto verifies a signature of this algorithm.
 * @returns undefined for an algorithm without a name here, and for a hash that it does not have
 */
export function verification(
  id: string,
  pssHash: string | undefined,
): { hash: string | null; isPss: boolean } | undefined {
  const hash = id === rsassaPss ? (pssHashes.get(pssHash ?? "") ?? "SHA-1") : schemes.get(id)?.[1];
  if (hash !== undefined) return { hash: hash.replace("-", "").toLowerCase(), isPss: id === rsassaPss };
  return schemes.has(id) || mlDsa.has(id) ? { hash: null, isPss: false } : undefined;
}
