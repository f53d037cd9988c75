/** A key on a token or in an agent can sign with another key than the certificate's, or return nonsense. */
import { verify, type KeyObject } from "node:crypto";
import { errorsOf } from "../foundation/errors.ts";
import type { Signer } from "./signer.ts";

interface Signed extends Pick<Signer, "algorithm" | "description"> {
  bytes: Uint8Array;
  signature: Uint8Array;
  /** The certificate's. */
  publicKey: KeyObject;
}

/** @throws EksX509Error SIGNATURE_WRONG */
export function verifiedSignature({
  algorithm,
  description,
  bytes,
  signature,
  publicKey,
}: Signed): Uint8Array {
  const hash = algorithm === "AWS4-X509-MLDSA" ? null : "sha256";
  if (verify(hash, bytes, publicKey, signature)) return signature;
  throw errorsOf("identity", "private-key")(
    "SIGNATURE_WRONG",
    `${description}: its signature does not verify against the certificate`,
    "Use the key that belongs to the certificate. On a token, its CKA_ID is that of the certificate.",
  );
}
