/**
 * `cert inspect -o json`: one stable object for programs. Dates are RFC 3339. A missing value is null or an empty list. Only with their
 * options, the object also has `trustPolicy`, `profile` and `crl`.
 * Fields can be added, and none is renamed or removed.
 */
import type { EksX509Error } from "../../../foundation/errors.ts";
import { jsonText } from "../../../foundation/json.ts";
import { shownPath } from "../../../foundation/shown.ts";
import type { CertificateView } from "../../../identity/certificate-view.ts";
import { nameText } from "../../../identity/names.ts";
import type { Inspection } from "../../../identity/inspection.ts";
import type { SessionIdentity } from "../../../identity/session-identity.ts";
import type { Warning } from "../../../identity/fitness/warnings.ts";
import { admissionJson, type Admission } from "./admission.ts";

export function certificateJson(file: string, inspection: Inspection, admission: Admission): string {
  const { view, chain, passedOver, session, problems, warnings } = inspection;
  return report(file, problems, warnings, {
    certificate: certificate(view),
    chain: { ...chain, passedOver },
    session: sessionOf(session),
    ...admissionJson(admission),
  });
}

/** The same object for unreadable files and files without a certificate: with the one problem and no other content. */
export function failureJson(file: string, problem: EksX509Error): string {
  return report(file, [problem], [], { certificate: null, chain: null, session: null });
}

function report(
  file: string,
  problems: readonly EksX509Error[],
  warnings: readonly Warning[],
  content: Record<"certificate" | "chain" | "session", object | null>,
): string {
  const valid = problems.length === 0;
  const findings = { problems: problems.map(finding), warnings: warnings.map(finding) };
  return jsonText({ file: shownPath(file), valid, ...findings, ...content });
}

function finding({ code, message, hint }: Warning | EksX509Error) {
  return { code, message, hint };
}

function certificate(view: CertificateView) {
  const { alternativeNames, keyUsage, extendedKeyUsage, basicConstraints, fingerprint } = view;
  const { subject, issuer, serial, notBefore, notAfter, daysLeft, version, key, signatureAlgorithm } = view;
  const directoryNames = alternativeNames.directoryNames.map(nameText);
  return {
    ...{ subject, issuer, serial, notBefore, notAfter, daysLeft, version, key, signatureAlgorithm },
    keyUsage: keyUsage ?? null,
    extendedKeyUsage: extendedKeyUsage ?? null,
    basicConstraints: basicConstraints
      ? { ca: basicConstraints.ca, pathLength: basicConstraints.pathLength ?? null }
      : null,
    subjectAlternativeNames: { ...alternativeNames, directoryNames },
    fingerprintSha256: fingerprint,
  };
}

function sessionOf({ roleSessionName, sourceIdentity, sessionTags }: SessionIdentity) {
  return {
    roleSessionName,
    sourceIdentity: sourceIdentity ?? null,
    /** `leftOut`: null, "characters" or "length". */
    tags: sessionTags.map(({ key, value, leftOut }) => ({ key, value, leftOut: leftOut ?? null })),
  };
}
