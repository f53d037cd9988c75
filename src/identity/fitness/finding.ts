/** What a rule says about a certificate. The codes are the same on the client and in the sandbox. */
import type { CodeOf } from "../../foundation/errors.ts";
import { mlDsaHint } from "../algorithms.ts";
import type { Certificate } from "../certificate.ts";

type ProblemCode = CodeOf<"identity", "certificate">;
export type WarningCode = CodeOf<"warning", "certificate"> | ProblemCode;

interface FindingText {
  /** One sentence, no full stop at the end. */
  message: string;
  hint: string;
  file: string;
}

export type Problem = FindingText & { severity: "problem"; code: ProblemCode };
export type Warning = FindingText & { severity: "warning"; code: WarningCode };
export type Finding = Problem | Warning;

/** A certificate by its place in the path. */
export interface Subject {
  certificate: Certificate;
  /** `the certificate`, `the intermediate CN=Issuing CA`. */
  which: string;
}

const leftOutTags =
  "Roles Anywhere omits such tags. If a trust policy requires one, the role is refused with a text such as: some attributes failed to be mapped into session tags.";

export const hints = {
  CERTIFICATE_EXPIRED: "Renew it with your CA. If it should still be valid, check this machine's clock.",
  CERTIFICATE_NOT_YET_VALID:
    "Check this machine's clock. If it is right, wait, or ask your CA for a certificate that is valid now.",
  CERTIFICATE_NOT_V3: "Ask your CA for a version 3 certificate.",
  CERTIFICATE_SUBJECT_EMPTY:
    "Ask your CA for a certificate with a subject. Roles Anywhere derives the session's identity from it.",
  CERTIFICATE_IS_CA: "Sign in with an end-entity certificate (CA:false).",
  CERTIFICATE_KEY_USAGE: "Ask your CA for a certificate with keyUsage digitalSignature.",
  CERTIFICATE_WEAK_HASH:
    "Roles Anywhere requires SHA-256 or stronger. Ask your CA for a certificate with such a signature.",
  CERTIFICATE_SIGNATURE_UNDOCUMENTED:
    "If the certificate is refused as untrusted, ask your CA for a signature of RSA or ECDSA with SHA-256.",
  CERTIFICATE_KEY_UNSUPPORTED:
    "Create a new key (RSA of at least 2048 bits, EC on P-256, P-384 or P-521, or ML-DSA) and request a certificate for it.",
  ML_DSA_NOT_SUPPORTED: mlDsaHint,
  CERTIFICATE_RSA_TOO_SMALL:
    "Roles Anywhere requires 2048 or more. Create a new key and request a certificate for it.",
  CERTIFICATE_CRITICAL_EXTENSION: "Ask your CA for a certificate without them, or mark them as not critical.",
  CERTIFICATE_MALFORMED: "RFC 5280 forbids it, and verifiers refuse it. Ask your CA for another certificate.",
  CERTIFICATE_SERIAL_NOT_POSITIVE: "RFC 5280 forbids it. Ask your CA for another certificate.",
  CERTIFICATE_SELF_SIGNED:
    "Roles Anywhere trusts certificates of CAs that are registered as trust anchors. Use a certificate that such a CA issued.",
  CERTIFICATE_SIGNATURE_INVALID:
    "The certificate is damaged, or the CA did not issue it. Export it again, or ask your CA for it.",
  CERTIFICATE_ISSUER_NAMESAKE:
    "Either the CA changed its key, and this is its other certificate, or the signature is invalid. Compare it with the trust anchor.",
  CHAIN_NOT_A_CA: "Only a CA can issue certificates. Ask your CA for the certificates of its chain.",
  CHAIN_KEY_USAGE: "Ask your CA for a CA certificate with keyUsage keyCertSign.",
  CHAIN_PATH_LENGTH:
    "Use a certificate that the CA issued itself, or ask for a CA certificate with a longer path length.",
  CHAIN_NAME_CONSTRAINTS: "Ask for a certificate with a name that the CA can certify, or use another CA.",
  CHAIN_POLICY: "Ask your CA for certificates with the policies that it requires, or use another CA.",
  CHAIN_NO_CLIENT_AUTH:
    "Roles Anywhere documents no such rule, but other verifiers have one. If the certificate is refused as untrusted, use another CA.",
  CHAIN_TOO_LONG:
    "Roles Anywhere accepts at most 5. Register an intermediate as the trust anchor, and leave out the certificates above it.",
  CERTIFICATE_EXPIRES_SOON: "Renew it with your CA. The role session name changes with the serial number.",
  CERTIFICATE_NO_CLIENT_AUTH:
    "Roles Anywhere documents no such rule. If the certificate is refused as untrusted, ask your CA for clientAuth.",
  COMMON_NAME_TOO_LONG:
    "Roles Anywhere derives the source identity from it. Ask your CA for a certificate with a shorter one.",
  COMMON_NAME_REPEATED:
    "The source identity for several common names is not documented. Ask your CA for a certificate with one.",
  SOURCE_IDENTITY_CHARACTERS:
    "STS accepts only A-Z, a-z, 0-9 and _+=,.@-. The handling of other characters by Roles Anywhere is not documented. Test it before you use it in conditions.",
  TAG_NAME_UNDOCUMENTED:
    "Their tags can have another name or be missing. Use CN, O, OU, C, ST, L or UID in policies.",
  TAG_CHARACTERS: leftOutTags,
  TAG_TOO_LONG: leftOutTags,
  SESSION_TAGS_TOO_MANY:
    "What Roles Anywhere does then is not documented. Configure attribute mappings in the profile for the attributes that policies use.",
  SESSION_TAGS_LARGE:
    "Configure attribute mappings in the profile for the attributes that policies use, or use shorter names.",
} as const satisfies Partial<Record<WarningCode, string>>;

export type RuleCode = keyof typeof hints;

/** @returns a list, so that a rule that holds returns an empty one */
export function problem(subject: Subject, code: RuleCode & ProblemCode, message: string): Problem[] {
  return [{ severity: "problem", code, message, hint: hints[code], file: subject.certificate.file }];
}

export function warning(subject: Subject, code: RuleCode, message: string): Warning[] {
  return [{ severity: "warning", code, message, hint: hints[code], file: subject.certificate.file }];
}

export function isProblem(finding: Finding): finding is Problem {
  return finding.severity === "problem";
}

export function isAboutValidity({ code }: Finding): boolean {
  return code === "CERTIFICATE_EXPIRED" || code === "CERTIFICATE_NOT_YET_VALID";
}

export function isWarning(finding: Finding): finding is Warning {
  return finding.severity === "warning";
}
