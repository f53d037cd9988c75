/** Who asks, in the tests of the mapping. */
import type { CallerIdentity } from "../../../src/authenticator/caller-identity.ts";

export const readOnly = roleIdentity();

/** A session of a role; its ARN as STS returns it. */
export function roleIdentity(
  given: { account?: string; role?: string; session?: string; partition?: string } = {},
): CallerIdentity {
  const { account = "029608264753", role = "eks-read-only", session = "4e8708af", partition = "aws" } = given;
  return {
    account,
    arn: `arn:${partition}:sts::${account}:assumed-role/${role}/${session}`,
    userId: `AROAEXAMPLEROLEID0001:${session}`,
    canonicalArn: `arn:${partition}:iam::${account}:role/${role}`,
    principalId: "AROAEXAMPLEROLEID0001",
    sessionName: session,
    accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  };
}

export const bob: CallerIdentity = {
  account: "029608264753",
  arn: "arn:aws:iam::029608264753:user/team/Bob",
  userId: "AIDAEXAMPLEUSERID0001",
  canonicalArn: "arn:aws:iam::029608264753:user/team/Bob",
  principalId: "AIDAEXAMPLEUSERID0001",
  sessionName: "",
  accessKeyId: "AKIAQNZGKIQY56JQ7WMN",
};
