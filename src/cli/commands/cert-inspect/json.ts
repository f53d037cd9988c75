/**
 * `cert inspect -o json`: one stable object for programs. Dates are RFC 3339. A missing value is null or an empty list.
 * Fields can be added, and none is renamed or removed.
 */
import type { EksX509Error } from "../../../foundation/errors.ts";
import { shownPath } from "../../../foundation/shown.ts";
import type { CertificateView } from "../../../identity/certificate-view.ts";
import { nameText } from "../../../identity/names.ts";
import type { Inspection } from "../../../identity/inspection.ts";
import type { SessionIdentity } from "../../../identity/session-identity.ts";
import type { Warning } from "../../../identity/fitness/warnings.ts";

/** @param file as the user wrote it */
export function certificateJson(file: string, inspection: Inspection): string {
  const { view, chain, passedOver, session, problems, warnings } = inspection;
  const value = {
    file: shownPath(file),
    valid: problems.length === 0,
    problems: problems.map(finding),
    warnings: warnings.map(finding),
    certificate: certificate(view),
    chain: { ...chain, passedOver },
    session: sessionOf(session),
  };
  return text(value);
}

/** The same object for unreadable files and files without a certificate: with the one problem and no other content. */
export function failureJson(file: string, problem: EksX509Error): string {
  const nothing = { certificate: null, chain: null, session: null };
  return text({
    file: shownPath(file),
    valid: false,
    problems: [finding(problem)],
    warnings: [],
    ...nothing,
  });
}

function text(value: object): string {
  return `${escaped(JSON.stringify(value, undefined, 2))}\n`;
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

/** A JSON parser reads the same text. Control and bidi characters, which a terminal would obey, are escaped. */
function escaped(json: string): string {
  return json.replace(
    /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
