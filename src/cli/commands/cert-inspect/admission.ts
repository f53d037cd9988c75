/** Whether the trust policy, the profile and the revocation lists let the certificate in. */
import { exitCodes } from "../../../foundation/errors.ts";
import type { ReadFile } from "../../../foundation/ports.ts";
import type { Certificate } from "../../../identity/certificate.ts";
import type { Inspection } from "../../../identity/inspection.ts";
import {
  judgeByCrls,
  judgeByPolicy,
  judgeByProfile,
  type Judgement,
  type PolicyJudgement,
  type Said,
  type WarningJudgement,
} from "../../../trust-policy/admission.ts";
import { joined, type Verdict } from "../../../trust-policy/decision.ts";
import { emptyFlag, type Flags } from "../../command.ts";
import {
  readAdministratorFiles,
  sameRole,
  sourceIp,
  type AdministratorFiles,
} from "../../settings/administrator-files.ts";
import { roleArn, rolesAnywhereArn } from "../../settings/input.ts";
import { hanging } from "../../text/terminal.ts";

/** The administrator's files, and what the certificate cannot say. */
export interface AdmissionInput extends AdministratorFiles {
  said: Said;
}

export async function admissionInput(flags: Flags, readFile: ReadFile): Promise<AdmissionInput> {
  checkFilled(flags);
  const said = saidBy(flags);
  const files = await readAdministratorFiles(
    { trustPolicy: flags.text("trust-policy"), profile: flags.text("profile"), crls: flags.list("crl") },
    readFile,
  );
  return { ...files, said: { ...said, roleArn: sameRole(said.roleArn, files.role?.role?.arn) } };
}

function saidBy(flags: Flags): Said {
  const anchor = flags.text("trust-anchor-arn");
  const role = flags.text("role-arn");
  const address = flags.text("source-ip");
  return {
    trustAnchorArn:
      anchor && rolesAnywhereArn({ value: anchor, source: "--trust-anchor-arn" }, "trust-anchor").text,
    roleArn: role && roleArn({ value: role, source: "--role-arn" }).text,
    sourceIp: address && sourceIp(address),
  };
}

/** A shell passes an empty value for a variable that is not set. It would be compared as if the request had it. */
function checkFilled(flags: Flags): void {
  const names = ["trust-policy", "profile", "crl", "source-ip", "trust-anchor-arn", "role-arn"];
  const empty = names.find((name) => flags.list(name).includes(""));
  if (empty !== undefined) throw emptyFlag(empty);
}

export interface Admission {
  trustPolicy: PolicyJudgement | undefined;
  profile: WarningJudgement | undefined;
  crl: WarningJudgement | undefined;
}

/** @param candidates all certificates of the files */
export function admissionOf(
  { role, profile, crls, said }: AdmissionInput,
  { session, identity: { leaf, chain } }: Pick<Inspection, "session" | "identity">,
  candidates: readonly Certificate[],
  { isNamed, now }: { isNamed: boolean; now: Date },
): Admission {
  const applicant = { session, isNamed };
  return {
    trustPolicy: role && judgeByPolicy(role, applicant, said, profile, now),
    profile: profile && judgeByProfile(profile, applicant, said, role?.role),
    crl: crls && judgeByCrls([leaf, ...chain], crls, candidates, now),
  };
}

/** 0 if everything that was given lets the certificate in. */
export function admissionExitCode({ trustPolicy, profile, crl }: Admission): number {
  const verdicts = [trustPolicy, profile, crl].flatMap((each) => (each ? [each.verdict] : []));
  const codes: Readonly<Record<Verdict, number>> = {
    allowed: 0,
    refused: exitCodes.refused,
    unknown: exitCodes.other,
  };
  return codes[joined(verdicts)];
}

const columns = 80;

export function admissionLines({ trustPolicy, profile, crl }: Admission): string[] {
  return [
    ...judgementLines("the trust policy", trustPolicy),
    ...judgementLines("the profile", profile),
    ...judgementLines("the revocation list", crl),
    ...[profile, crl]
      .flatMap((each) => each?.warnings ?? [])
      .flatMap((warning) => hanging("! ", warning, columns)),
  ];
}

const signs: Readonly<Record<Verdict, readonly [sign: string, what: string]>> = {
  allowed: ["✓ ", "lets the certificate in"],
  refused: ["✗ ", "refuses the certificate"],
  unknown: ["? ", "may or may not let the certificate in"],
};

function judgementLines(name: string, judgement: Judgement | undefined): string[] {
  if (!judgement) return [];
  const [sign, what] = signs[judgement.verdict];
  const reasons = judgement.reasons.flatMap((reason) => hanging("  - ", reason, columns));
  return [`${sign}${name} ${what}`, ...reasons];
}

/** Without the option, the member is not there. */
export function admissionJson({ trustPolicy, profile, crl }: Admission) {
  return {
    ...(trustPolicy && { trustPolicy: policyJson(trustPolicy) }),
    ...(profile && { profile }),
    ...(crl && { crl }),
  };
}

function policyJson({ verdict, reasons, decision }: PolicyJudgement) {
  const statements = decision.statements.map(({ statement, principal, actions, conditions, matches }) => ({
    number: statement.number,
    sid: statement.sid ?? null,
    effect: statement.effect,
    /** Each is "yes", "no" or "unknown". */
    matches,
    principal,
    actions,
    conditions: conditions.map(({ operator, key, values, given, holds, why }) => ({
      operator,
      key,
      values,
      given,
      holds,
      why,
    })),
  }));
  return { verdict, actions: decision.actions, statements, reasons };
}
