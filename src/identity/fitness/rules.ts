/**
 * What Roles Anywhere asks of a certificate, its chain and its trust anchor. These are the only rules: cert inspect, get-token, token
 * debug and the sandbox ask them. Sources, in this order: IAM Roles Anywhere user guide, "Signature verification" and "Trust model";
 * RFC 5280 §6.1 where the guide is silent. Where neither says what the service does, the finding is a warning.
 */
import { inWords } from "../../foundation/duration.ts";
import { publicKeyKind } from "../algorithms.ts";
import type { Certificate } from "../certificate.ts";
import { problem, warning, type Finding, type Subject } from "./finding.ts";
import { forbiddenName } from "./name-constraints.ts";

/** The time, and how far the clock that tells it may be off. */
export interface Clock {
  now: Date;
  /** Milliseconds. A validity that fails by less is a warning. */
  tolerance: number;
}

/** What the certificate at the end of a path is: a CA without its issuer, a self-signed CA, or the trust anchor. */
export type PathEnd = "intermediate" | "root" | "anchor";

/** X-Amz-X509-Chain takes no more. */
export const mostIntermediates = 5;
const smallestRsaModulus = 2048;
const digitalSignature = 0;
const keyCertSign = 5;
const clientAuth = "1.3.6.1.5.5.7.3.2";
const anyPurpose = "2.5.29.37.0";

/** Critical extensions that path validation evaluates, or that change no verdict. RFC 5280 §4.2. */
const knownExtensions: ReadonlySet<string> = new Set([
  ...[14, 15, 17, 18, 19, 30, 31, 32, 33, 35, 36, 37, 46, 54].map((arc) => `2.5.29.${arc}`),
  "1.3.6.1.5.5.7.1.1",
  "1.3.6.1.5.5.7.1.11",
]);

/**
 * @param path the leaf, then the issuer of each
 * @returns in the order of the path; no problem among them when the certificate is fit
 */
export function pathFindings(
  path: readonly [Certificate, ...Certificate[]],
  end: PathEnd,
  clock: Clock,
): Finding[] {
  const [leaf, ...authorities] = path;
  const intermediates = end === "intermediate" ? authorities.length : authorities.length - 1;
  return [
    ...leafFindings(leaf, clock),
    ...authorities.flatMap((authority, index) => {
      const kind = index === authorities.length - 1 ? end : "intermediate";
      const subject = { certificate: authority, which: `${kindNames[kind]} ${authority.subject}` };
      return [
        // The trust anchor may be another certificate of the CA that stands here, and then nobody needs this one.
        ...authorityFindings(subject, kind, clock).map((finding) =>
          kind === "intermediate" && index > 0 && index === authorities.length - 1
            ? unneeded(finding)
            : finding,
        ),
        ...pathLength(subject, authorities.slice(0, index)),
        ...nameConstraints(subject, leaf, authorities.slice(0, index)),
      ];
    }),
    ...chainLength(leaf, intermediates),
  ];
}

const kindNames = { intermediate: "the intermediate", root: "the root", anchor: "the trust anchor" };

function unneeded(finding: Finding): Finding {
  const isValidity = finding.code === "CERTIFICATE_EXPIRED" || finding.code === "CERTIFICATE_NOT_YET_VALID";
  if (!isValidity) return finding;
  const hint =
    "It is left out. If the service refuses, renew it, or use the CA below it as the trust anchor.";
  return { ...finding, severity: "warning", hint };
}

/** Of an end-entity certificate, whatever issued it. */
export function leafFindings(certificate: Certificate, clock: Clock): Finding[] {
  const leaf = { certificate, which: "the certificate" };
  return [
    ...validity(leaf, clock),
    ...version(leaf),
    ...emptySubject(leaf),
    ...notAnAuthority(leaf),
    ...mayUse(leaf, digitalSignature),
    ...hash(leaf),
    ...key(leaf),
    ...criticalExtensions(leaf),
    ...serial(leaf),
  ];
}

/** Of a CA, whatever it issued. */
export function authorityFindings(authority: Subject, kind: PathEnd, clock: Clock): Finding[] {
  const { certificate, which } = authority;
  const own = [
    ...validity(authority, clock),
    ...(kind === "anchor" ? [] : hash(authority)),
    ...(kind === "intermediate" ? serial(authority) : []),
    // A root in the files is not sent, and the trust anchor may be a later certificate of the same CA.
  ].map((finding) => (kind === "root" ? notSent(finding) : finding));
  return [
    ...own,
    ...isAuthority(authority),
    ...(certificate.keyUsage ? mayCertify(authority) : []),
    ...criticalExtensions(authority),
    ...(takesClients(certificate.extendedKeyUsage)
      ? []
      : warning(
          authority,
          "CHAIN_NO_CLIENT_AUTH",
          `${which} is not for clients: its extendedKeyUsage lacks clientAuth`,
          "Roles Anywhere documents no such rule, and other verifiers have one. If the certificate is refused as untrusted, use another CA.",
        )),
  ];
}

