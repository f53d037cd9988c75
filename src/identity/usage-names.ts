/** Key usage, extended key usage and signature algorithms, by the names that RFC 5280 and OpenSSL give them. */
import type { Certificate } from "./certificate.ts";

/** RFC 5280 §4.2.1.3, by bit number. */
const keyUsages = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

export function keyUsageNames(bits: ReadonlySet<number>): string[] {
  return [...bits].map((bit) => keyUsages[bit] ?? `bit ${bit}`);
}

export const clientAuth = "1.3.6.1.5.5.7.3.2";
export const anyExtendedKeyUsage = "2.5.29.37.0";

const extendedKeyUsages: ReadonlyMap<string, string> = new Map([
  [anyExtendedKeyUsage, "anyExtendedKeyUsage"],
  ["1.3.6.1.5.5.7.3.1", "serverAuth"],
  [clientAuth, "clientAuth"],
  ["1.3.6.1.5.5.7.3.3", "codeSigning"],
  ["1.3.6.1.5.5.7.3.4", "emailProtection"],
  ["1.3.6.1.5.5.7.3.8", "timeStamping"],
  ["1.3.6.1.5.5.7.3.9", "OCSPSigning"],
  ["1.3.6.1.5.5.7.3.17", "ipsecIKE"],
  ["1.3.6.1.5.5.7.3.21", "secureShellClient"],
  ["1.3.6.1.4.1.311.20.2.2", "msSmartcardLogin"],
]);

/** A dotted OID for one without a name. */
export function extendedKeyUsageName(oid: string): string {
  return extendedKeyUsages.get(oid) ?? oid;
}

const signatureAlgorithms: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.1.2", "RSA with MD2"],
  ["1.2.840.113549.1.1.4", "RSA with MD5"],
  ["1.2.840.113549.1.1.5", "RSA with SHA-1"],
  ["1.2.840.113549.1.1.14", "RSA with SHA-224"],
  ["1.2.840.113549.1.1.11", "RSA with SHA-256"],
  ["1.2.840.113549.1.1.12", "RSA with SHA-384"],
  ["1.2.840.113549.1.1.13", "RSA with SHA-512"],
  ["1.2.840.10045.4.1", "ECDSA with SHA-1"],
  ["1.2.840.10045.4.3.1", "ECDSA with SHA-224"],
  ["1.2.840.10045.4.3.2", "ECDSA with SHA-256"],
  ["1.2.840.10045.4.3.3", "ECDSA with SHA-384"],
  ["1.2.840.10045.4.3.4", "ECDSA with SHA-512"],
  ["1.3.101.112", "Ed25519"],
  ["1.3.101.113", "Ed448"],
  ["2.16.840.1.101.3.4.3.17", "ML-DSA-44"],
  ["2.16.840.1.101.3.4.3.18", "ML-DSA-65"],
  ["2.16.840.1.101.3.4.3.19", "ML-DSA-87"],
]);

const rsassaPss = "1.2.840.113549.1.1.10";
const pssHashes: ReadonlyMap<string, string> = new Map([
  ["2.16.840.1.101.3.4.2.4", "SHA-224"],
  ["2.16.840.1.101.3.4.2.1", "SHA-256"],
  ["2.16.840.1.101.3.4.2.2", "SHA-384"],
  ["2.16.840.1.101.3.4.2.3", "SHA-512"],
]);

/** `ECDSA with SHA-256`; a dotted OID for one without a name. */
export function signatureAlgorithmName({ signatureAlgorithm, pssHash }: Certificate): string {
  if (signatureAlgorithm !== rsassaPss)
    return signatureAlgorithms.get(signatureAlgorithm) ?? signatureAlgorithm;
  // RFC 4055 §3.1: without a name the hash is SHA-1.
  return `RSASSA-PSS with ${pssHash === undefined ? "SHA-1" : (pssHashes.get(pssHash) ?? pssHash)}`;
}
