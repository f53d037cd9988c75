/** SigV4-X509, task 4: the Authorization header. */
import type { SigningAlgorithm } from "../identity/signer.ts";

export interface AuthorizationParts {
  algorithm: SigningAlgorithm;
  /** The leaf's serial number, in decimal: what SigV4 calls the access key id. */
  serial: bigint;
  scope: string;
  /** `a;b;c`. */
  signedHeaders: string;
  /** Hex. */
  signature: string;
}

export function authorization({
  algorithm,
  serial,
  scope,
  signedHeaders,
  signature,
}: AuthorizationParts): string {
  return `${algorithm} Credential=${serial}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}
