/**
 * The request that a role's session or a user makes with AssumeRole, by the principals and the condition keys that a trust policy sees.
 * IAM user guide, "AWS JSON policy elements: Principal", "AWS global condition context keys" and "IAM and AWS STS condition context keys".
 */
import { wholeSeconds } from "../foundation/duration.ts";
import type { Asking } from "./decision.ts";
import type { Principals } from "./policy.ts";
import { absent, keyed, unknown, values, type Given } from "./request.ts";
import type { Truth } from "./truth.ts";

export interface Caller {
  /** `arn:aws:sts::111122223333:assumed-role/eks-read-only/alice`, or a user's. */
  arn: string;
  accountId: string;
  /** `AROA…:alice`, or `AIDA…`. */
  userId: string;
  /** Of a role's session: the role as IAM returns it, with the path. */
  roleArn?: string | undefined;
  /** Empty without one. */
  sourceIdentity: string;
  tags?: ReadonlyMap<string, string> | undefined;
}

export interface CallerRequest {
  caller: Caller;
  roleSessionName: string;
  externalId: string | undefined;
  region: string;
  sourceIp: string;
  now: Date;
}

export function askingCaller(request: CallerRequest): Asking {
  const { caller } = request;
  return {
    // A source identity persists along the chain, and each role has to accept it.
    actions: ["sts:AssumeRole", ...(caller.sourceIdentity === "" ? [] : ["sts:SetSourceIdentity"])],
    context: keyed(keysOf(request), (key, name) =>
      /^aws:(requesttag|principaltag)\//.test(name)
        ? tagOf(name, caller)
        : unknown(`whether this request has ${key} is not documented`),
    ),
    isPrincipal: (principals) => isPrincipal(principals, caller),
    principal: `AWS ${caller.roleArn ?? caller.arn}`,
    name: "the caller",
  };
}

/**
 * An account means each principal in it. The ID of a role stands for one that is deleted. A wildcard in an ARN is refused by IAM, so it is
 * compared as a character.
 */
function isPrincipal({ isEveryone, aws }: Principals, { arn, accountId, userId, roleArn }: Caller): Truth {
  const root = `arn:${arn.split(":")[1]}:iam::${accountId}:root`;
  const own = [accountId, root, arn, roleArn, userId.split(":")[0]];
  return isEveryone || aws.some((each) => own.includes(each)) ? "yes" : "no";
}

function keysOf(request: CallerRequest): [string, Given][] {
  const { caller, roleSessionName, externalId, region, sourceIp, now } = request;
  const { arn, accountId, userId, roleArn, sourceIdentity } = caller;
  const isSession = roleArn !== undefined;
  return [
    ["aws:PrincipalArn", values(roleArn ?? arn)],
    ["aws:PrincipalAccount", values(accountId)],
    ["aws:PrincipalType", values(isSession ? "AssumedRole" : "User")],
    ["aws:userid", values(userId)],
    ["aws:username", isSession ? absent("only a user's request has it") : values(userName(arn))],
    ["aws:PrincipalIsAWSService", values("false", "boolean")],
    ["aws:PrincipalServiceName", absent("only a service's request has it")],
    ["aws:SourceArn", absent("only a service's request has it")],
    ["aws:SourceAccount", absent("only a service's request has it")],
    [
      "aws:MultiFactorAuthPresent",
      isSession ? values("false", "boolean") : absent("a request with a long-term access key has no MFA"),
    ],
    [
      "aws:TokenIssueTime",
      isSession
        ? unknown("the time of the caller's credentials is not known here")
        : absent("a request with a long-term access key has none"),
    ],
    ["aws:MultiFactorAuthAge", absent("the caller has no MFA")],
    ["aws:SourceIdentity", sourceIdentity === "" ? absent("the caller has none") : values(sourceIdentity)],
    ["sts:SourceIdentity", inChain(sourceIdentity)],
    ["sts:ExternalId", externalId === undefined ? absent("the request has none") : values(externalId)],
    ["sts:RoleSessionName", values(roleSessionName)],
    ["aws:TagKeys", absent("the request has no tags")],
    ["aws:RequestedRegion", values(region)],
    ["aws:SourceIp", values(sourceIp, "address")],
    ["aws:CurrentTime", values(wholeSeconds(now), "date")],
    ["aws:EpochTime", values(String(Math.floor(now.getTime() / 1000)), "number")],
    ["aws:SecureTransport", values("true", "boolean")],
  ];
}

function userName(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}

function inChain(sourceIdentity: string): Given {
  return sourceIdentity === ""
    ? absent("the request has none")
    : unknown("whether a request has it whose caller has a source identity is not documented");
}

function tagOf(name: string, { tags = new Map<string, string>() }: Caller): Given {
  if (name.startsWith("aws:requesttag/")) return absent("the request has no tags");
  const wanted = name.slice("aws:principaltag/".length);
  const found = [...tags].find(([key]) => key.toLowerCase() === wanted);
  return found ? values(found[1]) : absent("the caller has no such tag");
}