function notSent(finding: Finding): Finding {
  const hint =
    "It is not sent. Make sure that the trust anchor holds a certificate of this CA without this fault.";
  return { ...finding, severity: "warning", hint };
}

/** Of a CA that is registered as a trust anchor. User guide, "Trust anchors"; CreateTrustAnchor refuses others. */
export function anchorFindings(certificate: Certificate): Finding[] {
  const anchor = { certificate, which: `the trust anchor ${certificate.subject}` };
  return [...version(anchor), ...isAuthority(anchor), ...mayCertify(anchor), ...hash(anchor)];
}

function validity(subject: Subject, { now, tolerance }: Clock): Finding[] {
  const { notBefore, notAfter } = subject.certificate;
  const late = now.getTime() - notAfter.getTime();
  const early = notBefore.getTime() - now.getTime();
  const say = Math.max(late, early) < tolerance ? warning : problem;
  if (late > 0)
    return say(
      subject,
      "CERTIFICATE_EXPIRED",
      `${subject.which} expired ${inWords(late)} ago, at ${notAfter.toISOString()}`,
      "Renew it with your CA. If it should still be valid, check this machine's clock.",
    );
  if (early > 0)
    return say(
      subject,
      "CERTIFICATE_NOT_YET_VALID",
      `${subject.which} becomes valid in ${inWords(early)}, at ${notBefore.toISOString()}`,
      "Check this machine's clock. If it is right, wait, or ask your CA for a certificate that is valid now.",
    );
  return [];
}

function version(subject: Subject): Finding[] {
  const { certificate, which } = subject;
  if (certificate.version === 3) return [];
  return problem(
    subject,
    "CERTIFICATE_NOT_V3",
    `${which} is X.509 version ${certificate.version}, not 3`,
    "Ask your CA for a version 3 certificate.",
  );
}

function emptySubject(leaf: Subject): Finding[] {
  if (leaf.certificate.names.subject.length > 0) return [];
  return problem(
    leaf,
    "CERTIFICATE_SUBJECT_EMPTY",
    "the certificate's subject is empty",
    "Ask your CA for a certificate with a subject: Roles Anywhere makes the session's identity of it.",
  );
}

function notAnAuthority(leaf: Subject): Finding[] {
  if (leaf.certificate.basicConstraints?.ca !== true) return [];
  return problem(
    leaf,
    "CERTIFICATE_IS_CA",
    "the certificate that belongs to the key is a CA's (basicConstraints CA:true)",
    "Sign in with an end-entity certificate, issued with CA:false.",
  );
}

function isAuthority(authority: Subject): Finding[] {
  const { certificate, which } = authority;
  if (certificate.basicConstraints?.ca === true) return [];
  return problem(
    authority,
    "CHAIN_NOT_A_CA",
    `${which} is not a CA (basicConstraints lacks CA:true)`,
    "Only a CA may issue certificates. Ask your CA for the certificates of its chain.",
  );
}

function mayUse(leaf: Subject, bit: number): Finding[] {
  const { keyUsage } = leaf.certificate;
  if (keyUsage?.has(bit)) return [];
  return problem(
    leaf,
    "CERTIFICATE_KEY_USAGE",
    `the certificate's keyUsage ${keyUsage ? "lacks digitalSignature" : "extension is missing; it must hold digitalSignature"}`,
    "Ask your CA for a certificate with keyUsage digitalSignature.",
  );
}

function mayCertify(authority: Subject): Finding[] {
  const { certificate, which } = authority;
  if (certificate.keyUsage?.has(keyCertSign)) return [];
  return problem(
    authority,
    "CHAIN_KEY_USAGE",
    `${which} may not sign certificates (keyUsage lacks keyCertSign)`,
    "Ask your CA for a CA certificate with keyUsage keyCertSign.",
  );
}

