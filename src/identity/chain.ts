/** From a heap of certificates to the leaf and its intermediates, in order. */
import type { Certificate } from "./certificate.ts";
import { isSameKey } from "./public-key.ts";

/**
 * The certificate whose key this is. Of several (one key, renewed certificates) the one that is valid now, and of
 * those the one that stays valid longest.
 */
export function leafOf(
  certificates: readonly Certificate[],
  publicKey: Uint8Array,
  now: Date,
): Certificate | undefined {
  return preferred(
    certificates.filter(({ x509 }) => isSameKey(x509, publicKey)),
    now,
  );
}

/**
 * The leaf of a file that comes without a key: the certificate that issued none of the others. Of several, one that is no CA's,
 * is valid now, and stays valid longest.
 */
export function leafAmong(certificates: readonly [Certificate, ...Certificate[]], now: Date): Certificate {
  const last = certificates.filter(
    (candidate) =>
      !certificates.some((other) => !other.der.equals(candidate.der) && issued(candidate, other)),
  );
  // None, where CAs have certified each other in a circle.
  return preferred(last, now, ({ basicConstraintsCa }) => !basicConstraintsCa) ?? certificates[0];
}

/**
 * The leaf's issuer, that one's issuer, and so on, as far as the candidates reach; without a self-signed root,
 * which Roles Anywhere holds itself as the trust anchor. Whatever does not belong to the path is passed over. Of the
 * certificates of a cross-signed CA, one whose own issuer is there comes first: the other is a dead end.
 */
export function chainOf(leaf: Certificate, candidates: readonly Certificate[], now: Date): Certificate[] {
  const chain: Certificate[] = [];
  let current = leaf;
  for (;;) {
    const path = [leaf, ...chain];
    const issuer = preferred(
      candidates.filter(
        (candidate) => !path.some(({ der }) => der.equals(candidate.der)) && issued(candidate, current),
      ),
      now,
      (candidate) => candidates.some((other) => issued(other, candidate)),
    );
    if (!issuer || isSelfSigned(issuer)) return chain;
    chain.push(issuer);
    current = issuer;
  }
}

/** The self-signed root that issued this certificate, if the candidates hold it. */
export function rootOf(
  certificate: Certificate,
  candidates: readonly Certificate[],
): Certificate | undefined {
  return candidates.find((candidate) => isSelfSigned(candidate) && issued(candidate, certificate));
}

/** The CAs that a certificate names as its issuer, by name and, where both have them, key identifiers; whoever has signed it. Not itself. */
export function namedIssuers(subject: Certificate, candidates: readonly Certificate[]): Certificate[] {
  return candidates.filter((issuer) => !issuer.der.equals(subject.der) && isNamed(issuer, subject));
}

function issued(issuer: Certificate, subject: Certificate): boolean {
  return isNamed(issuer, subject) && verifies(subject, issuer);
}

function isNamed(issuer: Certificate, subject: Certificate): boolean {
  return issuer.x509.ca && subject.x509.checkIssued(issuer.x509);
}

/** A signature of a kind that this Node's OpenSSL does not know is left for Roles Anywhere to judge. */
export function verifies(subject: Certificate, issuer: Certificate): boolean {
  try {
    return subject.x509.verify(issuer.x509.publicKey);
  } catch {
    return true;
  }
}

function isSelfSigned(certificate: Certificate): boolean {
  return certificate.subject === certificate.issuer && issued(certificate, certificate);
}

/** The first by validity, then by rank, then by how long it stays valid. */
function preferred(
  certificates: readonly Certificate[],
  now: Date,
  ranks: (certificate: Certificate) => boolean = () => false,
): Certificate | undefined {
  if (certificates.length < 2) return certificates[0];
  const isValid = ({ notBefore, notAfter }: Certificate): boolean => notBefore <= now && now <= notAfter;
  const ranked = certificates.map((certificate) => ({
    certificate,
    rank: Number(isValid(certificate)) * 2 + Number(ranks(certificate)),
  }));
  ranked.sort(
    (a, b) => b.rank - a.rank || b.certificate.notAfter.getTime() - a.certificate.notAfter.getTime(),
  );
  return ranked[0]?.certificate;
}
