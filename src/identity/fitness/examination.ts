/** A leaf and the certificates that the files hold with it: which of them are sent, and what Roles Anywhere will make of them. */
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
  /** The best path's intermediates, the leaf's issuer first. */
  intermediates: readonly Certificate[];
  /** The self-signed CA at the end of that path, if the files hold it. It is not sent: the trust anchor holds it. */
  root: Certificate | undefined;
  /** Every intermediate that may be of use, nearest first, all certificates of a cross-signed CA among them. */
  sent: readonly Certificate[];
  /** The other certificates of the files. */
  leftOut: readonly LeftOut[];
  /** Of the best path. */
  findings: readonly Finding[];
}

export interface LeftOut {
  subject: string;
  why: string;
}

/** This machine's clock may be the wrong one. */
const tolerance = 5 * 60_000;
/** Paths multiply where CAs certify each other; the best ones come first. */
const mostPaths = 500;

/** @param candidates everything that the files hold; the leaf may be among them */
export function examine(leaf: Certificate, candidates: readonly Certificate[], now: Date): Examination {
  const clock = { now, tolerance };
  const unfit = (certificate: Certificate): Finding | undefined =>
    authorityFindings(named(certificate), "intermediate", clock).find(isProblem);
  const issuance = issuanceOf(leaf, candidates, (authority) => unfit(authority) === undefined);
  const { path, root, findings } = bestPath(leaf, issuance, clock);
  const [, ...above] = path;
  const intermediates = root ? above.slice(0, -1) : above;
  const all = authoritiesAbove(leaf, issuance, (authority) => !issuance.isSelfSigned(authority));
  const useful = all.filter((authority) => !issuance.isSelfSigned(authority) && !unfit(authority));
  // The best path's come first where there are too many, and all are in order of distance.
  const chosen = [...intermediates.filter((one) => useful.includes(one)), ...useful];
  const sent = useful.filter((one) => distinct(chosen).slice(0, mostIntermediates).includes(one));
  const why = (certificate: Certificate): string => {
    if (!all.includes(certificate)) return "it issued none of the certificates on the way to a root";
    return unfit(certificate)?.message ?? `Roles Anywhere takes ${mostIntermediates} intermediates at most`;
  };
  const leftOut = distinct([leaf, ...sent, ...candidates])
    .slice(1 + sent.length)
    .filter((one) => !(all.includes(one) && issuance.isSelfSigned(one)))
    .map((certificate) => ({ subject: certificate.subject, why: why(certificate) }));
  const signature = [...selfSigned(leaf, issuance), ...issuerSignature(path, issuance, candidates)];
  return { leaf, intermediates, root, sent, leftOut, findings: [...findings, ...signature] };
}

interface JudgedPath {
  path: Path;
  root: Certificate | undefined;
  findings: readonly Finding[];
}

/** The first path without a problem, better one with its root; if there is none, the first of all. */
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
  const [, ...authorities] = path;
  const top = authorities.at(-1);
  const root = top && isSelfSigned(top) ? top : undefined;
  return { path, root, findings: pathFindings(path, root ? "root" : "intermediate", clock) };
}

function named(certificate: Certificate): Subject {
  return { certificate, which: `the intermediate ${certificate.subject}` };
}

/** No CA issued it, so no trust anchor can hold its issuer. */
function selfSigned(leaf: Certificate, { isSelfSigned }: Issuance): Finding[] {
  if (leaf.basicConstraints?.ca === true || !isSelfSigned(leaf)) return [];
  return problem(
    { certificate: leaf, which: "the certificate" },
    "CERTIFICATE_SELF_SIGNED",
    "the certificate is signed with its own key",
    "Roles Anywhere trusts what a CA issued that is registered as a trust anchor. Have the certificate issued by one.",
  );
}

/**
 * The issuer of the last certificate is in the files by its name, and its key did not sign. Where the key identifiers say that the key
 * is the right one, the certificate is damaged or forged. Without them the issuer may be a namesake: a CA that changed its key.
 */
function issuerSignature(path: Path, issuance: Issuance, candidates: readonly Certificate[]): Finding[] {
  const last = path.at(-1) ?? path[0];
  if (issuance.isSelfSigned(last) || issuance.issuersOf(last).length > 0) return [];
  const unproven = candidates.filter(
    (issuer) => !issuer.der.equals(last.der) && last.x509.checkIssued(issuer.x509) && !verifies(last, issuer),
  );
  const [namesake] = unproven;
  const subject = {
    certificate: last,
    which: path.length === 1 ? "the certificate" : `the intermediate ${last.subject}`,
  };
  const issuer = unproven.find((one) => isNamedByKey(one, last));
  if (issuer)
    return problem(
      subject,
      "CERTIFICATE_SIGNATURE_INVALID",
      `the signature of ${subject.which} is not that of its issuer ${issuer.subject}, which is in the files`,
      "It was damaged on its way, or is not the CA's. Export it again, or ask your CA for it.",
    );
  if (!namesake) return [];
  return warning(
    subject,
    "CERTIFICATE_ISSUER_NAMESAKE",
    `a CA of the issuer's name is in the files, and its key has not signed the certificate: ${namesake.subject}`,
    "Either the CA has changed its key, and this is its other certificate, or the signature is broken. Compare with the trust anchor.",
  );
}
