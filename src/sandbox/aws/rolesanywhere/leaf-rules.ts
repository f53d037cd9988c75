/** The requirements for a leaf: Roles Anywhere user guide, "Trust model", end-entity certificates. */
import type { X509Certificate } from "node:crypto";
import { type CertificateFacts, readCertificate } from "../../pki/certificate-facts.ts";
import { rsaBits } from "../../pki/key-pair.ts";
import { insufficientCertificate } from "./create-session-refusals.ts";

/** @throws {Refusal} AccessDeniedException. */
export function checkLeaf(leaf: X509Certificate): CertificateFacts {
  const facts = readCertificate(leaf);
  if (facts?.version !== 3) throw insufficientCertificate("not an X.509 v3 certificate");
  if (facts.isAuthority === true) throw insufficientCertificate("basicConstraints says CA:true");
  if (facts.keyUsage?.digitalSignature !== true) {
    throw insufficientCertificate("keyUsage lacks digitalSignature");
  }
  const bits = rsaBits(leaf.publicKey);
  if (bits !== undefined && bits < 2048) throw insufficientCertificate(`RSA key of ${bits} bits`);
  return facts;
}
