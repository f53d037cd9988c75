/** A certificate file, looked at without signing in: which certificate is the leaf, and what Roles Anywhere will make of it. */
import type { EksX509Error } from "../foundation/errors.ts";
import { readCertificates, type Certificate } from "./certificate.ts";
import { certificateView, type CertificateView } from "./certificate-view.ts";
import { chainOf, leafAmong, leafOf, rootOf } from "./chain.ts";
import { keyMismatch } from "./identity.ts";
import { namesakeWarning, signatureProblem } from "./issuer-signature.ts";
import type { NamedBytes } from "./pem.ts";
import { readPrivateKey } from "./private-key.ts";
import { requirementProblems } from "./requirements.ts";
import { sessionIdentity, type SessionIdentity } from "./session-identity.ts";
import { warningsOf, type Warning } from "./warnings.ts";

export interface Inspection {
  view: CertificateView;
  chain: ChainView;
  /** Subjects of the certificates that belong neither to the chain nor are its root; they are not sent. */
  passedOver: string[];
  session: SessionIdentity;
  /** None for a certificate that is fit for Roles Anywhere. */
  problems: EksX509Error[];
  warnings: Warning[];
}

export interface ChainView {
  /** The leaf's issuer first, without the root: what is sent along. */
  intermediates: { subject: string; issuer: string; notAfter: Date }[];
  /** The CA at the chain's end, by its subject: the trust anchor must hold it, or one of the intermediates. */
  endsAt: string;
  /** Its self-signed certificate is in the files. */
  rootIsThere: boolean;
}

export interface FilesToInspect {
  certificate: NamedBytes;
  intermediates?: NamedBytes | undefined;
  /** Tells which of several certificates is the leaf. */
  privateKey?: NamedBytes | undefined;
}

/**
 * @param roleSessionName as asked for with --session-name
 * @throws EksX509Error of category identity, for files that cannot be read, or hold no certificate, or none for the key
 */
export function inspectFiles(files: FilesToInspect, now: Date, roleSessionName?: string): Inspection {
  const certificates = readCertificates(files.certificate);
  const leaf = findLeaf(files, certificates, now);
  const more = files.intermediates ? readCertificates(files.intermediates) : [];
  return inspectLeaf(leaf, [...certificates, ...more], now, roleSessionName);
}

/** @param candidates everything that the files hold; the leaf may be among them */
export function inspectLeaf(
  leaf: Certificate,
  candidates: readonly Certificate[],
  now: Date,
  roleSessionName?: string,
): Inspection {
  const chain = chainOf(leaf, candidates, now);
  const last = chain.at(-1) ?? leaf;
  const root = rootOf(last, candidates);
  const path = [leaf, ...chain, ...(root ? [root] : [])];
  const view = certificateView(leaf, now);
  const session = sessionIdentity(view, roleSessionName);
  const broken = signatureProblem(leaf, chain, candidates);
  return {
    view,
    chain: { intermediates: chain.map(link), endsAt: last.issuer, rootIsThere: root !== undefined },
    passedOver: candidates
      .filter(({ der }) => !path.some((member) => member.der.equals(der)))
      .map(({ subject }) => subject),
    session,
    problems: [...requirementProblems(leaf, chain, now), ...(broken ? [broken] : [])],
    warnings: [...warningsOf(view, session, now), ...namesakeWarning(leaf, chain, candidates)],
  };
}

function link({ subject, issuer, notAfter }: Certificate): ChainView["intermediates"][number] {
  return { subject, issuer, notAfter };
}

function findLeaf(
  { certificate, privateKey }: FilesToInspect,
  certificates: readonly [Certificate, ...Certificate[]],
  now: Date,
): Certificate {
  if (!privateKey) return leafAmong(certificates, now);
  const key = readPrivateKey(privateKey);
  const leaf = leafOf(certificates, key, now);
  if (!leaf) throw keyMismatch({ certificate, privateKey }, certificates, key);
  return leaf;
}
