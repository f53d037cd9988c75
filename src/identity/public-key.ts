/** What kind of key a certificate is for. */
import { createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";

export interface PublicKeyKind {
  /** `RSA 2048`, `EC P-256`, `Ed25519`. */
  name: string;
  /** RSA's modulus; undefined for other keys. */
  bits: number | undefined;
  /** Roles Anywhere takes its signatures, and this program makes them. */
  isSupported: boolean;
}

/** By OpenSSL's names, which node:crypto tells. */
const curves: ReadonlyMap<string, string> = new Map([
  ["prime256v1", "P-256"],
  ["secp384r1", "P-384"],
  ["secp521r1", "P-521"],
]);

const otherNames: ReadonlyMap<string, string> = new Map([
  ["rsa-pss", "RSA-PSS only"],
  ["ed25519", "Ed25519"],
  ["ed448", "Ed448"],
  ["dsa", "DSA"],
]);

export function publicKeyKind(certificate: X509Certificate): PublicKeyKind {
  const key = publicKey(certificate);
  const { modulusLength: bits, namedCurve } = key?.asymmetricKeyDetails ?? {};
  if (key?.asymmetricKeyType === "rsa") return { name: `RSA ${bits ?? ""}`.trim(), bits, isSupported: true };
  const curve = curves.get(namedCurve ?? "");
  if (curve !== undefined) return { name: `EC ${curve}`, bits: undefined, isSupported: true };
  return { name: otherName(key, namedCurve), bits: undefined, isSupported: false };
}

/** Whether this is the certificate of the key. One key has several encodings, so the keys are compared, and not the bytes. */
export function isSameKey(certificate: X509Certificate, subjectPublicKeyInfo: Uint8Array): boolean {
  const key = Buffer.from(subjectPublicKeyInfo);
  const own = publicKey(certificate);
  return own?.equals(createPublicKey({ key, format: "der", type: "spki" })) ?? false;
}

/** SubjectPublicKeyInfo in DER; undefined for a kind that this Node's OpenSSL does not know. */
export function publicKeyInfo(certificate: X509Certificate): Uint8Array | undefined {
  return publicKey(certificate)?.export({ type: "spki", format: "der" });
}

/** Undefined for a kind that this Node's OpenSSL does not know. */
function publicKey(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}

function otherName(key: KeyObject | undefined, namedCurve: string | undefined): string {
  if (namedCurve !== undefined) return `EC ${namedCurve}`;
  const type = key?.asymmetricKeyType;
  return type === undefined ? "of a kind unknown here" : (otherNames.get(type) ?? type);
}
