import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArnProblem, parseRoleArn, parseRolesAnywhereArn, parseSessionArn } from "../../src/aws/arn.ts";

const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const anchor = `arn:aws:rolesanywhere:us-west-2:123456789012:trust-anchor/${uuid}`;
const profile = `arn:aws:rolesanywhere:us-west-2:123456789012:profile/${uuid}`;
const role = "arn:aws:iam::123456789012:role/eks-read-only";

describe("an ARN", () => {
  it("of a trust anchor has a partition, a region and an account", () => {
    expect(parseRolesAnywhereArn(anchor, "trust-anchor")).toMatchObject({
      kind: "trust-anchor",
      text: anchor,
      partition: { name: "aws" },
      region: { name: "us-west-2" },
      account: "123456789012",
    });
  });

  it("of a profile does as well", () => {
    expect(parseRolesAnywhereArn(profile, "profile")).toMatchObject({
      kind: "profile",
      region: { name: "us-west-2" },
    });
  });

  it.each([
    [role, "eks-read-only", "eks-read-only"],
    ["arn:aws:iam::123456789012:role/team/a/eks", "team/a/eks", "eks"],
    ["arn:aws:iam::123456789012:role/service-role/x_+=,.@-Y", "service-role/x_+=,.@-Y", "x_+=,.@-Y"],
  ])("of a role has the name with and without path: %s", (text, resource, name) => {
    expect(parseRoleArn(text)).toMatchObject({ kind: "role", resource, name, account: "123456789012" });
  });

  it.each([
    "aws-us-gov:rolesanywhere:us-gov-west-1",
    "aws-cn:rolesanywhere:cn-north-1",
    "aws-eusc:rolesanywhere:eusc-de-east-1",
  ])("may be of another partition: %s", (head) => {
    expect(parseSessionArn(`arn:${head}:123456789012:profile/${uuid.toUpperCase()}`)).not.toBeInstanceOf(
      ArnProblem,
    );
  });

  it.each([
    ["", "is not of the form arn:partition:service:region:account:resource"],
    ["eks-read-only", "is not of the form arn:partition:service:region:account:resource"],
    ["arn:aws:iam::123456789012", "is not of the form arn:partition:service:region:account:resource"],
    [`${role}:extra`, "is not of the form arn:partition:service:region:account:resource"],
    [`${role}\n`, "has white space around it"],
    [` ${role}`, "has white space around it"],
    [`arn:aws:iam::123456789012:role/${"a/".repeat(500)}x`, "is longer than 1011 characters"],
    ["arn:amazon:iam::123456789012:role/x", 'names an unknown partition "amazon"'],
    ["arn:aws:iam::12345678901:role/x", "does not contain an account id of 12 digits"],
    ["arn:aws:iam::aws:role/x", "does not contain an account id of 12 digits"],
    ["arn:aws:iam::12345678901a:role/x", "does not contain an account id of 12 digits"],
    ["arn:aws:iam:us-west-2:123456789012:role/x", "names a region, but a role has none"],
    ["arn:aws:iam::123456789012:user/x", "does not end in role/NAME"],
    ["arn:aws:iam::123456789012:role/", "does not end in role/NAME"],
    ["arn:aws:iam::123456789012:role/a b", "does not end in role/NAME"],
    [`arn:aws:iam::123456789012:role/${"x".repeat(65)}`, "does not end in role/NAME"],
    [
      "arn:aws:sts::123456789012:assumed-role/x/session",
      "is that of an STS session; use the ARN of the IAM role, arn:…:iam::…:role/…",
    ],
    ["arn:aws:eks:us-west-2:123456789012:cluster/demo", 'is of the service "eks"'],
    [`arn:aws:rolesanywhere::123456789012:profile/${uuid}`, 'names an unknown region ""'],
    [`arn:aws:rolesanywhere:us-west:123456789012:profile/${uuid}`, 'names an unknown region "us-west"'],
    [
      `arn:aws:rolesanywhere:cn-north-1:123456789012:profile/${uuid}`,
      "names region cn-north-1, which is not in partition aws",
    ],
    [
      `arn:aws:rolesanywhere:us-west-2:123456789012:subject/${uuid}`,
      "does not end in trust-anchor/UUID or profile/UUID",
    ],
    [`${anchor}0`, "does not end in trust-anchor/UUID or profile/UUID"],
    [anchor.slice(0, -1), "does not end in trust-anchor/UUID or profile/UUID"],
  ])("is refused: %j %s", (text, why) => {
    expect(parseSessionArn(text)).toEqual(new ArnProblem(why));
  });

  it("of another kind is reported as what it is", () => {
    expect(parseRolesAnywhereArn(profile, "trust-anchor")).toEqual(
      new ArnProblem("names a profile, not a trust-anchor"),
    );
    expect(parseRolesAnywhereArn(role, "profile")).toEqual(new ArnProblem("names a role, not a profile"));
    expect(parseRoleArn(anchor)).toEqual(new ArnProblem("names a trust-anchor, not a role"));
  });
});

describe("the ARN parser, for any text", () => {
  const part = fc.constantFrom(
    "arn",
    "aws",
    "aws-cn",
    "iam",
    "rolesanywhere",
    "us-west-2",
    "cn-north-1",
    "123456789012",
    "",
    ":",
    "/",
    `profile/${uuid}`,
    "role/x",
    " ",
    "\n",
  );

  it("answers with an ARN or a reason, and an ARN is the text itself, in one line", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 1200 }),
          fc.array(part).map((parts) => parts.join(":")),
          fc.array(part).map((parts) => parts.join("")),
        ),
        (text) => {
          const parsed = parseSessionArn(text);
          if (parsed instanceof ArnProblem) expect(parsed.why).not.toBe("");
          else expect(parsed.text === text && /^[\x21-\x7e]+$/.test(text)).toBe(true);
        },
      ),
    );
  });

  it("takes every well-formed role, and reads the same name out of it", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{12}$/),
        fc.stringMatching(/^([a-z]{1,9}\/){0,3}$/),
        fc.stringMatching(/^[\w+=,.@-]{1,64}$/),
        (account, path, name) => {
          expect(parseRoleArn(`arn:aws:iam::${account}:role/${path}${name}`)).toMatchObject({
            account,
            resource: path + name,
            name,
          });
        },
      ),
    );
  });
});
