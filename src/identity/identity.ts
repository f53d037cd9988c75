/** Identity: the leaf certificate, its chain, and a signer for its private key. */
import { EksX509Error } from "../foundation/errors.ts";
import type { NamedBytes } from "../foundation/files.ts";
import { readCertificates, type Certificate } from "./certificate.ts";
import { chainOf, leafOf } from "./chain.ts";
import { signatureProblem } from "./issuer-signature.ts";
import { publicKeyInfo } from "./public-key.ts";
import { checkRequirements } from "./requirements.ts";
import type { Signer, SignerSource } from "./signer.ts";

export interface Identity {
  leaf: Certificate;
  /** Issuer of the leaf first; without the root. */
  chain: readonly Certificate[];
  signer: Signer;
}

/** The files as read. The certificate file may hold the chain too, in any order, and the key. */
export interface CertificateFiles {
  certificate: NamedBytes;
  intermediates?: NamedBytes | undefined;
}

/** The certificates of these files. */
export interface GivenCertificates {
  /** Name of the file that holds the leaf. */
  file: string;
  /** The leaf is one of these. */
  certificates: readonly [Certificate, ...Certificate[]];
  /** The certificates of both files, in their order. */
  candidates: readonly Certificate[];
}

/** @throws EksX509Error of category identity */
export function readCertificateFiles({ certificate, intermediates }: CertificateFiles): GivenCertificates {
  const certificates = readCertificates(certificate);
  const more = intermediates ? readCertificates(intermediates) : [];
  return { file: certificate.name, certificates, candidates: [...certificates, ...more] };
}

/** @throws EksX509Error of category identity */
export function openSigner(source: SignerSource, { certificates }: GivenCertificates): Promise<Signer> {
  return source.open(certificates.flatMap(({ x509 }) => publicKeyInfo(x509) ?? []));
}

/**
 * Pairs, orders and checks. Nothing goes over the network.
 * @throws EksX509Error of category identity
 */
export function identityFrom(given: GivenCertificates, signer: Signer, now: Date): Identity {
  const { candidates } = given;
  const leaf = leafOf(given.certificates, signer.publicKey, now);
  if (!leaf) throw keyMismatch(given, signer);
  const chain = chainOf(leaf, candidates, now);
  checkRequirements(leaf, chain, now);
  const problem = signatureProblem(leaf, chain, candidates);
  if (problem) throw problem;
  return { leaf, chain, signer };
}

export function keyMismatch(
  { file, certificates }: GivenCertificates,
  { algorithm, description }: Signer,
): EksX509Error {
  const subjects = certificates.slice(0, 5).map(({ subject }) => subject || "(empty subject)");
  const kind = algorithm === "AWS4-X509-RSA-SHA256" ? "RSA" : "EC";
  return new EksX509Error({
    category: "identity",
    hop: "private-key",
    code: "PRIVATE_KEY_MISMATCH",
    message: `${description}: this ${kind} key belongs to no certificate in ${file}, which is for ${subjects.join("; ")}`,
    hint: "Give the key and the certificate that were made together. A renewed certificate often comes with a new key.",
  });
}
