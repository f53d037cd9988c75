/** An inspection in labelled lines, for cert inspect and for token debug. Bounded: a certificate may hold ten thousand names. */
import type { AlternativeNames } from "./alternative-names.ts";
import type { BasicConstraints, CertificateView } from "./certificate-view.ts";
import { nameText } from "./distinguished-name.ts";
import type { ChainView, Inspection } from "./inspection.ts";
import type { SessionIdentity, SessionTag } from "./session-identity.ts";

/** `[label, value]`. */
type Fact = readonly [label: string, value: string];

const mostOfAKind = 10;
/** STS takes no more. */
const mostTags = 50;
const longestValue = 300;

/** What the certificate says, for somebody who looks for it elsewhere: at the CA, or in CloudTrail. */
export function certificateFacts(view: CertificateView): Fact[] {
  const { subject, issuer, serial, key, signatureAlgorithm, keyUsage, extendedKeyUsage } = view;
  return facts([
    ["subject", subject || "(empty)"],
    ["issuer", issuer || "(empty)"],
    ["serial", serial.decimal],
    ["serial, hex", serial.hex],
    ["valid", validity(view)],
    ["key", key],
    ["signed with", signatureAlgorithm],
    ["key usage", listed(keyUsage)],
    ["ext. usage", listed(extendedKeyUsage)],
    ["constraints", constraints(view.basicConstraints)],
    ...alternatives(view.alternativeNames),
    ["SHA-256", view.fingerprint],
  ]);
}

/** How far the certificates reach, and at which CA they end. */
export function chainFacts({ chain, passedOver }: Inspection): Fact[] {
  return facts([
    ...some(chain.intermediates).map(({ subject, notAfter }): Fact => [
      "intermediate",
      `${subject}, until ${seconds(notAfter)}`,
    ]),
    [chain.rootIsThere ? "root" : "ends at", end(chain)],
    ...some(passedOver).map((subject): Fact => ["passed over", subject || "(empty subject)"]),
  ]);
}

/** What Roles Anywhere makes of the certificate. */
export function sessionFacts({ roleSessionName, sourceIdentity, sessionTags }: SessionIdentity): Fact[] {
  return facts([
    ["session name", roleSessionName],
    ["source identity", sourceIdentity ?? "unknown: the common name is too long"],
    ...sessionTags.slice(0, mostTags).map((tag): Fact => ["tag", tagText(tag)]),
  ]);
}

function facts(all: readonly Fact[]): Fact[] {
  return all.map(([label, value]) => [label, bounded(value)]);
}

function bounded(value: string): string {
  return value.length <= longestValue
    ? value
    : `${value.slice(0, longestValue)}… (${value.length} characters)`;
}

function some<Item>(items: readonly Item[]): readonly Item[] {
  return items.slice(0, mostOfAKind);
}

function validity({ notBefore, notAfter, daysLeft }: CertificateView): string {
  const left = daysLeft < 0 ? "expired" : `${daysLeft} day${daysLeft === 1 ? "" : "s"} left`;
  return `${seconds(notBefore)} to ${seconds(notAfter)}, ${left}`;
}

/** Certificates know no fractions. */
function seconds(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}

function listed(names: readonly string[] | undefined): string {
  return names === undefined ? "(no extension)" : names.join(", ") || "(none)";
}

function constraints(value: BasicConstraints | undefined): string {
  if (!value) return "(no extension)";
  return `CA:${value.ca ? "true" : "false"}${value.pathLength === undefined ? "" : `, path length ${value.pathLength}`}`;
}

function alternatives({ dns, uri, email, ip, directoryNames, other }: AlternativeNames): Fact[] {
  const kinds: [string, string[]][] = [
    ["SAN DNS", dns],
    ["SAN URI", uri],
    ["SAN email", email],
    ["SAN IP", ip],
    ["SAN name", directoryNames.map(nameText)],
    ["SAN other", other],
  ];
  return kinds.flatMap(([label, values]) => [
    ...some(values).map((value): Fact => [label, value]),
    ...(values.length > mostOfAKind ? [[label, `and ${values.length - mostOfAKind} more`] as const] : []),
  ]);
}

function end({ endsAt, rootIsThere }: ChainView): string {
  return rootIsThere ? `${endsAt}; it stays behind` : `${endsAt}, whose certificate is not in the files`;
}

function tagText({ key, value, leftOut }: SessionTag): string {
  const why = { characters: "characters that no tag may hold", length: "more than 256 characters" };
  return `${key} = ${value}${leftOut === undefined ? "" : ` (left out: ${why[leftOut]})`}`;
}
