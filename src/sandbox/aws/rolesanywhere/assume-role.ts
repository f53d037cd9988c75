/** Creates a role's session for a trusted certificate, if the profile and the role's trust policy allow it. */
import { certificateView } from "../../../identity/certificate-view.ts";
import type { Certificate } from "../../../identity/certificate.ts";
import { type Finding, isProblem } from "../../../identity/fitness/finding.ts";
import { leafFindings } from "../../../identity/fitness/rules.ts";
import { trustProblems, type TrustQuestion } from "../../../identity/fitness/trust.ts";
import { keptTags, sessionIdentity } from "../../../identity/session-identity.ts";
import type { Account } from "../account.ts";
import { parseArn } from "../arn.ts";
import type { Role } from "../iam/roles.ts";
import { sourceIp, whyRefused } from "../iam/trust.ts";
import { decisiveOf } from "./administration/profiles.ts";
import { decide } from "../../../trust-policy/decision.ts";
import { obstacleOf } from "../../../trust-policy/profile.ts";
import type { TrustRequest } from "../../../trust-policy/request.ts";
import type { SessionRequest } from "../sessions.ts";
import {
  type CreateSessionInput,
  accessDenied,
  durationTooLong,
  insufficientCertificate,
  unableToAssume,
  untrustedCertificate,
} from "./create-session-input.ts";

export interface AssumeRole {
  account: Account;
  input: CreateSessionInput;
  leaf: Certificate;
  now: Date;
}

export function assumeRole({ account, input, leaf, now }: AssumeRole): SessionRequest {
  const profile = account.profiles.find(({ arn }) => arn === input.profileArn);
  if (profile === undefined) throw accessDenied("Invalid or empty profile provided.");
  const { roleArn, roleSessionName } = input;
  const named = sessionIdentity(certificateView(leaf, now), roleSessionName, profile.attributeMappings);
  const isNamed = roleSessionName !== undefined;
  const obstacle = obstacleOf(decisiveOf(profile), { roleArn, isNamed, session: named });
  if (obstacle) throw accessDenied(obstacle.answer, obstacle.why);
  const role = findRole(account, roleArn);
  const tags = new Map(keptTags(named).map(({ key, value }) => [key, value]));
  checkTrustPolicy(role, { session: named, trustAnchorArn: input.trustAnchorArn, sourceIp, now });
  const seconds = Math.min(profile.durationSeconds, input.durationSeconds ?? profile.durationSeconds);
  if (seconds > role.maxSessionDuration) throw durationTooLong(role.arn);
  const prefix = `arn:${account.partition}:sts::${account.id}:assumed-role`;
  return {
    accountId: account.id,
    arn: `${prefix}/${role.name}/${named.roleSessionName}`,
    userId: `${role.uniqueId}:${named.roleSessionName}`,
    sourceIdentity: named.sourceIdentity ?? "",
    roleArn: role.arn,
    createdAt: now,
    expiration: new Date(now.getTime() + seconds * 1000),
    tags: new Map([...role.tags, ...tags]),
    tagBytes: Buffer.byteLength([...tags].flat().join(""), "utf8"),
  };
}

function findRole(account: Account, roleArn: string): Role {
  const role = account.roles.find(({ arn }) => arn === roleArn);
  if (role === undefined || parseArn(roleArn)?.account !== account.id) {
    throw unableToAssume(roleArn, "the account has no such role");
  }
  return role;
}

function checkTrustPolicy({ arn, trustPolicy }: Role, request: TrustRequest): void {
  const why = whyRefused(decide(trustPolicy, request));
  if (why !== undefined) throw unableToAssume(arn, why);
}

/** Roles Anywhere has other words for these. */
const insufficient: ReadonlySet<string> = new Set([
  "CERTIFICATE_NOT_V3",
  "CERTIFICATE_IS_CA",
  "CERTIFICATE_KEY_USAGE",
  "CERTIFICATE_RSA_TOO_SMALL",
]);

export function checkTrust(question: TrustQuestion): void {
  const problems = trustProblems(question);
  if (problems?.length === 0) return;
  const clock = { now: question.at, tolerance: 0 };
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
