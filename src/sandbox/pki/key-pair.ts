/** Key pairs for the certificates that the sandbox issues. */
import { type KeyObject, webcrypto } from "node:crypto";

/** `EC` is P-256, which is fast to generate; `RSA` is 2048 bits, which many corporate CAs still issue. */
export type KeyAlgorithm = "EC" | "RSA";

export interface KeyPair {
  keys: webcrypto.CryptoKeyPair;
  /** PKCS#8 (RFC 5958) in PEM. */
  privateKey: string;
}

const ec = { name: "ECDSA", namedCurve: "P-256" };
const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

/** Generates a signing key pair. A shorter RSA modulus is possible, for leaves that must be refused. */
export async function generateKeyPair(algorithm: KeyAlgorithm, modulusLength = 2048): Promise<KeyPair> {
  const parameters = algorithm === "EC" ? ec : { ...rsa, modulusLength };
  const keys = await webcrypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { keys, privateKey: toPem("PRIVATE KEY", Buffer.from(pkcs8)) };
}

/** Textual encoding of RFC 7468: base64 in lines of 64 characters. */
export function toPem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** The size of an RSA key in bits; undefined for other keys. */
export function rsaBits(key: KeyObject): number | undefined {
  return key.asymmetricKeyType === "rsa" ? key.asymmetricKeyDetails?.modulusLength : undefined;
}
