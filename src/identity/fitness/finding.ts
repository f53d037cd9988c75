/** What a rule says about a certificate. Its code is the same wherever the rule is asked: on the client, and in the sandbox. */
import type { CodeOf } from "../../foundation/errors.ts";
import type { Certificate } from "../certificate.ts";

type ProblemCode = CodeOf<"identity", "certificate">;

/** A reason for Roles Anywhere to refuse. */
export interface Problem extends FindingText {
  severity: "problem";
  code: ProblemCode;
}

/** After a warning the service decides. */
export interface Warning extends FindingText {
  severity: "warning";
  code: WarningCode;
}

export type WarningCode = CodeOf<"warning", "certificate"> | ProblemCode;

export type Finding = Problem | Warning;

interface FindingText {
  /** One sentence, no full stop at the end. */
  message: string;
  /** What to do about it. Full sentences. */
  hint: string;
  /** Name of the file that holds the certificate. */
  file: string;
}

/** A certificate by its place in the path. */
export interface Subject {
  certificate: Certificate;
  /** `the certificate`, `the intermediate CN=Issuing CA`. */
  which: string;
}

/** A list, so that a rule that has nothing to say returns an empty one. */
export function problem(
  { certificate: { file } }: Subject,
  code: ProblemCode,
  message: string,
  hint: string,
): Finding[] {
  return [{ severity: "problem", code, message, hint, file }];
}

export function warning(
  { certificate: { file } }: Subject,
  code: WarningCode,
  message: string,
  hint: string,
): Finding[] {
  return [{ severity: "warning", code, message, hint, file }];
}

export function isProblem(finding: Finding): finding is Problem {
  return finding.severity === "problem";
}

export function isWarning(finding: Finding): finding is Warning {
  return finding.severity === "warning";
}
