import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DocumentProblem, uniqueJson } from "../../src/trust-policy/json-text.ts";
import { roleFileIn } from "../../src/trust-policy/role-file.ts";
import { rolesAnywhere } from "../../src/trust-policy/request.ts";

const statement = { Effect: "Allow", Principal: { Service: rolesAnywhere }, Action: "sts:AssumeRole" };
const document = { Version: "2012-10-17", Statement: [statement] };
const text = JSON.stringify(document);
const arn = "arn:aws:iam::111122223333:role/team/eks-read-only";
const role = { RoleName: "eks-read-only", Arn: arn, MaxSessionDuration: 3600 };
const getRole = (AssumeRolePolicyDocument: unknown) =>
  JSON.stringify({ Role: { ...role, AssumeRolePolicyDocument } });
const problemOf = (content: string) => {
  const file = roleFileIn(content);
  return file instanceof DocumentProblem ? file.why : undefined;
};

describe("a trust policy is read from", () => {
  const named = { arn, maxSessionDuration: 3600 };
  it.each<[string, string, object | undefined]>([
    ["a policy document", text, undefined],
    ["one with a byte-order mark", `\uFEFF${text}`, undefined],
    ["one that is URL-encoded", encodeURIComponent(text), undefined],
    ["one that is URL-encoded and in quotes", `"${encodeURIComponent(text)}"\n`, undefined],
    ["the output of get-role", getRole(document), named],
    ["the output of get-role, URL-encoded", getRole(encodeURIComponent(text)), named],
    ["the role of get-role alone", JSON.stringify({ ...role, AssumeRolePolicyDocument: document }), named],
  ])("%s", (_what, content, wanted) => {
    expect(roleFileIn(content)).toMatchObject({
      policy: {
        hasVariables: true,
        statements: [{ number: 1, effect: "Allow", actions: ["sts:AssumeRole"] }],
      },
    });
    expect(roleFileIn(content)).toHaveProperty("role", wanted);
  });

  it("a single statement, and lists of one", () => {
    const listed = { ...document, Statement: { ...statement, Action: ["sts:AssumeRole"] } };
    const single = roleFileIn(text);
    if (single instanceof DocumentProblem) throw new Error(single.why);
    expect(roleFileIn(JSON.stringify(listed))).toHaveProperty("policy", single.policy);
  });

  it("a document of the older version, or without one: it has no variables", () => {
    expect(roleFileIn(JSON.stringify({ Statement: statement }))).toHaveProperty("policy.hasVariables", false);
    const old = { Version: "2008-10-17", Id: "x", Statement: statement };
    expect(roleFileIn(JSON.stringify(old))).toHaveProperty("policy.hasVariables", false);
  });

  it("statements with an empty Sid each, as older versions of Terraform write them", () => {
    const unnamed = { ...statement, Sid: "" };
    const written = JSON.stringify({ ...document, Statement: [unnamed, unnamed] });
    expect(roleFileIn(written)).toHaveProperty("policy.statements.length", 2);
  });

  it("conditions, whose numbers and booleans need no quotes", () => {
    const Condition = {
      Bool: { "aws:SecureTransport": true },
      NumericLessThan: { "aws:EpochTime": [1, "2"] },
    };
    expect(roleFileIn(JSON.stringify({ Statement: { ...statement, Condition } }))).toHaveProperty(
      "policy.statements.0.conditions",
      [
        { operator: "Bool", key: "aws:SecureTransport", values: ["true"] },
        { operator: "NumericLessThan", key: "aws:EpochTime", values: ["1", "2"] },
      ],
    );
  });
});

