/**
 * Whether a certificate is trusted: some path from it to the trust anchor has no problem. The signatures on the path are verified here;
 * what a certificate on it must be is the one set of rules in src/identity/fitness.
 */
import type { Certificate } from "../../../identity/certificate.ts";
import { isNamedIssuer, verifies, type Path } from "../../../identity/chain.ts";
import { isProblem, type Finding } from "../../../identity/fitness/finding.ts";
import { leafFindings, pathFindings } from "../../../identity/fitness/rules.ts";
import { insufficientCertificate, untrustedCertificate } from "./create-session-refusals.ts";

export interface TrustQuestion {
  leaf: Certificate;
  /** As sent, in any order. */
  intermediates: readonly Certificate[];
  anchors: readonly Certificate[];
  at: Date;
}

/** Roles Anywhere has other words for these. */
const insufficient: ReadonlySet<string> = new Set([
  "CERTIFICATE_NOT_V3",
  "CERTIFICATE_IS_CA",
  "CERTIFICATE_KEY_USAGE",
  "CERTIFICATE_RSA_TOO_SMALL",
]);

/** @throws {Refusal} AccessDeniedException, with the first problem in the sandbox's log. */
export function checkTrust(question: TrustQuestion): void {
  const clock = { now: question.at, tolerance: 0 };
  let problems: readonly Finding[] | undefined;
  for (const path of pathsToAnchor([question.leaf], question)) {
    const found = pathFindings(path, "anchor", clock).filter(isProblem);
    if (found.length === 0) return;
    problems ??= found;
  }
  const own = problems ?? leafFindings(question.leaf, clock).filter(isProblem);
  const untrusted = own.find(({ code }) => !insufficient.has(code));
  if (untrusted) throw untrustedCertificate(reason(untrusted));
  const [first] = problems ?? [];
  if (first) throw insufficientCertificate(reason(first));
  throw untrustedCertificate("no certificate sent, and no trust anchor, issued it");
}

function reason({ message, code }: Finding): string {
  return `${message} (${code})`;
}

function* pathsToAnchor(path: Path, question: TrustQuestion): Generator<Path> {
  const top = path.at(-1) ?? path[0];
  // A signature of a kind that this Node's OpenSSL does not know proves nothing.
  const issued = (issuer: Certificate) => isNamedIssuer(issuer, top) && verifies(top, issuer, false);
  for (const anchor of question.anchors.filter(issued)) yield [...path, anchor];
  const intermediates = question.intermediates.filter((one) => !path.includes(one) && issued(one));
  for (const intermediate of intermediates) yield* pathsToAnchor([...path, intermediate], question);
}
