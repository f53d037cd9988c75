/**
 * What Roles Anywhere requires of a certificate, its chain and its trust anchor. cert inspect, get-token, token debug and the sandbox all
 * ask these rules, and there are no others. They come from the IAM Roles Anywhere user guide, "Signature verification" and "Trust model",
 * and from RFC 5280 §6.1 where the guide is silent. If neither says what the service does, the finding is a warning.
 */
import { inWords } from "../../foundation/duration.ts";
import { keyKind, mlDsaName, publicKey } from "../algorithms.ts";
import { extensionValue, octets, tagged } from "../asn1.ts";
import type { Certificate } from "../certificate.ts";
import { isNamedIssuer, type Path } from "../chain.ts";
import { isAboutValidity, problem, warning, type Finding, type Subject } from "./finding.ts";
import { forbiddenName } from "./name-constraints.ts";

/** The time, and the tolerance for a wrong clock. */
export interface Clock {
  now: Date;
  /** Milliseconds. A validity that fails by less is a warning. */
  tolerance: number;
}

/** The certificate at the end of a path: a CA without its issuer, a self-signed CA, or the trust anchor. */
export type PathEnd = "intermediate" | "root" | "anchor";

/** The maximum in X-Amz-X509-Chain. */
export const mostIntermediates = 5;
const smallestRsaModulus = 2048;
const digitalSignature = 0;
const keyCertSign = 5;
const clientAuth = "1.3.6.1.5.5.7.3.2";
const anyPurpose = "2.5.29.37.0";

/**
 * Critical extensions that path validation evaluates, or that do not change its result. RFC 5280 §4.2. It forbids others to be critical,
 * such as key identifiers, and verifiers refuse them then.
 */
const knownExtensions: ReadonlySet<string> = new Set(
  [15, 17, 19, 30, 31, 32, 33, 36, 37, 54].map((arc) => `2.5.29.${arc}`),
);

const kindNames = { intermediate: "the intermediate", root: "the root", anchor: "the trust anchor" };

/** @returns the findings in the order of the path. Without a problem among them, the certificate is fit */
export function pathFindings([leaf, ...authorities]: Path, end: PathEnd, clock: Clock): Finding[] {
  const last = authorities.length - 1;
  const intermediates = end === "intermediate" ? authorities.length : last;
  const findings = authorities.flatMap((certificate, index) => {
    const kind = index === last ? end : "intermediate";
    const authority = { certificate, which: `${kindNames[kind]} ${certificate.subject}` };
    const below = authorities.slice(0, index);
    const own = authorityFindings(authority, kind, clock);
    return [
      ...(kind === "intermediate" && index === last && index > 0 ? own.map(unneeded) : own),
      ...pathLength(authority, below),
      ...nameConstraints(authority, [leaf, ...below]),
    ];
  });
  const tooLong = `there are ${intermediates} intermediates between the certificate and its root`;
  return [
    ...leafFindings(leaf, clock),
    ...findings,
    ...explicitPolicy([leaf, ...authorities.slice(0, intermediates)]),
    ...problemIf(intermediates > mostIntermediates, ofLeaf(leaf), "CHAIN_TOO_LONG", tooLong),
  ];
}

/** The trust anchor may be another certificate of the CA at the top, such as its self-signed one. Then nobody needs this one. */
function unneeded(finding: Finding): Finding {
  if (!isAboutValidity(finding)) return finding;
  const hint =
    "It is not sent. If the service refuses, renew it, or register the CA below it as the trust anchor.";
  return { ...finding, severity: "warning", hint };
}

const ofLeaf = (certificate: Certificate): Subject => ({ certificate, which: "the certificate" });

export function leafFindings(certificate: Certificate, clock: Clock): Finding[] {
  const leaf = ofLeaf(certificate);
  const rules = [version, nameAndUse, hash, key, malformed, criticalExtensions, serial];
  return [...validity(leaf, clock), ...rules.flatMap((rule) => rule(leaf))];
}

export function authorityFindings(authority: Subject, kind: PathEnd, clock: Clock): Finding[] {
  const own = [...validity(authority, clock), ...(kind === "anchor" ? [] : hash(authority))];
  const rules = [...(kind === "intermediate" ? [serial] : []), mayCertify, malformed, criticalExtensions];
  return [
    ...(kind === "root" ? own.map(notSent) : own),
    ...rules.flatMap((rule) => rule(authority)),
    ...purpose(authority),
  ];
}

