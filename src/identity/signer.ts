/** Signing with a certificate's private key, wherever the key is stored. */

/** IAM Roles Anywhere user guide, "Task 2: Create a string to sign". */
export type SigningAlgorithm = "AWS4-X509-RSA-SHA256" | "AWS4-X509-ECDSA-SHA256";

export interface Signer {
  algorithm: SigningAlgorithm;
  /** SubjectPublicKeyInfo in DER, RFC 5280 §4.1. A certificate with the same one belongs to this signer. */
  publicKey: Uint8Array;
  /** Names the key in messages, such as `alice.key`. Holds no secret. */
  description: string;
  /** Warnings about the key that do not stop a sign-in. */
  warnings: readonly string[];
  /** Returns the signature of the bytes: PKCS#1 v1.5 for RSA, DER for ECDSA, SHA-256 for both. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A private key before it is opened. The composition root selects the kind from the parsed input. No other code knows where the key is. */
export interface SignerSource {
  description: string;
  /** Changes if the key is replaced. Every run reads it to find its cache entry, so it must not open the key. */
  state(): Promise<string>;
  /**
   * @param publicKeys of the certificates at hand, in the form of Signer. A source of several keys, such as an agent, opens one of these.
   */
  open(publicKeys: readonly Uint8Array[]): Promise<Signer>;
}
