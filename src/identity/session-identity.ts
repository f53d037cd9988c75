/**
 * What Roles Anywhere derives from a certificate: the session's name, its source identity and its tags. IAM Roles Anywhere user guide,
 * "Trust model" and "Certificate attribute mapping", with the profile's default mapping.
 */
import type { CertificateView } from "./certificate-view.ts";
import { valuesByType, type NameAttribute } from "./names.ts";

export interface SessionIdentity {
  /** Last part of the assumed role's ARN: what aws-auth calls {{SessionName}}. */
  roleSessionName: string;
  /** sts:SourceIdentity; undefined when the common name is too long for STS, since the result is not documented. */
  sourceIdentity: string | undefined;
  /** What policies see as aws:PrincipalTag/…. */
  sessionTags: SessionTag[];
}

export interface SessionTag {
  /** `x509Subject/CN`. */
  key: string;
  value: string;
  /** Why the session lacks this tag: Roles Anywhere leaves out a value that STS would refuse. */
  leftOut?: "characters" | "length";
}

/** STS accepts 64 characters of source identity, of which `CN=` are three. */
const longestSourceIdentity = 64;
/** STS API reference, "Tag". */
const longestTag = 256;
const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** @param roleSessionName the requested name, if the profile accepts one. Otherwise Roles Anywhere uses the serial number */
export function sessionIdentity(
  certificate: CertificateView,
  roleSessionName: string = certificate.serial.hex,
): SessionIdentity {
  return {
    roleSessionName,
    sourceIdentity: sourceIdentity(certificate),
    sessionTags: sessionTags(certificate),
  };
}

function sourceIdentity({ serial, names }: CertificateView): string | undefined {
  const name = joined(valuesByType(names.subject).get("CN") ?? []);
  if (name === "") return `ID=${serial.hex}`;
  return [`CN=${name}`, name].find((candidate) => lengthOf(candidate) <= longestSourceIdentity);
}

function sessionTags({ names, alternativeNames }: CertificateView): SessionTag[] {
  const { dns, uri, directoryNames } = alternativeNames;
  return [
    ...nameTags("x509Subject", names.subject),
    ...nameTags("x509Issuer", names.issuer),
    ...dns.slice(0, 1).map((value) => tag("x509SAN/DNS", value)),
    ...uri.slice(0, 1).map((value) => tag("x509SAN/URI", value)),
    ...nameTags("x509SAN/Name", directoryNames[0] ?? []),
  ];
}

function nameTags(prefix: string, attributes: readonly NameAttribute[]): SessionTag[] {
  return [...valuesByType(attributes)].map(([type, values]) => tag(`${prefix}/${type}`, joined(values)));
}

/** A tag has one value, so the values of a repeated attribute are joined in the certificate's order. */
function joined(values: readonly string[]): string {
  return values.join("/");
}

function tag(key: string, value: string): SessionTag {
  if (!tagCharacters.test(value)) return { key, value, leftOut: "characters" };
  return lengthOf(value) > longestTag ? { key, value, leftOut: "length" } : { key, value };
}

/** AWS counts code points. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}
