/**
 * SigV4-X509, task 3: the signature. No derived key: the certificate's own key signs the string to sign.
 * IAM Roles Anywhere user guide: RSA is PKCS#1 v1.5 with SHA-256; ECDSA is SHA-256 on every curve, in DER.
 */
import type { Signer } from "../identity/signer.ts";

/** Lower-case hex. */
export async function signature(signer: Signer, stringToSign: string): Promise<string> {
  return Buffer.from(await signer.sign(Buffer.from(stringToSign, "utf8"))).toString("hex");
}