describe("no trust policy is", () => {
  it.each<[string, string]>([
    ["", "is not JSON"],
    ["Version: 2012-10-17", "is not JSON"],
    ["%7B%22Version%22", "is not JSON"],
    ["%7B%ff", "is not URL-encoded as IAM's is"],
    ["[]", "is not a JSON object"],
    ["null", "is not a JSON object"],
    ["{}", "has no Statement"],
    ['{"Statement": [], "Statement": []}', 'has the key "Statement" twice in one object'],
    [
      '{"Statement": {"Effect": "Allow", "\\u0045ffect": "Deny"}}',
      'has the key "Effect" twice in one object',
    ],
    [getRole('{"Version":"2012-10-17","Version":"2012-10-17"}'), 'has the key "Version" twice in one object'],
    [getRole(undefined).replace("}}", ',"AssumeRolePolicyDocument":7}}'), "is not a JSON object"],
    [
      getRole(document).replace(arn, "arn:aws:iam::1:role/x"),
      "has a role whose Arn does not contain an account id of 12 digits",
    ],
  ])("%j: it %s", (content, why) => {
    expect(problemOf(content)).toBe(why);
  });

  it.each<[string, object, string]>([
    ["of another version", { Version: "2026-01-01" }, "has a Version other than 2012-10-17 and 2008-10-17"],
    [
      "with an element of no policy",
      { Rules: [] },
      'has the element "Rules" in the policy, which IAM refuses in a trust policy',
    ],
    [
      "with an element in another case",
      { statement: [] },
      'has the element "statement" in the policy, which IAM refuses in a trust policy; the element is written Statement',
    ],
    ["with an Id that is not text", { Id: 7 }, "has an Id that is not text"],
    [
      "with a Sid twice",
      {
        Statement: [
          { ...statement, Sid: "A" },
          { ...statement, Sid: "A" },
        ],
      },
      'has the Sid "A" twice',
    ],
    ["with a statement that is no object", { Statement: ["x"] }, "has a statement 1 that is not an object"],
  ])("one %s", (_what, change, why) => {
    expect(problemOf(JSON.stringify({ ...document, ...change }))).toBe(why);
  });

  it.each<[object, string]>([
    [{ Effect: undefined }, "has no Effect in statement 1; it is Allow or Deny, with a capital letter"],
    [{ Effect: "allow" }, "has no Effect in statement 1; it is Allow or Deny, with a capital letter"],
    [{ Sid: 7 }, "has a Sid in statement 1 that is not text"],
    [
      { Sid: "for the platform" },
      'has the Sid "for the platform" in statement 1; IAM accepts only letters and digits in it',
    ],
    [{ Resource: "*" }, 'has the element "Resource" in statement 1, which IAM refuses in a trust policy'],
    [
      { NotPrincipal: "*" },
      'has the element "NotPrincipal" in statement 1, which IAM refuses in a trust policy',
    ],
    [
      { condition: {} },
      'has the element "condition" in statement 1, which IAM refuses in a trust policy; the element is written Condition',
    ],
    [{ Principal: undefined }, "has no Principal in statement 1"],
    [{ Principal: rolesAnywhere }, 'has a Principal in statement 1 that is neither "*" nor an object'],
    [{ Principal: {} }, "has an empty Principal in statement 1"],
    [
      { Principal: { service: "x" } },
      'has the Principal "service" in statement 1; IAM knows AWS, Service, Federated, CanonicalUser',
    ],
    [
      { Principal: { AWS: "arn:aws:iam::111122223333:role/*" } },
      'has the Principal AWS "arn:aws:iam::111122223333:role/*" in statement 1; it is "*", an account, or the ARN of a role, a user or a session without wildcards',
    ],
    [
      { Principal: { AWS: ["111122223333", "eks-read-only"] } },
      'has the Principal AWS "eks-read-only" in statement 1; it is "*", an account, or the ARN of a role, a user or a session without wildcards',
    ],
    [{ Principal: { Service: [7] } }, "has a value of Principal Service in statement 1 that is not text"],
    [{ Action: undefined }, "has no Action in statement 1"],
    [{ NotAction: "sts:*" }, "has both Action and NotAction in statement 1"],
    [{ Action: [] }, "has an empty Action in statement 1"],
    [
      { Action: "AssumeRole" },
      'has the Action "AssumeRole" in statement 1; an action has its service before it: sts:AssumeRole',
    ],
    [
      { Action: ["sts:AssumeRole", "s3:GetObject"] },
      'has the Action "s3:GetObject" in statement 1; IAM accepts only actions of STS in a trust policy',
    ],
    [{ Action: { sts: "x" } }, "has a value of Action in statement 1 that is not text"],
    [{ Condition: [] }, "has a Condition in statement 1 that is not an object"],
    [
      { Condition: { StringEquals: "x" } },
      "has a Condition StringEquals in statement 1 that is not an object",
    ],
    [
      { Condition: { StringEquals: { k: null } } },
      "has a value of StringEquals in statement 1 that is not text, a number or a boolean",
    ],
  ])("one whose statement has %j", (change, why) => {
    expect(problemOf(JSON.stringify({ ...document, Statement: { ...statement, ...change } }))).toBe(why);
  });
});

describe("of any file", () => {
  it("a trust policy or a problem is read, never an error", () => {
    const names = [
      "Version",
      "Statement",
      "Effect",
      "Principal",
      "Action",
      "Condition",
      "Role",
      "Sid",
      "Arn",
    ];
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom("2012-10-17", "Allow", "Deny", "*", "sts:*", "", null, 1, true),
        fc.array(tie("value"), { maxLength: 2 }),
        fc.dictionary(
          fc.constantFrom(...names, "AssumeRolePolicyDocument", "StringEquals", "AWS"),
          tie("value"),
          { maxKeys: 6 },
        ),
      ),
    })).value;
    fc.assert(
      fc.property(json, fc.boolean(), (value, isEncoded) => {
        const written = JSON.stringify(value);
        const file = roleFileIn(isEncoded ? encodeURIComponent(written) : written);
        if (file instanceof DocumentProblem) expect(file.why).toMatch(/^(is|has) /);
        else
          expect(file.policy.statements.map(({ number }) => number)).toEqual(
            file.policy.statements.map((_, at) => at + 1),
          );
      }),
    );
  });
});

describe("JSON with unique keys", () => {
  it("is what JSON.stringify writes, whatever strings it has", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const parsed: unknown = JSON.parse(json);
        expect(uniqueJson(JSON.stringify(parsed, undefined, 1))).toEqual({ value: parsed });
      }),
    );
  });

  it("is not what has one of them again, in any spelling", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (key, value) => {
        const [name, member] = [JSON.stringify(key), JSON.stringify(value)];
        const escaped = `"${Array.from({ length: key.length }, (_, at) => `\\u${key.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")}"`;
        const text = `{"x": [{${name}: ${member}, ${escaped} : 1}]}`;
        expect(uniqueJson(text)).toBeInstanceOf(DocumentProblem);
      }),
    );
  });

  it("of a hostile file takes no longer than its length", () => {
    expect(uniqueJson(`${"[".repeat(5000)}${"]".repeat(5000)}`)).toHaveProperty("value");
    expect(uniqueJson(`{"${"\\\\".repeat(100_000)}`)).toBeInstanceOf(DocumentProblem);
  });
});
