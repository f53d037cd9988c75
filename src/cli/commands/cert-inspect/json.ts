/**
 * `cert inspect -o json`: one stable object for programs. Dates are RFC 3339. A missing value is null or an empty list.
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

/** @param file as the user wrote it */
export function certificateJson(file: string, inspection: Inspection): string {
  const { view, chain, passedOver, session, problems, warnings } = inspection;
  return jsonText({
    file: shownPath(file),
    valid: problems.length === 0,
    problems: problems.map(finding),
    warnings: warnings.map(finding),
    certificate: certificate(view),
    chain: { ...chain, passedOver },
    session: sessionOf(session),
  });
}

/** The same object for unreadable files and files without a certificate: with the one problem and no other content. */
export function failureJson(file: string, problem: EksX509Error): string {
  return jsonText({
    file: shownPath(file),
    valid: false,
    problems: [finding(problem)],
    warnings: [],
    certificate: null,
    chain: null,
    session: null,
  });
}

function finding({ code, message, hint }: Warning | EksX509Error) {
  return { code, message, hint };
}

function certificate(view: CertificateView) {
  const { alternativeNames, keyUsage, extendedKeyUsage, basicConstraints, fingerprint } = view;
  const { subject, issuer, serial, notBefore, notAfter, daysLeft, version, key, signatureAlgorithm } = view;
  return {
    ...{ subject, issuer, serial, notBefore, notAfter, daysLeft, version, key, signatureAlgorithm },
    keyUsage: keyUsage ?? null,
    extendedKeyUsage: extendedKeyUsage ?? null,
    basicConstraints: basicConstraints
      ? { ca: basicConstraints.ca, pathLength: basicConstraints.pathLength ?? null }
      : null,
    subjectAlternativeNames: {
      ...alternativeNames,
      directoryNames: alternativeNames.directoryNames.map(nameText),
    },
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
