/**
 * The rules of AssumeRole for a caller that is a role's session itself (role chaining).
 * STS API reference, AssumeRole; IAM user guide, "Monitor and control actions taken with assumed roles".
 */
import { type AssumableRole, roleName } from "../account.ts";
import { parseArn } from "../arn.ts";
import { Refusal } from "../refusal.ts";
import type { Session, SessionRequest } from "../sessions.ts";
import { type AssumeRoleInput, validationError } from "./assume-role-input.ts";

interface Asking {
  roles: readonly AssumableRole[];
  caller: Session;
  at: Date;
}

/** Longer sessions are for users only: a role's session that assumes a role gets an hour. */
const longestChained = 3600;

export function assumedSession(input: AssumeRoleInput, { roles, caller, at }: Asking): SessionRequest {
  const role = roles.find(({ arn }) => arn === input.roleArn);
  if (!role) throw denied(caller, "AssumeRole", input, "there is no such role, or it trusts nobody");
  checkTrustPolicy(role, input, caller);
  if (input.durationSeconds > longestChained)
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  const { partition = "", account = "" } = parseArn(role.arn) ?? {};
  const seconds = Math.min(input.durationSeconds, role.longestSession ?? longestChained);
  return {
    accountId: account,
    arn: `arn:${partition}:sts::${account}:assumed-role/${roleName(role)}/${input.roleSessionName}`,
    userId: `${role.uniqueId}:${input.roleSessionName}`,
    // It persists along the chain and cannot be changed.
    sourceIdentity: caller.sourceIdentity,
    roleArn: role.arn,
    createdAt: at,
    expiration: new Date(at.getTime() + seconds * 1000),
    tagBytes: 0,
  };
}

function checkTrustPolicy({ trustPolicy }: AssumableRole, input: AssumeRoleInput, caller: Session): void {
  const { principals, externalId, allowsSetSourceIdentity } = trustPolicy;
  const isTrusted = principals.some(
    (principal) => principal === caller.roleArn || isAccountOf(principal, caller),
  );
  if (!isTrusted) throw denied(caller, "AssumeRole", input, "the trust policy names another principal");
  if (externalId !== undefined && externalId !== input.externalId)
    throw denied(caller, "AssumeRole", input, "the trust policy requires another sts:ExternalId");
  if (caller.sourceIdentity !== "" && !allowsSetSourceIdentity)
    throw denied(caller, "SetSourceIdentity", input, "the trust policy does not allow sts:SetSourceIdentity");
}

/** `arn:aws:iam::111122223333:root`, or the account's id. */
function isAccountOf(principal: string, { accountId }: Session): boolean {
  return principal === accountId || new RegExp(`^arn:[^:]+:iam::${accountId}:root$`).test(principal);
}

/** In the words of STS, which do not say which part of a policy is missing. */
function denied(caller: Session, action: string, { roleArn }: AssumeRoleInput, why: string): Refusal {
  const message = `User: ${caller.arn} is not authorized to perform: sts:${action} on resource: ${roleArn}`;
  return new Refusal(403, "AccessDenied", message, why);
}
