/** What does not keep a certificate from signing in, and may still surprise. */
import type { CertificateView } from "../certificate-view.ts";
import { isStandard, valuesByType, type NameAttribute } from "../names.ts";
import { lengthOf, type SessionIdentity, type SessionTag } from "../session-identity.ts";
import type { WarningCode } from "./finding.ts";

export interface Warning {
  code: WarningCode;
  message: string;
  hint: string;
}

/** Days. */
const soon = 14;
const day = 86_400_000;
/** RFC 5280, ub-common-name. */
const longestCommonName = 64;
const sourceIdentityCharacters = /^[\w+=,.@-]*$/;
/**
 * Octets of keys and values. EKS takes 4,096 octets of token, which leaves 2.5 KiB for the session token; without tags that has
 * about 900, and with them their base64 more: room for some 1,200. An estimate, since the session token's form is not documented.
 */
const roomForTags = 1_200;

/** A message stays readable. */
const mostNamed = 5;

/** None for a certificate as Roles Anywhere's user guide has it. */
export function warningsOf(view: CertificateView, session: SessionIdentity, now: Date): Warning[] {
  return [
    ...expiry(view, now),
    ...selfSigned(view),
    ...usage(view),
    ...commonNames(view.names.subject),
    ...identityCharacters(session),
    ...undocumented(view),
    ...leftOut(session.sessionTags),
    ...size(session.sessionTags),
  ];
}

/** Fourteen days, or the last third of a life that is short by design. */
function expiry({ notBefore, notAfter, daysLeft }: CertificateView, now: Date): Warning[] {
  const left = notAfter.getTime() - now.getTime();
  const limit = Math.min(soon * day, (notAfter.getTime() - notBefore.getTime()) / 3);
  if (left < 0 || left >= limit) return [];
  return one(
    "CERTIFICATE_EXPIRES_SOON",
    `the certificate expires in ${daysLeft < 1 ? "less than a day" : `${daysLeft} day${daysLeft === 1 ? "" : "s"}`}`,
    "Renew it with your CA. The role session name changes with the serial number.",
  );
}

function selfSigned({ subject, issuer, basicConstraints }: CertificateView): Warning[] {
  if (subject === "" || subject !== issuer || basicConstraints?.ca === true) return [];
  return one(
    "CERTIFICATE_SELF_SIGNED",
    "the certificate names itself as its issuer",
    "Roles Anywhere trusts certificates of CAs that are registered as trust anchors. Use a certificate that such a CA issued.",
  );
}

function usage({ extendedKeyUsage: purposes }: CertificateView): Warning[] {
  if (!purposes || purposes.includes("clientAuth") || purposes.includes("anyExtendedKeyUsage")) return [];
  return one(
    "CERTIFICATE_NO_CLIENT_AUTH",
    "the certificate's extendedKeyUsage does not contain clientAuth",
    "Roles Anywhere documents no such rule. If the certificate is refused as untrusted, ask your CA for clientAuth.",
  );
}

function commonNames(subject: readonly NameAttribute[]): Warning[] {
  const names = valuesByType(subject).get("CN") ?? [];
  const name = names.join("/");
  const tooLong = one(
    "COMMON_NAME_TOO_LONG",
    `the common name has ${lengthOf(name)} characters, more than the ${longestCommonName} that X.509 and STS allow`,
    "Roles Anywhere derives the source identity from it. Ask your CA for a certificate with a shorter one.",
  );
  const several = one(
    "COMMON_NAME_REPEATED",
    `the subject has ${names.length} common names`,
    "The source identity for several common names is not documented. Ask your CA for a certificate with one.",
  );
  return [...(lengthOf(name) > longestCommonName ? tooLong : []), ...(names.length > 1 ? several : [])];
}

function identityCharacters({ sourceIdentity = "" }: SessionIdentity): Warning[] {
  if (sourceIdentityCharacters.test(sourceIdentity)) return [];
  return one(
    "SOURCE_IDENTITY_CHARACTERS",
    "the common name has characters that STS does not accept in a source identity",
    "STS accepts only A-Z, a-z, 0-9 and _+=,.@-. The handling of other characters by Roles Anywhere is not documented. Test it before you use it in conditions.",
  );
}

function undocumented({ names }: CertificateView): Warning[] {
  const types = [...names.subject, ...names.issuer]
    .filter((attribute) => !isStandard(attribute))
    .map(({ type }) => type);
  if (types.length === 0) return [];
  return one(
    "TAG_NAME_UNDOCUMENTED",
    `the subject or the issuer has attributes whose tags have no documented name: ${[...new Set(types)].slice(0, mostNamed).join(", ")}`,
    "Their tags can have another name or be missing. Use CN, O, OU, C, ST, L or UID in policies.",
  );
}

function leftOut(tags: readonly SessionTag[]): Warning[] {
  const keysBy = (why: SessionTag["leftOut"]): string =>
    tags
      .filter((tag) => tag.leftOut === why)
      .map(({ key }) => key)
      .slice(0, mostNamed)
      .join(", ");
  const [characters, length] = [keysBy("characters"), keysBy("length")];
  const hint =
    "Roles Anywhere omits such tags. If a trust policy requires one, the role is refused with a text such as: some attributes failed to be mapped into session tags.";
  return [
    ...(characters
      ? one("TAG_CHARACTERS", `characters that a session tag cannot contain: ${characters}`, hint)
      : []),
    ...(length ? one("TAG_TOO_LONG", `more than the 256 characters of a session tag: ${length}`, hint) : []),
  ];
}

function size(tags: readonly SessionTag[]): Warning[] {
  const kept = tags.filter((tag) => tag.leftOut === undefined);
  const octets = kept.reduce((sum, { key, value }) => sum + Buffer.byteLength(key + value), 0);
  if (octets <= roomForTags) return [];
  return one(
    "SESSION_TAGS_LARGE",
    `the session tags have ${octets} octets, so the token can exceed the limit of EKS (4096)`,
    "Configure attribute mappings in the profile for the attributes that policies use, or use shorter names.",
  );
}

function one(code: WarningCode, message: string, hint: string): Warning[] {
  return [{ code, message, hint }];
}
