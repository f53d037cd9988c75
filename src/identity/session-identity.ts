/**
 * What Roles Anywhere derives from a certificate: the session's name, its source identity and its tags. IAM Roles Anywhere user guide,
 * "Trust model" and "Certificate attribute mapping".
 */
import type { CertificateView } from "./certificate-view.ts";
import { isStandard, valuesByType, type NameAttribute } from "./names.ts";

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

/** A rule of a profile for one part of the certificate. A part without a rule gives no tags. */
export interface AttributeMapping {
  field: "x509Subject" | "x509Issuer" | "x509SAN";
  /** `CN`, or `*` for all; `DNS`, `URI`, `Name/CN` and `Name/*` of x509SAN. */
  specifiers: readonly string[];
}

/** Those of a new profile. */
export const defaultMappings: readonly AttributeMapping[] = [
  { field: "x509Subject", specifiers: ["*"] },
  { field: "x509Issuer", specifiers: ["*"] },
  { field: "x509SAN", specifiers: ["DNS", "URI", "Name/*"] },
];

/** STS accepts 64 characters of source identity, of which `CN=` are three. */
const longestSourceIdentity = 64;
/** STS API reference, "Tag". */
export const longestTag = 256;
/** Of one session. IAM user guide, "IAM and AWS STS quotas". */
export const mostTags = 50;
export const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * @param roleSessionName the requested name, if the profile accepts one. Otherwise Roles Anywhere uses the serial number
 * @param mappings those of the profile
 */
export function sessionIdentity(
  certificate: CertificateView,
  roleSessionName: string = certificate.serial.hex,
  mappings: readonly AttributeMapping[] = defaultMappings,
): SessionIdentity {
  return {
    roleSessionName,
    sourceIdentity: sourceIdentity(certificate),
    sessionTags: mappings.flatMap((mapping) => mappedTags(certificate, mapping)),
  };
}

function sourceIdentity({ serial, names }: CertificateView): string | undefined {
  const name = joined(valuesByType(names.subject).get("CN") ?? []);
  if (name === "") return `ID=${serial.hex}`;
  return [`CN=${name}`, name].find((candidate) => lengthOf(candidate) <= longestSourceIdentity);
}

/** Those that the session has. */
export function keptTags({ sessionTags }: Pick<SessionIdentity, "sessionTags">): SessionTag[] {
  return sessionTags.filter(({ leftOut }) => leftOut === undefined);
}

/** Undefined for a session with as many tags as STS accepts. AWS does not document what Roles Anywhere does with more. */
export function tooManyTags(session: Pick<SessionIdentity, "sessionTags">): string | undefined {
  const { length } = keptTags(session);
  return length > mostTags
    ? `the session has ${length} tags, more than the ${mostTags} that STS accepts`
    : undefined;
}

/** By its characters. STS API reference, AssumeRole. What Roles Anywhere does with others is not documented. */
export function isAcceptedSourceIdentity(text: string): boolean {
  return /^[\w+=,.@-]*$/.test(text);
}

/** `x509Subject/E`, but not `x509Subject/CN` and `x509SAN/DNS`: AWS does not document the names of such tags. */
export function hasUndocumentedName(key: string): boolean {
  const { type } = partsOf(key) ?? {};
  return type !== undefined && !isStandard({ type: type.toUpperCase() });
}

/** Whether the tags have one without a documented name, which can be the one that a policy means by this key. */
export function canMean(key: string, tags: readonly Pick<SessionTag, "key">[]): boolean {
  const { field } = partsOf(key) ?? {};
  return (
    hasUndocumentedName(key) &&
    tags.some((tag) => hasUndocumentedName(tag.key) && partsOf(tag.key)?.field === field)
  );
}

/** The field of the certificate, and the type of an attribute of its name. */
function partsOf(key: string): { field: string; type: string } | undefined {
  const [, field, type] = /^(x509Subject|x509Issuer|x509SAN\/Name)\/(.+)$/is.exec(key) ?? [];
  return field === undefined || type === undefined ? undefined : { field: field.toLowerCase(), type };
}

function mappedTags(
  { names, alternativeNames }: CertificateView,
  { field, specifiers }: AttributeMapping,
): SessionTag[] {
  const isMapped = (specifier: string): boolean => specifiers.includes(specifier);
  if (field === "x509Subject") return nameTags(field, names.subject, isMapped);
  if (field === "x509Issuer") return nameTags(field, names.issuer, isMapped);
  const { dns, uri, directoryNames } = alternativeNames;
  const [name = []] = directoryNames;
  // The guide makes these three the same.
  const isWhole = ["Name", "Name/", "Name/*"].some(isMapped);
  return [
    ...(isMapped("DNS") ? dns : []).slice(0, 1).map((value) => tag("x509SAN/DNS", value)),
    ...(isMapped("URI") ? uri : []).slice(0, 1).map((value) => tag("x509SAN/URI", value)),
    ...nameTags("x509SAN/Name", name, (type) => isWhole || isMapped(`Name/${type}`)),
  ];
}

/** @param isMapped of `*` or the attribute's type */
function nameTags(
  prefix: string,
  attributes: readonly NameAttribute[],
  isMapped: (type: string) => boolean,
): SessionTag[] {
  return [...valuesByType(attributes)]
    .filter(([type]) => isMapped("*") || isMapped(type))
    .map(([type, values]) => tag(`${prefix}/${type}`, joined(values)));
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
