/**
 * What Roles Anywhere asks of a certificate, checked before any request: its own answer to most of these is
 * "Untrusted signing certificate". IAM Roles Anywhere user guide, "Signature verification" and "Trust model".
 */
import { inWords } from "../foundation/duration.ts";
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";
import type { Certificate } from "./certificate.ts";
import { publicKeyKind } from "./public-key.ts";

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

/** @throws EksX509Error the first of the problems */
export function checkRequirements(leaf: Certificate, chain: readonly Certificate[], now: Date): void {
  const [first] = requirementProblems(leaf, chain, now);
  if (first) throw first;
}

/** Everything for which Roles Anywhere would refuse the certificate, as far as it can be seen from here; none when it is fit. */
export function requirementProblems(
  leaf: Certificate,
  chain: readonly Certificate[],
  now: Date,
): EksX509Error[] {
  return [
    validity("the certificate", leaf, now),
    version(leaf),
    subject(leaf),
    basicConstraints(leaf),
    keyUsage(leaf),
    hash(leaf),
    key(leaf),
    ...chain.map((certificate) => validity(`the intermediate ${certificate.subject}`, certificate, now)),
    chainLength(leaf, chain),
  ].filter((problem) => problem !== undefined);
}

type Problem = EksX509Error | undefined;

function validity(which: string, { file, notBefore, notAfter }: Certificate, now: Date): Problem {
  if (now > notAfter)
    return refused(
      "CERTIFICATE_EXPIRED",
      `${file}: ${which} expired ${inWords(now.getTime() - notAfter.getTime())} ago, at ${notAfter.toISOString()}`,
      "Renew it with your CA. If it should still be valid, check this machine's clock.",
    );
  if (now < notBefore)
    return refused(
      "CERTIFICATE_NOT_YET_VALID",
      `${file}: ${which} becomes valid in ${inWords(notBefore.getTime() - now.getTime())}, at ${notBefore.toISOString()}`,
      "Check this machine's clock; if it is right, wait, or ask your CA for a certificate that is valid now.",
    );
  return undefined;
}

function version(leaf: Certificate): Problem {
  if (leaf.version === 3) return undefined;
  return refused(
    "CERTIFICATE_NOT_V3",
    `${leaf.file}: the certificate is X.509 version ${leaf.version}, not 3`,
    "Ask your CA for a version 3 certificate.",
  );
}

function subject(leaf: Certificate): Problem {
  if (leaf.subject !== "") return undefined;
  return refused(
    "CERTIFICATE_SUBJECT_EMPTY",
    `${leaf.file}: the certificate's subject is empty`,
    "Ask your CA for a certificate with a subject: Roles Anywhere makes the session's identity of it.",
  );
}

function basicConstraints(leaf: Certificate): Problem {
  if (!leaf.basicConstraintsCa) return undefined;
  return refused(
    "CERTIFICATE_IS_CA",
    `${leaf.file}: the certificate that belongs to the key is a CA's (basicConstraints CA:true)`,
    "Sign in with an end-entity certificate, issued with CA:false.",
  );
}

function keyUsage(leaf: Certificate): Problem {
  if (leaf.keyUsage?.has(digitalSignature)) return undefined;
  return refused(
    "CERTIFICATE_KEY_USAGE",
    `${leaf.file}: the certificate's keyUsage ${leaf.keyUsage ? "lacks digitalSignature" : "extension is missing; it must hold digitalSignature"}`,
    "Ask your CA for a certificate with keyUsage digitalSignature.",
  );
}

function hash(leaf: Certificate): Problem {
  const algorithm =
    leaf.signatureAlgorithm === rsassaPss ? (leaf.pssHash ?? pssDefaultHash) : leaf.signatureAlgorithm;
  const weakHash = weak.get(algorithm);
  if (weakHash === undefined) return undefined;
  return refused(
    "CERTIFICATE_WEAK_HASH",
    `${leaf.file}: the certificate is signed with ${weakHash}`,
    "Roles Anywhere wants SHA-256 or stronger. Ask your CA for a certificate signed so.",
  );
}

function key(leaf: Certificate): Problem {
  const kind = publicKeyKind(leaf.x509);
  if (!kind.isSupported)
    return refused(
      "CERTIFICATE_KEY_UNSUPPORTED",
      `${leaf.file}: the certificate's key is ${kind.name}, which is not supported`,
      "Make a new key, RSA of 2048 bits or more, or EC on P-256, P-384 or P-521, and have it certified.",
    );
  if (kind.bits === undefined || kind.bits >= smallestRsaModulus) return undefined;
  return refused(
    "CERTIFICATE_RSA_TOO_SMALL",
    `${leaf.file}: the RSA key has ${kind.bits} bits`,
    `Roles Anywhere wants ${smallestRsaModulus} or more. Make a new key, and have it certified.`,
  );
}

function chainLength(leaf: Certificate, chain: readonly Certificate[]): Problem {
  if (chain.length <= mostIntermediates) return undefined;
  return refused(
    "CHAIN_TOO_LONG",
    `${leaf.file}: ${chain.length} intermediates lie between the certificate and its root`,
    `Roles Anywhere takes ${mostIntermediates} at most. Register an intermediate as the trust anchor, and leave out those above it.`,
  );
}

function refused(code: CodeOf<"identity", "certificate">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "identity", hop: "certificate", code, message, hint });
}
