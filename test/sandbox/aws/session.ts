import type { Session } from "../../../src/sandbox/aws/sessions.ts";

/** The credentials of the captured vectors. */
export const capturedSession: Session = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE",
  expiration: new Date("2026-11-22T17:00:00Z"),
  arn: "arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af",
  accountId: "029608264753",
  userId: "AROAEXAMPLEROLEID0001:4e8708af",
  sourceIdentity: "CN=alice",
};
