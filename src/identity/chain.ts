/** Which certificates of the files issued which: by name and signature, RFC 5280 §6.1.3 (a). Key identifiers only order them. */
import { extensionValue, octets, tagged } from "./asn1.ts";
import type { Certificate } from "./certificate.ts";
import { nameKey } from "./names.ts";

/** A file can contain thousands of certificates. Only the nearest ones are examined. */
const mostCandidates = 100;

/** Leaf first, then the issuer of each. */
export type Path = readonly [Certificate, ...Certificate[]];

export interface Issuance {
  /** Fit CAs first, then those that the key identifier names, then those that are valid longest. */
  issuersOf: (subject: Certificate) => readonly Certificate[];
  isSelfSigned: (certificate: Certificate) => boolean;
}

/**
 * @param candidates all certificates in the files, with or without the leaf
 * @param isFit whether a CA comes before those that are not
 */
export function issuanceOf(
  leaf: Certificate,
  candidates: readonly Certificate[],
  isFit: (authority: Certificate) => boolean,
): Issuance {
  const near = nearest(leaf, candidates);
  const issuersOf = memo((subject: Certificate) =>
    near
      .filter((candidate) => candidate !== subject && issued(candidate, subject))
      .map((certificate) => ({
        certificate,
        rank: Number(isFit(certificate)) * 2 + Number(isNamedByKey(certificate, subject)),
      }))
      .sort((a, b) => b.rank - a.rank || b.certificate.notAfter.getTime() - a.certificate.notAfter.getTime())
      .map(({ certificate }) => certificate),
  );
  return { issuersOf, isSelfSigned: memo((certificate: Certificate) => issued(certificate, certificate)) };
}

/** The CAs that the names of issuers lead to, each certificate once, without the leaf. */
function nearest(leaf: Certificate, candidates: readonly Certificate[]): Certificate[] {
  const byName = new Map<string, Certificate[]>();
  for (const candidate of distinct([leaf, ...candidates]).slice(1)) {
    const name = nameKey(candidate.comparable.subject);
    const known = byName.get(name);
    if (known) known.push(candidate);
    else byName.set(name, [candidate]);
  }
  const found: Certificate[] = [];
  for (let next: Certificate | undefined = leaf, index = 0; next; next = found[index++]) {
    const name = nameKey(next.comparable.issuer);
    found.push(...(byName.get(name) ?? []).slice(0, mostCandidates - found.length));
    byName.delete(name);
  }
  return found;
}

export function distinct(certificates: readonly Certificate[]): Certificate[] {
  const seen = new Set<string>();
  return certificates.filter(({ der }) => seen.size < seen.add(der.toString("base64")).size);
}

/** Every path up to a self-signed CA, or to the last issuer in the files. */
export function* pathsFrom(path: Path, issuance: Issuance): Generator<Path> {
  const top = path.at(-1) ?? path[0];
  const issuers = issuance.isSelfSigned(top)
    ? []
    : issuance.issuersOf(top).filter((issuer) => !path.includes(issuer));
  if (issuers.length === 0) yield path;
  for (const issuer of issuers) yield* pathsFrom([...path, issuer], issuance);
}

/** Every CA above the leaf, nearest first. */
export function authoritiesAbove(leaf: Certificate, { issuersOf, isSelfSigned }: Issuance): Certificate[] {
  const found = new Set<Certificate>([leaf]);
  for (const certificate of found)
    if (certificate === leaf || !isSelfSigned(certificate))
      for (const issuer of issuersOf(certificate)) found.add(issuer);
  return [...found].slice(1);
}

/** The certificates that issued none of the others; all of them if CAs certified each other in a circle. */
export function lastIssued(certificates: readonly [Certificate, ...Certificate[]]): readonly Certificate[] {
  const all = distinct(certificates);
  const isIssuer = all.length > mostCandidates ? isNamedIssuer : issued;
  const last = all.filter(
    (candidate) => !all.some((other) => other !== candidate && isIssuer(candidate, other)),
  );
  return last.length > 0 ? last : all;
}

/** Compares the names only. */
export function isNamedIssuer(issuer: Certificate, subject: Certificate): boolean {
  return nameKey(issuer.comparable.subject) === nameKey(subject.comparable.issuer);
}

function issued(issuer: Certificate, subject: Certificate): boolean {
  return isNamedIssuer(issuer, subject) && verifies(subject, issuer);
}

/** @param unsupported for a signature algorithm that Node's OpenSSL does not support. By default, Roles Anywhere decides */
export function verifies(subject: Certificate, issuer: Certificate, unsupported = true): boolean {
  try {
    return subject.x509.verify(issuer.x509.publicKey);
  } catch {
    return unsupported;
  }
}

const subjectKeyIdentifier = "2.5.29.14";
const authorityKeyIdentifier = "2.5.29.35";

/** Whether the subject's authority key identifier is the issuer's key identifier. RFC 5280 §4.2.1.1 and §4.2.1.2. */
export function isNamedByKey(issuer: Certificate, subject: Certificate): boolean {
  const wanted = octets(tagged(extensionValue(subject.extensions, authorityKeyIdentifier), 0));
  const own = octets(extensionValue(issuer.extensions, subjectKeyIdentifier));
  return wanted !== undefined && own !== undefined && wanted.equals(own);
}

function memo<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}
