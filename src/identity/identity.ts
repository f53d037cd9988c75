/** Identity: the leaf certificate, its chain, and a signer for its private key. */
import { errorsOf, type EksX509Error } from "../foundation/errors.ts";
import type { NamedBytes } from "../foundation/ports.ts";
import { isSameKey, publicKey } from "./algorithms.ts";
import { readCertificates, type Certificate } from "./certificate.ts";
import { examine, type Examination, type LeftOut } from "./fitness/examination.ts";
import { isAboutValidity, isProblem, isWarning, type Problem, type Warning } from "./fitness/finding.ts";
import { unfit } from "./file-kinds.ts";
import type { CertificateSource, Signer, SignerSource } from "./signer.ts";

export interface Identity {
  leaf: Certificate;
  /** What is sent with the leaf: its issuer first, without a root. */
  chain: readonly Certificate[];
  leftOut: readonly LeftOut[];
  warnings: readonly Warning[];
  signer: Signer;
}

/** The files as read. The certificate file may hold the chain too, in any order, and the key. */
export interface CertificateFiles {
  certificate: NamedBytes;
  intermediates?: NamedBytes | undefined;
}

export interface GivenCertificates {
  file: string;
  certificates: readonly [Certificate, ...Certificate[]];
  /** The certificates of both files, in their order. */
  candidates: readonly Certificate[];
}

export function readCertificateFiles({ certificate, intermediates }: CertificateFiles): GivenCertificates {
  const certificates = readCertificates(certificate);
  const more = intermediates ? readCertificates(intermediates) : [];
  return { file: certificate.name, certificates, candidates: [...certificates, ...more] };
}

/** What is opened on the way to a session. */
export interface UnopenedCertificates {
  certificates: CertificateSource;
  intermediates: CertificateSource | undefined;
}

export async function openCertificates({
  certificates,
  intermediates,
}: UnopenedCertificates): Promise<GivenCertificates> {
  const certificate = await certificates.open();
  return readCertificateFiles({ certificate, intermediates: await intermediates?.open() });
}

export function openSigner(source: SignerSource, { certificates }: GivenCertificates): Promise<Signer> {
  const keys = certificates.flatMap(({ x509 }) => publicKey(x509) ?? []);
  return source.open(keys.map((key) => key.export({ type: "spki", format: "der" })));
}

/**
 * Pairs, orders and checks. Nothing goes over the network.
 * @throws EksX509Error of category identity: no certificate for the key, or the first of its problems
 */
export function identityFrom(given: GivenCertificates, signer: Signer, now: Date): Identity {
  const { leaf, sent, leftOut, findings } = examineForKey(given, signer, now);
  const [first] = findings.filter(isProblem);
  if (first) throw refusal(first);
  return { leaf, chain: sent, leftOut, warnings: findings.filter(isWarning), signer };
}

/** A file may contain thousands of certificates. */
export const mostLeaves = 50;

/** Of several certificates with the key of the signer, the first one that is fit, and without a fit one the first. */
export function examineForKey(given: GivenCertificates, signer: Signer, now: Date): Examination {
  let best: Examination | undefined;
  const leaves = given.certificates.filter(({ x509 }) => isSameKey(x509, signer.publicKey));
  for (const leaf of leaves.slice(0, mostLeaves)) {
    const examination = examine(leaf, given.candidates, now);
    if (!best || fitness(examination) > fitness(best)) best = examination;
    if (fitness(best) === 2) break;
  }
  if (!best) throw keyMismatch(given, signer);
  return best;
}

/** Prefers a certificate that is valid now to one whose validity fails by less than the tolerance. */
function fitness({ findings }: Examination): number {
  if (findings.some(isProblem)) return 0;
  return findings.some(isAboutValidity) ? 1 : 2;
}

export function refusal({ file, code, message, hint }: Problem): EksX509Error {
  return unfit(code, `${file}: ${message}`, hint);
}

const kinds: Readonly<Record<Signer["algorithm"], string>> = {
  "AWS4-X509-RSA-SHA256": "RSA",
  "AWS4-X509-ECDSA-SHA256": "EC",
  "AWS4-X509-MLDSA": "ML-DSA",
};

function keyMismatch(
  { file, certificates }: GivenCertificates,
  { algorithm, description }: Signer,
): EksX509Error {
  const subjects = certificates.slice(0, 5).map(({ subject }) => subject || "(empty subject)");
  return errorsOf("identity", "private-key")(
    "PRIVATE_KEY_MISMATCH",
    `${description}: this ${kinds[algorithm]} key does not match a certificate in ${file}, which is for ${subjects.join("; ")}`,
    "Use the key and the certificate that belong together. A renewed certificate often has a new key.",
  );
}
