/**
 * What Roles Anywhere asks of a certificate, checked before any request: its own answer to most of these is
 * "Untrusted signing certificate". IAM Roles Anywhere user guide, "Signature verification" and "Trust model".
 */
import { inWords } from "../duration.ts";
import { EksX509Error } from "../errors.ts";
import type { Certificate } from "./certificate.ts";

/** X-Amz-X509-Chain takes no more. */
const mostIntermediates = 5;
const smallestRsaModulus = 2048;
const digitalSignature = 0;

/** Signature algorithms, and hashes of RSASSA-PSS, below SHA-256, by OID. */
const weak: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.1.2", "MD2"],
  ["1.2.840.113549.1.1.4", "MD5"],
  ["1.2.840.113549.1.1.5", "SHA-1"],
  ["1.3.14.3.2.29", "SHA-1"],
  ["1.2.840.113549.1.1.14", "SHA-224"],
  ["1.2.840.10040.4.3", "SHA-1"],
  ["1.2.840.10045.4.1", "SHA-1"],
  ["1.2.840.10045.4.3.1", "SHA-224"],
  ["1.3.14.3.2.26", "SHA-1"],
  ["2.16.840.1.101.3.4.2.4", "SHA-224"],
]);
const rsassaPss = "1.2.840.113549.1.1.10";
const pssDefaultHash = "1.3.14.3.2.26";

/** Every check in turn; the first that fails throws. */
export function checkRequirements(leaf: Certificate, chain: readonly Certificate[], now: Date): void {
  checkValidity("the certificate", leaf, now);
  checkVersionAndNames(leaf);
  checkUsage(leaf);
  checkStrength(leaf);
  checkChain(leaf, chain, now);
}

function checkValidity(which: string, { file, notBefore, notAfter }: Certificate, now: Date): void {
  if (now > notAfter) {
    throw refused(
      "CERTIFICATE_EXPIRED",
      `${file}: ${which} expired ${inWords(now.getTime() - notAfter.getTime())} ago, at ${notAfter.toISOString()}`,
      "Renew it with your CA. If it should still be valid, check this machine's clock.",
    );
  }
  if (now < notBefore) {
    throw refused(
      "CERTIFICATE_NOT_YET_VALID",
      `${file}: ${which} becomes valid in ${inWords(notBefore.getTime() - now.getTime())}, at ${notBefore.toISOString()}`,
      "Check this machine's clock; if it is right, wait, or ask your CA for a certificate that is valid now.",
    );
  }
}

function checkVersionAndNames(leaf: Certificate): void {
  if (leaf.version !== 3)
    throw refused(
      "CERTIFICATE_NOT_V3",
      `${leaf.file}: the certificate is X.509 version ${leaf.version}, not 3`,
      "Ask your CA for a version 3 certificate.",
    );
  if (leaf.subject === "")
    throw refused(
      "CERTIFICATE_SUBJECT_EMPTY",
      `${leaf.file}: the certificate's subject is empty`,
      "Ask your CA for a certificate with a subject: Roles Anywhere makes the session's identity of it.",
    );
}

function checkUsage(leaf: Certificate): void {
  if (leaf.basicConstraintsCa)
    throw refused(
      "CERTIFICATE_IS_CA",
      `${leaf.file}: the certificate that belongs to the key is a CA's (basicConstraints CA:true)`,
      "Sign in with an end-entity certificate, issued with CA:false.",
    );
  if (!leaf.keyUsage?.has(digitalSignature))
    throw refused(
      "CERTIFICATE_KEY_USAGE",
      `${leaf.file}: the certificate's keyUsage ${leaf.keyUsage ? "lacks digitalSignature" : "extension is missing; it must hold digitalSignature"}`,
      "Ask your CA for a certificate with keyUsage digitalSignature.",
    );
}

function checkStrength(leaf: Certificate): void {
  const hash =
    leaf.signatureAlgorithm === rsassaPss ? (leaf.pssHash ?? pssDefaultHash) : leaf.signatureAlgorithm;
  const weakHash = weak.get(hash);
  if (weakHash !== undefined)
    throw refused(
      "CERTIFICATE_WEAK_HASH",
      `${leaf.file}: the certificate is signed with ${weakHash}`,
      "Roles Anywhere wants SHA-256 or stronger. Ask your CA for a certificate signed so.",
    );
  const modulus = leaf.x509.publicKey.asymmetricKeyDetails?.modulusLength;
  if (modulus !== undefined && modulus < smallestRsaModulus)
    throw refused(
      "CERTIFICATE_RSA_TOO_SMALL",
      `${leaf.file}: the RSA key has ${modulus} bits`,
      `Roles Anywhere wants ${smallestRsaModulus} or more. Make a new key, and have it certified.`,
    );
}

function checkChain(leaf: Certificate, chain: readonly Certificate[], now: Date): void {
  for (const certificate of chain) checkValidity(`the intermediate ${certificate.subject}`, certificate, now);
  if (chain.length > mostIntermediates)
    throw refused(
      "CHAIN_TOO_LONG",
      `${leaf.file}: ${chain.length} intermediates lie between the certificate and its root`,
      `Roles Anywhere takes ${mostIntermediates} at most. Register an intermediate as the trust anchor, and leave out those above it.`,
    );
}

function refused(code: string, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "identity", hop: "certificate", code, message, hint });
}
