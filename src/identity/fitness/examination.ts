/** A leaf and the certificates in the files: which of them are sent with it, and what Roles Anywhere will say. */
import type { Certificate } from "../certificate.ts";
import {
  authoritiesAbove,
  distinct,
  isNamedByKey,
  issuanceOf,
  pathsFrom,
  verifies,
  type Issuance,
  type Path,
} from "../chain.ts";
import { isProblem, problem, warning, type Finding, type Subject } from "./finding.ts";
import { authorityFindings, mostIntermediates, pathFindings, type Clock } from "./rules.ts";

export interface Examination {
  leaf: Certificate;
  /** The intermediates of the best path, the leaf's issuer first. */
  intermediates: readonly Certificate[];
  /** The self-signed CA at the end of that path, if it is in the files. It is not sent, because the trust anchor contains it. */
  root: Certificate | undefined;
  /** Every intermediate that may be useful, nearest first. Of a cross-signed CA these are all certificates. */
  sent: readonly Certificate[];
  leftOut: readonly LeftOut[];
  findings: readonly Finding[];
}

export interface LeftOut {
  subject: string;
  why: string;
}

/** This machine's clock may be the one that is wrong. */
const tolerance = 5 * 60_000;
/** Paths multiply where CAs certify each other. The best ones come first. */
const mostPaths = 500;

/** @param candidates everything in the files, with or without the leaf */
export function examine(leaf: Certificate, candidates: readonly Certificate[], now: Date): Examination {
  const clock = { now, tolerance };
  const fault = (certificate: Certificate): Finding | undefined =>
    authorityFindings(asIntermediate(certificate), "intermediate", clock).find(isProblem);
  const issuance = issuanceOf(leaf, candidates, (authority) => fault(authority) === undefined);
  const { path, root, findings } = bestPath(leaf, issuance, clock);
  const intermediates = path.slice(1, root ? -1 : undefined);
  const above = authoritiesAbove(leaf, issuance);
  const useful = above.filter((authority) => !issuance.isSelfSigned(authority) && !fault(authority));
  // If there are too many, those of the best path have priority. All are sent in the order of their distance.
  const chosen = distinct([...intermediates.filter((one) => useful.includes(one)), ...useful]);
  const sent = useful.filter((one) => chosen.slice(0, mostIntermediates).includes(one));
  const why = (certificate: Certificate): string => {
    if (!above.includes(certificate)) return "it issued none of the certificates on the way to a root";
    return fault(certificate)?.message ?? `Roles Anywhere accepts at most ${mostIntermediates} intermediates`;
  };
  const leftOut = distinct([leaf, ...sent, ...candidates])
    .slice(1 + sent.length)
    .filter((one) => !(above.includes(one) && issuance.isSelfSigned(one)))
    .map((certificate) => ({ subject: certificate.subject, why: why(certificate) }));
  const signature = [...selfSigned(leaf, issuance), ...issuerSignature(path, issuance, candidates)];
  return { leaf, intermediates, root, sent, leftOut, findings: [...findings, ...signature] };
}

interface JudgedPath {
  path: Path;
  root: Certificate | undefined;
  findings: readonly Finding[];
}

/** The first path without a problem, preferably one with its root. Without such a path, the first one. */
function bestPath(leaf: Certificate, issuance: Issuance, clock: Clock): JudgedPath {
  let best: JudgedPath | undefined;
  let count = 0;
  for (const path of pathsFrom([leaf], issuance)) {
    const judged = judge(path, issuance, clock);
    if (!best || rank(judged) > rank(best)) best = judged;
    count += 1;
    if (rank(best) === 3 || count === mostPaths) break;
  }
  return best ?? judge([leaf], issuance, clock);
}

function rank({ root, findings }: JudgedPath): number {
  return Number(!findings.some(isProblem)) * 2 + Number(root !== undefined);
}

function judge(path: Path, { isSelfSigned }: Issuance, clock: Clock): JudgedPath {
  const top = path.slice(1).at(-1);
  const root = top && isSelfSigned(top) ? top : undefined;
  return { path, root, findings: pathFindings(path, root ? "root" : "intermediate", clock) };
}

function asIntermediate(certificate: Certificate): Subject {
  return { certificate, which: `the intermediate ${certificate.subject}` };
}

/** No CA issued it, so no trust anchor can contain its issuer. */
function selfSigned(leaf: Certificate, { isSelfSigned }: Issuance): Finding[] {
  if (leaf.basicConstraints?.ca === true || !isSelfSigned(leaf)) return [];
  const subject = { certificate: leaf, which: "the certificate" };
  return problem(subject, "CERTIFICATE_SELF_SIGNED", "the certificate is signed with its own key");
}

/**
 * Finds an issuer that is in the files by its name, but did not sign the last certificate. If the key identifiers match, the certificate
 * is damaged or forged. Otherwise the issuer may be a namesake, such as a CA that changed its key.
 */
function issuerSignature(path: Path, issuance: Issuance, candidates: readonly Certificate[]): Finding[] {
  const last = path.at(-1) ?? path[0];
  if (issuance.isSelfSigned(last) || issuance.issuersOf(last).length > 0) return [];
  const unproven = candidates.filter(
    (issuer) => !issuer.der.equals(last.der) && last.x509.checkIssued(issuer.x509) && !verifies(last, issuer),
  );
  const subject = path.length === 1 ? { certificate: last, which: "the certificate" } : asIntermediate(last);
  const issuer = unproven.find((one) => isNamedByKey(one, last));
  if (issuer) {
    const message = `${issuer.subject} is in the files and is named as the issuer of ${subject.which}, but its key did not sign it`;
    return problem(subject, "CERTIFICATE_SIGNATURE_INVALID", message);
  }
  const [namesake] = unproven;
  if (!namesake) return [];
  const message = `a CA with the issuer's name is in the files, but its key did not sign the certificate: ${namesake.subject}`;
  return warning(subject, "CERTIFICATE_ISSUER_NAMESAKE", message);
}
