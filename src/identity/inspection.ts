/** A certificate file, looked at without signing in: which certificate is the leaf, and what Roles Anywhere will make of it. */
import type { EksX509Error } from "../foundation/errors.ts";
import type { Certificate } from "./certificate.ts";
import { certificateView, type CertificateView } from "./certificate-view.ts";
import { chainOf, leafAmong, leafOf, rootOf } from "./chain.ts";
import { keyMismatch, type GivenCertificates } from "./identity.ts";
import { namesakeWarning, signatureProblem } from "./issuer-signature.ts";
import { requirementProblems } from "./requirements.ts";
import { sessionIdentity, type SessionIdentity } from "./session-identity.ts";
import type { Signer } from "./signer.ts";
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

/**
 * @param signer whose key tells which of several certificates is the leaf
 * @param roleSessionName as asked for with --role-session-name
 * @throws EksX509Error of category identity when no certificate belongs to the key
 */
export function inspect(
  given: GivenCertificates,
  signer: Signer | undefined,
  now: Date,
  roleSessionName?: string,
): Inspection {
  return inspectLeaf(findLeaf(given, signer, now), given.candidates, now, roleSessionName);
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

function findLeaf(given: GivenCertificates, signer: Signer | undefined, now: Date): Certificate {
  if (!signer) return leafAmong(given.certificates, now);
  const leaf = leafOf(given.certificates, signer.publicKey, now);
  if (!leaf) throw keyMismatch(given, signer);
  return leaf;
}
