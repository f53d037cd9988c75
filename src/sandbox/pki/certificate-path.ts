/** Path validation from a leaf to a trust anchor: RFC 5280, section 6, as far as Roles Anywhere documents it. */
import type { X509Certificate } from "node:crypto";
import { readCertificate } from "./certificate-facts.ts";

export interface PathQuestion {
  leaf: X509Certificate;
  /** As sent, in any order. */
  intermediates: readonly X509Certificate[];
  anchors: readonly X509Certificate[];
  at: Date;
}

/** `length` counts the certificates from the leaf to the anchor. */
export type PathAnswer = { trusted: true; length: number } | { trusted: false; why: string };

/** Looks for any path whose every certificate is valid, may sign the one below it, and did. */
export function validatePath({ leaf, intermediates, anchors, at }: PathQuestion): PathAnswer {
  const period = outsideValidity(leaf, at) ?? weakness(leaf);
  if (period !== undefined) return { trusted: false, why: `leaf certificate ${period}` };
  return climb({ below: [leaf], intermediates, anchors, at });
}

interface Climb {
  below: readonly X509Certificate[];
  intermediates: readonly X509Certificate[];
  anchors: readonly X509Certificate[];
  at: Date;
}

function climb({ below, intermediates, anchors, at }: Climb): PathAnswer {
  const top = below.at(-1);
  let why = "no certificate sent, and no trust anchor, issued it";
  for (const candidate of [...anchors, ...intermediates]) {
    if (top === undefined || !signed(candidate, top)) continue;
    const isAnchor = anchors.includes(candidate);
    const problem = outsideValidity(candidate, at) ?? unfitIssuer(candidate, below.length - 1, isAnchor);
    if (problem !== undefined) {
      why = `${isAnchor ? "trust anchor" : "intermediate"} certificate ${problem}`;
      continue;
    }
    if (isAnchor) return { trusted: true, length: below.length + 1 };
    const rest = intermediates.filter((other) => other !== candidate);
    const answer = climb({ below: [...below, candidate], intermediates: rest, anchors, at });
    if (answer.trusted) return answer;
    why = answer.why;
  }
  return { trusted: false, why };
}

function signed(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.subject === subject.issuer && subject.verify(issuer.publicKey);
}

function outsideValidity(certificate: X509Certificate, at: Date): string | undefined {
  if (at < new Date(certificate.validFrom)) return `is not valid before ${certificate.validFrom}`;
  return at > new Date(certificate.validTo) ? `expired on ${certificate.validTo}` : undefined;
}

function weakness(certificate: X509Certificate): string | undefined {
  const hash = readCertificate(certificate)?.signatureHash ?? "weak";
  return hash === "weak" ? "is signed with a hash weaker than SHA-256" : undefined;
}

/** An anchor is trusted as it is: its own signature, and so its hash, proves nothing. */
function unfitIssuer(
  issuer: X509Certificate,
  authoritiesBelow: number,
  isAnchor: boolean,
): string | undefined {
  const facts = readCertificate(issuer);
  if (facts?.isAuthority !== true) return "is not a CA (basicConstraints)";
  if (facts.keyUsage?.keyCertSign === false) return "may not sign certificates (keyUsage)";
  if (facts.pathLength !== undefined && authoritiesBelow > facts.pathLength)
    return "has too short a path length";
  return isAnchor ? undefined : weakness(issuer);
}