function hash(subject: Subject): Finding[] {
  const { name, weakHash, isUnknown } = subject.certificate.signedWith;
  if (weakHash !== undefined)
    return problem(
      subject,
      "CERTIFICATE_WEAK_HASH",
      `${subject.which} is signed with ${weakHash}`,
      "Roles Anywhere asks for SHA-256 or stronger. Ask your CA for a certificate that is signed so.",
    );
  if (!isUnknown) return [];
  return warning(
    subject,
    "CERTIFICATE_SIGNATURE_UNDOCUMENTED",
    `${subject.which} is signed with ${name}, which the user guide does not name`,
    "If the certificate is refused as untrusted, ask your CA for a signature of RSA or ECDSA with SHA-256.",
  );
}

function key(leaf: Subject): Finding[] {
  const { name, bits, isSupported } = publicKeyKind(leaf.certificate.x509);
  if (!isSupported)
    return problem(
      leaf,
      "CERTIFICATE_KEY_UNSUPPORTED",
      `the certificate's key is ${name}, which is not supported`,
      "Make a new key, RSA of 2048 bits or more, or EC on P-256, P-384 or P-521, and have it certified.",
    );
  if (bits === undefined || bits >= smallestRsaModulus) return [];
  return problem(
    leaf,
    "CERTIFICATE_RSA_TOO_SMALL",
    `the RSA key has ${bits} bits`,
    `Roles Anywhere asks for ${smallestRsaModulus} or more. Make a new key, and have it certified.`,
  );
}

/** RFC 5280 §4.2: a critical extension that is not recognized makes the certificate unusable. */
function criticalExtensions(subject: Subject): Finding[] {
  const unknown = subject.certificate.extensions.filter(
    ({ id, isCritical }) => isCritical && !knownExtensions.has(id),
  );
  if (unknown.length === 0) return [];
  return problem(
    subject,
    "CERTIFICATE_CRITICAL_EXTENSION",
    `${subject.which} has critical extensions that verifiers do not know: ${unknown.map(({ id }) => id).join(", ")}`,
    "Ask your CA for a certificate without them, or with them marked as not critical.",
  );
}

/** RFC 5280 §4.1.2.2. Many verifiers take zero all the same, and some refuse to read a negative one. */
function serial(subject: Subject): Finding[] {
  const { certificate, which } = subject;
  if (certificate.serial > 0n) return [];
  const say = certificate.serial < 0n ? problem : warning;
  return say(
    subject,
    "CERTIFICATE_SERIAL_NOT_POSITIVE",
    `${which} has the serial number ${certificate.serial}, which is not positive`,
    "RFC 5280 forbids it. Ask your CA for another certificate.",
  );
}

/** RFC 5280 §6.1.4 (l) and (m). Self-issued certificates, of a CA that changes its key, do not count. */
function pathLength({ certificate, which }: Subject, below: readonly Certificate[]): Finding[] {
  const allowed = certificate.basicConstraints?.pathLength;
  const count = below.filter((authority) => !isSelfIssued(authority)).length;
  if (allowed === undefined || count <= allowed) return [];
  return problem(
    { certificate, which },
    "CHAIN_PATH_LENGTH",
    `${which} allows ${allowed} CAs below it (path length), and ${count} are there`,
    "Use a certificate that the CA issued itself, or ask for a CA certificate with a longer path length.",
  );
}

/** RFC 5280 §6.1.3 (b) and (c). */
function nameConstraints(authority: Subject, leaf: Certificate, below: readonly Certificate[]): Finding[] {
  const constrained = [leaf, ...below.filter((certificate) => !isSelfIssued(certificate))];
  const name = constrained
    .map((certificate) => forbiddenName(certificate, authority.certificate))
    .find((forbidden) => forbidden !== undefined);
  if (name === undefined) return [];
  return problem(
    authority,
    "CHAIN_NAME_CONSTRAINTS",
    `${authority.which} does not allow the name ${name} (nameConstraints)`,
    "Ask for a certificate with a name that the CA may certify, or use another CA.",
  );
}

function chainLength(leaf: Certificate, intermediates: number): Finding[] {
  if (intermediates <= mostIntermediates) return [];
  return problem(
    { certificate: leaf, which: "the certificate" },
    "CHAIN_TOO_LONG",
    `${intermediates} intermediates lie between the certificate and its root`,
    `Roles Anywhere takes ${mostIntermediates} at most. Register an intermediate as the trust anchor, and leave out those above it.`,
  );
}

function isSelfIssued({ comparable }: Certificate): boolean {
  return comparable.subject.join("\n\n") === comparable.issuer.join("\n\n");
}

export function takesClients(purposes: readonly string[] | undefined): boolean {
  return !purposes || purposes.includes(clientAuth) || purposes.includes(anyPurpose);
}