/** A root in the files is not sent. The trust anchor may be a later certificate of the same CA. */
function notSent(finding: Finding): Finding {
  const hint =
    "It is not sent. Make sure that the trust anchor is a certificate of this CA without the fault.";
  return { ...finding, severity: "warning", hint };
}

/** The rules for a CA that is registered as a trust anchor. User guide, "Trust anchors". CreateTrustAnchor refuses others. */
export function anchorFindings(certificate: Certificate): Finding[] {
  const anchor = { certificate, which: `the trust anchor ${certificate.subject}` };
  return [version, mayCertify, hash, malformed, criticalExtensions].flatMap((rule) => rule(anchor));
}

function problemIf(isBroken: boolean, ...finding: Parameters<typeof problem>): Finding[] {
  return isBroken ? problem(...finding) : [];
}

function validity(subject: Subject, { now, tolerance }: Clock): Finding[] {
  const { notBefore, notAfter } = subject.certificate;
  const late = now.getTime() - notAfter.getTime();
  const early = notBefore.getTime() - now.getTime();
  const report = Math.max(late, early) < tolerance ? warning : problem;
  if (late > 0) {
    const message = `${subject.which} expired ${inWords(late)} ago, at ${notAfter.toISOString()}`;
    return report(subject, "CERTIFICATE_EXPIRED", message);
  }
  if (early <= 0) return [];
  const message = `${subject.which} becomes valid in ${inWords(early)}, at ${notBefore.toISOString()}`;
  return report(subject, "CERTIFICATE_NOT_YET_VALID", message);
}

function version(subject: Subject): Finding[] {
  const { certificate, which } = subject;
  const message = `${which} is X.509 version ${certificate.version}, not 3`;
  return problemIf(certificate.version !== 3, subject, "CERTIFICATE_NOT_V3", message);
}

function nameAndUse(leaf: Subject): Finding[] {
  const { names, basicConstraints, keyUsage } = leaf.certificate;
  const isCa = basicConstraints?.ca === true;
  const signs = keyUsage?.has(digitalSignature) === true;
  const ca = "the certificate of the key is a CA certificate (basicConstraints CA:true)";
  const usage = keyUsage
    ? "does not contain digitalSignature"
    : "extension is missing; it must contain digitalSignature";
  const empty = "the certificate's subject is empty";
  return [
    ...problemIf(names.subject.length === 0, leaf, "CERTIFICATE_SUBJECT_EMPTY", empty),
    ...problemIf(isCa, leaf, "CERTIFICATE_IS_CA", ca),
    ...problemIf(!signs, leaf, "CERTIFICATE_KEY_USAGE", `the certificate's keyUsage ${usage}`),
  ];
}

/** RFC 5280 §6.1.4 (k) and (n). keyUsage counts where it is present. */
function mayCertify(authority: Subject): Finding[] {
  const { certificate, which } = authority;
  const { basicConstraints, keyUsage } = certificate;
  const noCa = `${which} is not a CA (basicConstraints without CA:true)`;
  const noUsage = `${which} cannot sign certificates (keyUsage without keyCertSign)`;
  return [
    ...problemIf(basicConstraints?.ca !== true, authority, "CHAIN_NOT_A_CA", noCa),
    ...problemIf(keyUsage?.has(keyCertSign) === false, authority, "CHAIN_KEY_USAGE", noUsage),
  ];
}

function purpose(authority: Subject): Finding[] {
  const { extendedKeyUsage: purposes } = authority.certificate;
  if (!purposes || purposes.includes(clientAuth) || purposes.includes(anyPurpose)) return [];
  const message = `the extendedKeyUsage of ${authority.which} does not contain clientAuth`;
  return warning(authority, "CHAIN_NO_CLIENT_AUTH", message);
}

function hash(subject: Subject): Finding[] {
  const { name, weakHash, isUnknown } = subject.certificate.signedWith;
  if (weakHash !== undefined)
    return problem(subject, "CERTIFICATE_WEAK_HASH", `${subject.which} is signed with ${weakHash}`);
  if (!isUnknown) return [];
  const message = `${subject.which} is signed with ${name}, which the user guide does not mention`;
  return warning(subject, "CERTIFICATE_SIGNATURE_UNDOCUMENTED", message);
}

