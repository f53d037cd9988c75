/** What signs the string to sign. The key may live in a file, and later in an agent or a token. */
import { constants, sign, type KeyObject } from "node:crypto";
import type { SigningAlgorithm } from "../rolesanywhere/string-to-sign.ts";

export interface Signer {
  algorithm: SigningAlgorithm;
  /** Bytes in, signature out: PKCS#1 v1.5 for RSA, DER for ECDSA, SHA-256 for both. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A signer whose RSA or EC private key is in memory. */
export function keySigner(key: KeyObject): Signer {
  if (key.asymmetricKeyType === "rsa") {
    return {
      algorithm: "AWS4-X509-RSA-SHA256",
      sign: (bytes) => Promise.resolve(sign("sha256", bytes, { key, padding: constants.RSA_PKCS1_PADDING })),
    };
  }
  return {
    algorithm: "AWS4-X509-ECDSA-SHA256",
    sign: (bytes) => Promise.resolve(sign("sha256", bytes, { key, dsaEncoding: "der" })),
  };
}
