/**
 * The rules of AssumeRole for a user, and for a caller that is a role's session itself (role chaining).
 * STS API reference, AssumeRole; IAM user guide, "Monitor and control actions taken with assumed roles".
 */
import { askingCaller } from "../../../trust-policy/caller-request.ts";
import { decideOn } from "../../../trust-policy/decision.ts";
import { roleName } from "../account.ts";
import { parseArn } from "../arn.ts";
import type { Role } from "../iam/roles.ts";
import { sourceIp, whyRefused } from "../iam/trust.ts";
import { Refusal } from "../refusal.ts";
import type { Session, SessionRequest } from "../sessions.ts";
import { type AssumeRoleInput, validationError } from "./assume-role-input.ts";

interface Asking {
  roles: readonly Role[];
  caller: Session;
  /** Of the endpoint. */
  region: string;
  at: Date;
}

/** Longer sessions are for users only: a role's session that assumes a role gets an hour. */
const longestChained = 3600;

export function assumedSession(input: AssumeRoleInput, asking: Asking): SessionRequest {
  const { roles, caller, at } = asking;
  const role = roles.find(({ arn }) => arn === input.roleArn);
  if (!role) throw denied(caller, "sts:AssumeRole", input, "there is no such role");
  checkTrustPolicy(role, input, asking);
  checkDuration(role, input, caller);
  const { partition = "", account = "" } = parseArn(role.arn) ?? {};
  const seconds = Math.min(input.durationSeconds, role.maxSessionDuration);
  return {
    accountId: account,
    arn: `arn:${partition}:sts::${account}:assumed-role/${roleName(role)}/${input.roleSessionName}`,
    userId: `${role.uniqueId}:${input.roleSessionName}`,
    // It persists along the chain and cannot be changed.
    sourceIdentity: caller.sourceIdentity,
    roleArn: role.arn,
    createdAt: at,
    expiration: new Date(at.getTime() + seconds * 1000),
    // The tags of the caller's session are not transitive.
    tags: role.tags,
    tagBytes: 0,
  };
}

function checkTrustPolicy(role: Role, input: AssumeRoleInput, { caller, region, at }: Asking): void {
  const { roleSessionName, externalId } = input;
  const request = { caller, roleSessionName, externalId, region, sourceIp, now: at };
  const decision = decideOn(role.trustPolicy, askingCaller(request));
  const why = whyRefused(decision);
  if (why === undefined) return;
  const action = Object.keys(decision.actions).find((each) => decision.actions[each] === decision.verdict);
  throw denied(caller, action ?? "", input, why);
}

function checkDuration(
  { maxSessionDuration }: Role,
  { durationSeconds }: AssumeRoleInput,
  caller: Session,
): void {
  if (caller.roleArn !== undefined && durationSeconds > longestChained)
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  if (durationSeconds > Math.max(maxSessionDuration, longestChained))
    throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
}

/** In the words of STS, which do not say which part of a policy is missing. */
function denied(caller: Session, action: string, { roleArn }: AssumeRoleInput, why: string): Refusal {
  const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`;
  return new Refusal(403, "AccessDenied", message, why);
}
