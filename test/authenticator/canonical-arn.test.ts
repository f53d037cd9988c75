import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArnProblem } from "../../src/aws/arn.ts";
import { canonicalArn } from "../../src/authenticator/caller-identity.ts";
import { fromJson } from "../json.ts";

interface Vectors {
  identities: Record<string, { arn: string }>;
  rows: { result: Record<string, { extra: { canonicalArn: string[] } } | null> }[];
}

const vectors = fromJson<Vectors>(readFileSync(new URL("../vectors/aws-auth.json", import.meta.url), "utf8"));

describe("the canonical ARN", () => {
  it("is that which the real authenticator made of each identity of the vectors", () => {
    const made = vectors.rows.flatMap(({ result }) =>
      Object.entries(result).flatMap(([name, user]) => (user ? [[name, user.extra.canonicalArn[0]]] : [])),
    );
    expect(new Set(made.map(([name]) => name))).toEqual(
      new Set(["role", "email-session", "user", "federated", "root"]),
    );
    for (const [name = "", expected] of made)
      expect(canonicalArn(vectors.identities[name]?.arn ?? ""), name).toBe(expected);
  });

  it.each([
    [
      "a role's session",
      "arn:aws:sts::123456789012:assumed-role/Admin/s",
      "arn:aws:iam::123456789012:role/Admin",
    ],
    ["its own partition", "arn:aws-cn:sts::1:assumed-role/Admin/s", "arn:aws-cn:iam::1:role/Admin"],
    ["parts between", "arn:aws:sts::1:assumed-role/Org/Team/Admin/s", "arn:aws:iam::1:role/Org/Team/Admin"],
    ["a session's name with @", "arn:aws:sts::1:assumed-role/Admin/a@b.c", "arn:aws:iam::1:role/Admin"],
    ["a colon in the session's name", "arn:aws:sts::1:assumed-role/Admin/a:b", "arn:aws:iam::1:role/Admin"],
    ["a role, as it is", "arn:aws:iam::1:role/team/Admin", "arn:aws:iam::1:role/team/Admin"],
    ["a user, with the path", "arn:aws-us-gov:iam::1:user/team/Bob", "arn:aws-us-gov:iam::1:user/team/Bob"],
    ["the root user", "arn:aws:iam::1:root", "arn:aws:iam::1:root"],
    ["a federated user", "arn:aws:sts::1:federated-user/Bob", "arn:aws:sts::1:federated-user/Bob"],
    ["an isolated partition", "arn:aws-iso-b:iam::1:user/C", "arn:aws-iso-b:iam::1:user/C"],
    ["the European cloud", "arn:aws-eusc:sts::1:assumed-role/R/s", "arn:aws-eusc:iam::1:role/R"],
  ])("of %s", (_what, arn, expected) => {
    expect(canonicalArn(arn)).toBe(expected);
  });

  it.each([
    ["NOT AN ARN", /form/],
    ["", /form/],
    ["arn:aws:iam::123456789012", /form/],
    ["arn:aws:iam:123456789012:user/Alice", /form/],
    ["ARN:aws:iam::1:root", /form/],
    ["arn:moon:iam::1:root", /partition/],
    ["arn:AWS:iam::1:root", /partition/],
    ["arn:aws:s3:::bucket", /service/],
    ["arn:aws:STS::1:assumed-role/R/s", /service/],
    ["arn:aws:sts::1:assumed-role/R", /session/],
    ["arn:aws:sts::1:assumed-role", /session/],
    ["arn:aws:sts::1:session/R/s", /assumed role/],
    ["arn:aws:iam::1:group/R", /role/],
    ["arn:aws:iam::1:Role/R", /role/],
    ["arn:aws:iam::1:", /role/],
  ])("of %j there is none", (arn, why) => {
    const problem = canonicalArn(arn);
    expect(problem).toBeInstanceOf(ArnProblem);
    expect(problem instanceof ArnProblem && problem.why).toMatch(why);
  });

  it("of a canonical ARN is itself", () => {
    const part = fc.stringMatching(/^[\w+=,.@-]{1,20}$/);
    fc.assert(
      fc.property(part, part, (role, session) => {
        const canonical = canonicalArn(`arn:aws:sts::111122223333:assumed-role/${role}/${session}`);
        expect(canonical).toBe(`arn:aws:iam::111122223333:role/${role}`);
        expect(typeof canonical === "string" && canonicalArn(canonical)).toBe(canonical);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