function key(leaf: Subject): Finding[] {
  const own = publicKey(leaf.certificate.x509);
  const { name, bits, isSupported } = keyKind(own);
  const unread = own === undefined ? mlDsaName(leaf.certificate.keyAlgorithm) : undefined;
  if (unread !== undefined) {
    const message = `the certificate's key is ${unread}, which this version of Node does not support`;
    return problem(leaf, "ML_DSA_NOT_SUPPORTED", message);
  }
  if (!isSupported) {
    const message = `the certificate's key is ${name}, which is not supported`;
    return problem(leaf, "CERTIFICATE_KEY_UNSUPPORTED", message);
  }
  if (bits === undefined || bits >= smallestRsaModulus) return [];
  return problem(leaf, "CERTIFICATE_RSA_TOO_SMALL", `the RSA key has ${bits} bits`);
}

function malformed(subject: Subject): Finding[] {
  const { faults } = subject.certificate;
  const message = `${subject.which} ${faults.join(", and ")}`;
  return problemIf(faults.length > 0, subject, "CERTIFICATE_MALFORMED", message);
}

/** RFC 5280 §4.2: a critical extension that is not recognized makes the certificate unusable. */
function criticalExtensions(subject: Subject): Finding[] {
  const { certificate, which } = subject;
  const unknown = certificate.extensions
    .filter(({ id, isCritical }) => isCritical && !knownExtensions.has(id))
    .map(({ id }) => id);
  const message = `${which} has critical extensions that verifiers do not support: ${unknown.join(", ")}`;
  return problemIf(unknown.length > 0, subject, "CERTIFICATE_CRITICAL_EXTENSION", message);
}

/** RFC 5280 §4.1.2.2. Many verifiers accept zero, and some do not read a certificate with a negative number. */
function serial(subject: Subject): Finding[] {
  const { certificate, which } = subject;
  if (certificate.serial > 0n) return [];
  const report = certificate.serial < 0n ? problem : warning;
  const message = `${which} has the serial number ${certificate.serial}, which is not positive`;
  return report(subject, "CERTIFICATE_SERIAL_NOT_POSITIVE", message);
}

/** RFC 5280 §6.1.4 (l) and (m). Self-issued certificates, of a CA that changes its key, do not count. */
function pathLength(authority: Subject, below: readonly Certificate[]): Finding[] {
  const allowed = authority.certificate.basicConstraints?.pathLength ?? Infinity;
  const count = below.filter((one) => !isSelfIssued(one)).length;
  const message = `${authority.which} allows ${allowed} CAs below it (path length), and there are ${count}`;
  return problemIf(count > allowed, authority, "CHAIN_PATH_LENGTH", message);
}

/** RFC 5280 §6.1.5 (g): a CA can require policies in the path, `[0]` CAs below itself. @param path without the trust anchor */
function explicitPolicy(path: Path): Finding[] {
  const bare = path.find(({ extensions }) => !extensionValue(extensions, "2.5.29.32"));
  const requiring = path.find(({ extensions }, index) => {
    const skipped = octets(tagged(extensionValue(extensions, "2.5.29.36"), 0))?.toString("hex");
    return Number(`0x${skipped}`) <= path.slice(0, index).filter((one) => !isSelfIssued(one)).length;
  });
  if (!bare || !requiring) return [];
  const message = `${requiring.subject} requires certificate policies, which ${bare.subject} does not have`;
  return problem({ certificate: bare, which: bare.subject }, "CHAIN_POLICY", message);
}

/** RFC 5280 §6.1.3 (b) and (c). @param below the leaf, and the CAs between it and this one */
function nameConstraints(authority: Subject, [leaf, ...below]: Path): Finding[] {
  const name = [leaf, ...below.filter((one) => !isSelfIssued(one))]
    .map((certificate) => forbiddenName(certificate, authority.certificate))
    .find((forbidden) => forbidden !== undefined);
  const message = `${authority.which} does not allow the name ${name} (nameConstraints)`;
  return problemIf(name !== undefined, authority, "CHAIN_NAME_CONSTRAINTS", message);
}

function isSelfIssued(certificate: Certificate): boolean {
  return isNamedIssuer(certificate, certificate);
}
