/** Whether a path leads from a certificate to a trust anchor, as Roles Anywhere looks for it. */
import type { Certificate } from "../certificate.ts";
import { isNamedIssuer, verifies, type Path } from "../chain.ts";
import { isProblem, type Problem } from "./finding.ts";
import { pathFindings } from "./rules.ts";

export interface TrustQuestion {
  leaf: Certificate;
  /** As sent, in any order. */
  intermediates: readonly Certificate[];
  anchors: readonly Certificate[];
  at: Date;
}

/** @returns the problems of the first path; none if a path is fit; undefined if no path leads to an anchor */
export function trustProblems(question: TrustQuestion): readonly Problem[] | undefined {
  const clock = { now: question.at, tolerance: 0 };
  let problems: readonly Problem[] | undefined;
  for (const path of pathsToAnchor([question.leaf], question)) {
    const found = pathFindings(path, "anchor", clock).filter(isProblem);
    if (found.length === 0) return found;
    problems ??= found;
  }
  return problems;
}

function* pathsToAnchor(path: Path, question: TrustQuestion): Generator<Path> {
  const top = path.at(-1) ?? path[0];
  // A signature of a kind that this Node's OpenSSL does not know proves nothing.
  const issued = (issuer: Certificate) => isNamedIssuer(issuer, top) && verifies(top, issuer, false);
  for (const anchor of question.anchors.filter(issued)) yield [...path, anchor];
  const intermediates = question.intermediates.filter((one) => !path.includes(one) && issued(one));
  for (const intermediate of intermediates) yield* pathsToAnchor([...path, intermediate], question);
}
