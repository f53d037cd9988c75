import { describe, expect, it } from "vitest";
import { callerIdentity } from "../../src/authenticator/caller-identity.ts";
import { codeOf } from "../failure.ts";

const key = "ASIAQNZGKIQY56JQ7WML";
const account = "029608264753";

describe("the caller's identity", () => {
  it("of a role's session: the role's id and the session's name apart", () => {
    const arn = `arn:aws:sts::${account}:assumed-role/eks-read-only/4e8708af`;
    const answer = { account, arn, userId: "AROAEXAMPLEROLEID0001:4e8708af" };
    expect(callerIdentity(answer, key)).toEqual({
      ...answer,
      canonicalArn: `arn:aws:iam::${account}:role/eks-read-only`,
      principalId: "AROAEXAMPLEROLEID0001",
      sessionName: "4e8708af",
      accessKeyId: key,
    });
  });

  it.each([
    ["a federated user", `arn:aws:sts::${account}:federated-user/carol`, `${account}:carol`],
    ["a user", `arn:aws:iam::${account}:user/team/Bob`, "AIDAEXAMPLEUSERID0001"],
    ["the root user", `arn:aws:iam::${account}:root`, account],
  ])("of %s: the whole user id, and no session", (_who, arn, userId) => {
    expect(callerIdentity({ account, arn, userId }, key)).toMatchObject({
      canonicalArn: arn,
      principalId: userId,
      sessionName: "",
    });
  });

  it.each([
    [`arn:aws:sts::${account}:assumed-role/R/s`, "AROA", "STS_USER_ID_MALFORMED"],
    [`arn:aws:sts::${account}:assumed-role/R/s`, "AROA:a:b", "STS_USER_ID_MALFORMED"],
    [`arn:aws:iam::${account}:role/R`, "AROA", "STS_USER_ID_MALFORMED"],
    [`arn:aws:s3::${account}:bucket`, "AROA:s", "STS_ARN_UNSUPPORTED"],
    [`arn:moon:sts::${account}:assumed-role/R/s`, "AROA:s", "STS_ARN_UNSUPPORTED"],
  ])("of %s with user id %s: there is none, as with the real authenticator", (arn, userId, code) => {
    expect(codeOf(() => callerIdentity({ account, arn, userId }, key))).toBe(code);
  });
});
