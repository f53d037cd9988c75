/** Warnings about a certificate that is fit. */
import type { CertificateView } from "../certificate-view.ts";
import { isStandard, valuesByType, type NameAttribute } from "../names.ts";
import {
  isAcceptedSourceIdentity,
  keptTags,
  lengthOf,
  tooManyTags,
  type SessionIdentity,
  type SessionTag,
} from "../session-identity.ts";
import { hints, type RuleCode, type Warning as Finding } from "./finding.ts";

export type Warning = Omit<Finding, "severity" | "file">;

/** Days. */
const soon = 14;
const day = 86_400_000;
/** RFC 5280, ub-common-name. */
const longestCommonName = 64;
/**
 * Octets of keys and values. EKS accepts 4,096 octets of token, which leaves 2.5 KiB for the session token. A session token without tags
 * has about 900, and tags add more than their base64. This is an estimate, since the form of the session token is not documented.
 */
const mostTagOctets = 1_200;
/** Keeps a message readable. */
const mostNamed = 5;

/** None for a certificate that follows the user guide of Roles Anywhere. */
export function warningsOf(view: CertificateView, session: SessionIdentity, now: Date): Warning[] {
  return [
    ...expiry(view, now),
    ...selfIssued(view),
    ...usage(view),
    ...commonNames(view.names.subject),
    ...identityCharacters(session),
    ...undocumented(view),
    ...leftOut(session.sessionTags),
    ...count(session),
    ...size(session),
  ];
}

/** Fourteen days, or the last third of a shorter life. */
function expiry({ notBefore, notAfter, daysLeft }: CertificateView, now: Date): Warning[] {
  const left = notAfter.getTime() - now.getTime();
  const limit = Math.min(soon * day, (notAfter.getTime() - notBefore.getTime()) / 3);
  if (left < 0 || left >= limit) return [];
  const days = daysLeft < 1 ? "less than a day" : `${daysLeft} day${daysLeft === 1 ? "" : "s"}`;
  return one("CERTIFICATE_EXPIRES_SOON", `the certificate expires in ${days}`);
}

function selfIssued({ subject, issuer, basicConstraints }: CertificateView): Warning[] {
  if (subject === "" || subject !== issuer || basicConstraints?.ca === true) return [];
  return one("CERTIFICATE_SELF_SIGNED", "the certificate names itself as its issuer");
}

function usage({ extendedKeyUsage: purposes }: CertificateView): Warning[] {
  if (!purposes || purposes.includes("clientAuth") || purposes.includes("anyExtendedKeyUsage")) return [];
  return one("CERTIFICATE_NO_CLIENT_AUTH", "the certificate's extendedKeyUsage does not contain clientAuth");
}

function commonNames(subject: readonly NameAttribute[]): Warning[] {
  const names = valuesByType(subject).get("CN") ?? [];
  const length = lengthOf(names.join("/"));
  const tooLong = `the common name has ${length} characters, more than the ${longestCommonName} that X.509 and STS allow`;
  return [
    ...(length > longestCommonName ? one("COMMON_NAME_TOO_LONG", tooLong) : []),
    ...(names.length > 1 ? one("COMMON_NAME_REPEATED", `the subject has ${names.length} common names`) : []),
  ];
}

function identityCharacters({ sourceIdentity = "" }: SessionIdentity): Warning[] {
  if (isAcceptedSourceIdentity(sourceIdentity)) return [];
  const message = "the common name has characters that STS does not accept in a source identity";
  return one("SOURCE_IDENTITY_CHARACTERS", message);
}

function undocumented({ names }: CertificateView): Warning[] {
  const attributes = [...names.subject, ...names.issuer].filter((attribute) => !isStandard(attribute));
  const types = [...new Set(attributes.map(({ type }) => type))].slice(0, mostNamed);
  if (types.length === 0) return [];
  const message = `the subject or the issuer has attributes whose tags have no documented name: ${types.join(", ")}`;
  return one("TAG_NAME_UNDOCUMENTED", message);
}

function leftOut(tags: readonly SessionTag[]): Warning[] {
  const keysBy = (why: SessionTag["leftOut"]): string =>
    tags
      .filter((tag) => tag.leftOut === why)
      .map(({ key }) => key)
      .slice(0, mostNamed)
      .join(", ");
  const [characters, length] = [keysBy("characters"), keysBy("length")];
  return [
    ...(characters
      ? one("TAG_CHARACTERS", `characters that a session tag cannot contain: ${characters}`)
      : []),
    ...(length ? one("TAG_TOO_LONG", `more than the 256 characters of a session tag: ${length}`) : []),
  ];
}

function count(session: SessionIdentity): Warning[] {
  const message = tooManyTags(session);
  return message === undefined ? [] : one("SESSION_TAGS_TOO_MANY", message);
}

function size(session: SessionIdentity): Warning[] {
  const octets = keptTags(session).reduce((sum, { key, value }) => sum + Buffer.byteLength(key + value), 0);
  if (octets <= mostTagOctets) return [];
  const message = `the session tags have ${octets} octets, so the token can exceed the limit of EKS (4096)`;
  return one("SESSION_TAGS_LARGE", message);
}

function one(code: RuleCode, message: string): Warning[] {
  return [{ code, message, hint: hints[code] }];
}
