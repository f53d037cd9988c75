/** Identity: the leaf certificate, its chain, and a signer for its private key. */
import type { KeyObject } from "node:crypto";
import { EksX509Error } from "../foundation/errors.ts";
import { readCertificates, type Certificate } from "./certificate.ts";
import { chainOf, leafOf } from "./chain.ts";
import { signatureProblem } from "./issuer-signature.ts";
import type { NamedBytes } from "./pem.ts";
import { readPrivateKey } from "./private-key.ts";
import { checkRequirements } from "./requirements.ts";
import { keySigner, type Signer } from "./signer.ts";

export interface Identity {
  leaf: Certificate;
  /** Issuer of the leaf first; without the root. */
  chain: readonly Certificate[];
  signer: Signer;
}

/** The files as read. The certificate file may hold the chain too, in any order, and the key. */
export interface IdentityFiles {
  certificate: NamedBytes;
  privateKey: NamedBytes;
  intermediates?: NamedBytes | undefined;
}

/**
 * Reads, pairs, orders and checks. Nothing goes over the network.
 * @throws EksX509Error of category identity
 */
export function identityFrom(files: IdentityFiles, now: Date): Identity {
  const certificates = readCertificates(files.certificate);
  const key = readPrivateKey(files.privateKey);
  const leaf = leafOf(certificates, key, now);
  if (!leaf) throw keyMismatch(files, certificates, key);
  const intermediates = files.intermediates ? readCertificates(files.intermediates) : [];
  const candidates = [...certificates, ...intermediates];
  const chain = chainOf(leaf, candidates, now);
  checkRequirements(leaf, chain, now);
  const problem = signatureProblem(leaf, chain, candidates);
  if (problem) throw problem;
  return { leaf, chain, signer: keySigner(key) };
}

export function keyMismatch(
  { certificate, privateKey }: Pick<IdentityFiles, "certificate" | "privateKey">,
  certificates: readonly Certificate[],
  key: KeyObject,
): EksX509Error {
  const subjects = certificates.slice(0, 5).map(({ subject }) => subject || "(empty subject)");
  const kind = key.asymmetricKeyType === "rsa" ? "RSA" : "EC";
  return new EksX509Error({
    category: "identity",
    hop: "private-key",
    code: "PRIVATE_KEY_MISMATCH",
    message: `${privateKey.name}: this ${kind} key belongs to no certificate in ${certificate.name}, which is for ${subjects.join("; ")}`,
    hint: "Give the key and the certificate that were made together. A renewed certificate often comes with a new key.",
  });
}
