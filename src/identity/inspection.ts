/** Inspects a certificate file without a sign-in: selects the leaf, and derives the session that Roles Anywhere creates for it. */
import { wholeSeconds } from "../foundation/duration.ts";
import type { EksX509Error } from "../foundation/errors.ts";
import type { BasicConstraints, Certificate } from "./certificate.ts";
import { certificateView, remainingTime, type CertificateView } from "./certificate-view.ts";
import { lastIssued } from "./chain.ts";
import { examine, type Examination } from "./fitness/examination.ts";
import { isProblem, isWarning } from "./fitness/finding.ts";
import { warningsOf, type Warning } from "./fitness/warnings.ts";
import { examineForKey, mostLeaves, refusal, type GivenCertificates, type Identity } from "./identity.ts";
import { nameText, type AlternativeNames } from "./names.ts";
import {
  sessionIdentity,
  type AttributeMapping,
  type SessionIdentity,
  type SessionTag,
  mostTags,
} from "./session-identity.ts";
import type { Signer } from "./signer.ts";

export interface Inspection {
  view: CertificateView;
  chain: ChainView;
  /** Subjects of the certificates that are neither sent nor the root. */
  passedOver: string[];
  session: SessionIdentity;
  problems: EksX509Error[];
  warnings: Warning[];
  /** The identity that would sign in, without its signer. */
  identity: Omit<Identity, "signer">;
}

export interface SessionRequest {
  /** The value of --role-session-name. */
  roleSessionName?: string | undefined;
  /** Those of the profile, if it is known. */
  mappings?: readonly AttributeMapping[] | undefined;
}

export interface ChainView {
  /** The leaf's issuer first, without the root: what is sent along. Of a certificate that is not fit, its path. */
  intermediates: { subject: string; issuer: string; notAfter: Date }[];
  /** The CA at the path's end, by its subject. The trust anchor must hold it, or one of the intermediates. */
  endsAt: string;
  /** Its self-signed certificate is in the files. */
  rootIsThere: boolean;
}

/**
 * @param signer selects the leaf from several certificates by its key
 * @param asked what the session depends on, beside the certificate
 * @throws EksX509Error of category identity when no certificate belongs to the key
 */
export function inspect(
  given: GivenCertificates,
  signer: Signer | undefined,
  now: Date,
  asked: SessionRequest = {},
): Inspection {
  const examination = signer ? examineForKey(given, signer, now) : examineLast(given, now);
  const { leaf, leftOut, sent, findings } = examination;
  const view = certificateView(leaf, now);
  const session = sessionIdentity(view, asked.roleSessionName, asked.mappings);
  const problems = findings.filter(isProblem);
  const isKnown = ({ code }: Warning): boolean => problems.some((problem) => problem.code === code);
  return {
    view,
    chain: chainView(examination, problems.length === 0 ? sent : examination.intermediates),
    passedOver: leftOut.map(({ subject }) => subject),
    session,
    problems: problems.map(refusal),
    warnings: [
      ...warningsOf(view, session, now).filter((warning) => !isKnown(warning)),
      ...findings.filter(isWarning),
    ],
    identity: { leaf, chain: sent, leftOut, warnings: findings.filter(isWarning) },
  };
}

/**
 * The leaf of a file that comes without a key: the certificate that issued none of the others. Of several, one that is fit, that is no
 * CA's, and that stays valid longest.
 */
function examineLast({ certificates, candidates }: GivenCertificates, now: Date): Examination {
  const rank = ({ leaf, findings }: Examination): number =>
    Number(!findings.some(isProblem)) * 2 + Number(leaf.basicConstraints?.ca !== true);
  const examined = lastIssued(certificates)
    .slice(0, mostLeaves)
    .map((leaf) => examine(leaf, candidates, now))
    .sort((a, b) => rank(b) - rank(a) || b.leaf.notAfter.getTime() - a.leaf.notAfter.getTime());
  return examined[0] ?? examine(certificates[0], candidates, now);
}

function chainView({ leaf, intermediates, root }: Examination, shown: readonly Certificate[]): ChainView {
  return {
    intermediates: shown.map(({ subject, issuer, notAfter }) => ({ subject, issuer, notAfter })),
    endsAt: (intermediates.at(-1) ?? leaf).issuer,
    rootIsThere: root !== undefined,
  };
}

type Fact = readonly [label: string, value: string];

const mostOfAKind = 10;
const longestValue = 300;

/** The certificate's content, with the values that find it at the CA or in CloudTrail. */
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

export function chainFacts({ chain, passedOver }: Inspection): Fact[] {
  return facts([
    ...some(chain.intermediates).map(({ subject, notAfter }): Fact => [
      "intermediate",
      `${subject}, until ${wholeSeconds(notAfter)}`,
    ]),
    [chain.rootIsThere ? "root" : "ends at", end(chain)],
    ...some(passedOver).map((subject): Fact => ["not used", subject || "(empty subject)"]),
  ]);
}

export function sessionFacts({ roleSessionName, sourceIdentity, sessionTags }: SessionIdentity): Fact[] {
  return facts([
    ["session name", roleSessionName],
    ["source identity", sourceIdentity ?? "unknown: the common name is too long"],
    ...sessionTags.slice(0, mostTags).map((tag): Fact => ["tag", tagText(tag)]),
    ...(sessionTags.length > mostTags ? [["tag", `and ${sessionTags.length - mostTags} more`] as const] : []),
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

function validity(view: CertificateView): string {
  return `${wholeSeconds(view.notBefore)} to ${wholeSeconds(view.notAfter)}, ${remainingTime(view)}`;
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
  return rootIsThere ? `${endsAt}; it is not sent` : `${endsAt}, whose certificate is not in the files`;
}

function tagText({ key, value, leftOut }: SessionTag): string {
  const why = { characters: "characters that a tag cannot contain", length: "more than 256 characters" };
  return `${key} = ${value}${leftOut === undefined ? "" : ` (omitted: ${why[leftOut]})`}`;
}
