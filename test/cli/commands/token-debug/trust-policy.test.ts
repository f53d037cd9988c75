import { describe, expect, it } from "vitest";
import { parseRoleArn, parseRolesAnywhereArn, ArnProblem } from "../../../../src/aws/arn.ts";
import { readJudge } from "../../../../src/cli/commands/token-debug/trust-policy.ts";
import { rolesAnywhere } from "../../../../src/trust-policy/request.ts";

const anchor =
  "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111";
const roleArn = "arn:aws:iam::111122223333:role/eks-read-only";
const session = {
  ...{ roleSessionName: "abc", sourceIdentity: "CN=alice" },
  sessionTags: [{ key: "x509Subject/CN", value: "alice" }],
};

async function nextStep(Condition: object, arn = roleArn): Promise<string> {
  const statement = { Effect: "Allow", Principal: { Service: rolesAnywhere }, Action: "sts:*", Condition };
  const role = {
    Role: { Arn: arn, AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: statement } },
  };
  const judge = await readJudge("trust.json", {
    readFile: (name) => Promise.resolve({ name, bytes: Buffer.from(JSON.stringify(role)), mode: 0o600 }),
    clock: () => new Date("2026-11-27T00:00:00Z"),
  });
  const [trustAnchor, wanted] = [parseRolesAnywhereArn(anchor, "trust-anchor"), parseRoleArn(roleArn)];
  const profile = parseRolesAnywhereArn(anchor.replace("trust-anchor", "profile"), "profile");
  if (trustAnchor instanceof ArnProblem || wanted instanceof ArnProblem || profile instanceof ArnProblem)
    throw new Error("no ARN");
  const rest = { profile, durationSeconds: 3600, roleSessionName: undefined };
  return judge(session, { trustAnchor, role: wanted, ...rest });
}

describe("the next step of token debug for a role that cannot be assumed", () => {
  it("is the reason of the trust policy", async () => {
    expect(await nextStep({ StringEquals: { "aws:PrincipalTag/x509Subject/CN": "bob" } })).toBe(
      'The trust policy in trust.json refuses it: statement 1: StringEquals aws:PrincipalTag/x509Subject/CN: the request has "alice", the policy has "bob". Correct the policy, or use another certificate.',
    );
  });

  it("is what is not known", async () => {
    expect(await nextStep({ StringEquals: { "aws:Unheard": "bob" } })).toMatch(
      /^Whether the trust policy in trust.json refuses it is not known: .*aws:Unheard/,
    );
  });

  it("is to compare the policy, if it allows the role", async () => {
    expect(await nextStep({ ArnEquals: { "aws:SourceArn": anchor } })).toMatch(
      /^The trust policy in trust.json allows it\. Compare it with the one in AWS \(aws iam get-role --role-name eks-read-only\)/,
    );
  });

  it("names the role of get-role if it is another one", async () => {
    expect(await nextStep({}, `${roleArn}2`)).toMatch(
      /^The trust policy in trust.json of arn:aws:iam::111122223333:role\/eks-read-only2 allows it/,
    );
  });
});
