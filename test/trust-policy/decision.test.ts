import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionIdentity } from "../../src/identity/session-identity.ts";
import { decide, type Verdict } from "../../src/trust-policy/decision.ts";
import { DocumentProblem } from "../../src/trust-policy/json-text.ts";
import { trustPolicyIn, type TrustPolicy } from "../../src/trust-policy/policy.ts";
import { reasonsOf } from "../../src/trust-policy/reasons.ts";
import { requestedActions, rolesAnywhere, type TrustRequest } from "../../src/trust-policy/request.ts";
import { fromJson } from "../json.ts";
import { policyOf, trusting } from "./trusting.ts";

const session: SessionIdentity = {
  roleSessionName: "abc",
  sourceIdentity: "CN=alice",
  sessionTags: [
    { key: "x509Subject/O", value: "Example Corp" },
    { key: "x509Subject/OU", value: "Platform/Kubernetes" },
    { key: "x509Subject/CN", value: "alice" },
    { key: "x509Issuer/CN", value: "Example CA" },
    { key: "x509SAN/URI", value: "spiffe://example.com/alice" },
    { key: "x509SAN/Name/CN", value: "a*b", leftOut: "characters" },
  ],
};
const trustAnchorArn =
  "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111";
const request: TrustRequest = {
  ...{ session, trustAnchorArn, sourceIp: "203.0.113.7" },
  now: new Date("2026-11-27T09:00:00Z"),
};

interface Row {
  about: string;
  verdict: Verdict;
  policy: object;
  why?: string;
}

const policies = fromJson<Row[]>(
  readFileSync(new URL("../vectors/trust-policy/policies.json", import.meta.url), "utf8"),
);

describe("a trust policy with", () => {
  it.each(policies)("$about: $verdict", ({ verdict, policy, why }) => {
    const parsed = trustPolicyIn(policy);
    if (parsed instanceof DocumentProblem) throw new Error(parsed.why);
    const decision = decide(parsed, request);
    expect(decision.verdict).toBe(verdict);
    const reasons = reasonsOf(decision);
    expect(reasons.length > 0).toBe(verdict !== "allowed");
    if (why !== undefined) expect(reasons).toContain(why);
  });
});

describe("what nobody says", () => {
  it.each([
    ["aws:SourceArn", "the trust anchor", "--trust-anchor-arn"],
    ["aws:SourceAccount", "its account", "--trust-anchor-arn"],
    ["aws:SourceIp", "the address", "--source-ip"],
  ])("is unknown: %s without %s", (key, _what, option) => {
    const decision = decide(trusting("sts:*", { StringLike: { [key]: "*" } }), { session, now: request.now });
    expect(decision.verdict).toBe("unknown");
    expect(reasonsOf(decision)).toEqual([
      `statement 1: StringLike ${key}: the request has no known value (${option} is not given), the policy has "*"`,
    ]);
  });
});

describe("of a certificate whose tags have no documented name", () => {
  const sessionTags = [...session.sessionTags, { key: "x509Subject/E", value: "alice@example.com" }];
  const verdictFor = (condition: Readonly<Record<string, object>>) =>
    decide(trusting("sts:*", condition), { ...request, session: { ...session, sessionTags } }).verdict;
  const tag = (type: string) => `aws:PrincipalTag/x509Subject/${type}`;

  it.each<[Readonly<Record<string, object>>, Verdict]>([
    [{ StringEquals: { [tag("E")]: "alice@example.com" } }, "unknown"],
    [{ StringEquals: { [tag("emailAddress")]: "alice@example.com" } }, "unknown"],
    [{ StringNotEquals: { [tag("EMAILADDRESS")]: "alice@example.com" } }, "unknown"],
    [{ Null: { [tag("1.2.840.113549.1.9.1")]: "true" } }, "unknown"],
    [{ "ForAllValues:StringNotEquals": { "aws:TagKeys": "x509Subject/EMAILADDRESS" } }, "unknown"],
    [{ StringEquals: { [tag("cn")]: "alice" } }, "allowed"],
    [{ StringNotEquals: { [tag("ST")]: "Berlin" } }, "allowed"],
    [{ StringNotEquals: { "aws:PrincipalTag/x509Issuer/E": "alice@example.com" } }, "allowed"],
    [{ StringNotEquals: { "aws:PrincipalTag/team": "x" } }, "allowed"],
  ])("%j: %s", (condition, verdict) => {
    expect(verdictFor(condition)).toBe(verdict);
  });
});

describe("of a source identity that STS does not accept", () => {
  it.each(["CN=Alice Smith", "CN=alice/bob", "CN=Zoë"])("a condition on %s is unknown", (sourceIdentity) => {
    const wanted = trusting("sts:*", { StringEquals: { "sts:SourceIdentity": sourceIdentity } });
    const decision = decide(wanted, { ...request, session: { ...session, sourceIdentity } });
    expect(decision.verdict).toBe("unknown");
  });
});

describe("a condition on a tag", () => {
  it.each(["aws:PrincipalTag/*", "aws:PrincipalTag/${aws:SourceAccount}", "aws:RequestTag/x509Subject/C?"])(
    "whose name no tag can have is unknown: %s",
    (key) => {
      const decision = decide(trusting("sts:*", { StringNotEquals: { [key]: "x" } }), request);
      expect(decision.verdict).toBe("unknown");
    },
  );
});

describe("the reasons", () => {
  it.each([
    ["Example\u00a0Corp", '"Example Corp"', '"Example\\u00a0Corp"'],
    ["Ex\u0430mple Corp", '"Example Corp"', '"Ex\\u0430mple Corp"'],
  ])("show the difference of two values that look the same: %j", (wanted, ours, theirs) => {
    const near = trusting("sts:*", { StringEquals: { "aws:PrincipalTag/x509Subject/O": wanted } });
    const decision = decide(near, request);
    expect(reasonsOf(decision)).toEqual([
      `statement 1: StringEquals aws:PrincipalTag/x509Subject/O: the request has ${ours}, the policy has ${theirs}`,
    ]);
  });

  it("are those of the nearest statement, each condition with both values", () => {
    const near = { StringEquals: { "aws:PrincipalTag/x509Subject/CN": "bob" } };
    const far = {
      StringEquals: { "aws:PrincipalTag/x509Subject/CN": "carol", "sts:SourceIdentity": "CN=carol" },
    };
    const statement = (Sid: string, Condition: object) => ({
      ...{ Sid, Effect: "Allow", Principal: { Service: rolesAnywhere }, Action: "sts:*", Condition },
    });
    const decision = decide(policyOf(statement("Far", far), statement("Near", near)), request);
    expect(reasonsOf(decision)).toEqual([
      'statement 2 ("Near"): StringEquals aws:PrincipalTag/x509Subject/CN: the request has "alice", the policy has "bob"',
    ]);
  });
});

const key = fc.constantFrom(
  ...[
    "aws:PrincipalTag/x509Subject/CN",
    "aws:PrincipalTag/none",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:CurrentTime",
  ],
  ...["aws:TagKeys", "sts:SourceIdentity", "sts:ExternalId", "aws:Unheard", "aws:SecureTransport"],
);
const base = fc.constantFrom(
  ...[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "ArnLike",
    "ArnNotEquals",
    "NumericLessThan",
  ],
  ...["DateGreaterThan", "Bool", "IpAddress", "NotIpAddress", "Null", "StringMatches", "BinaryEquals"],
);
const operator = fc
  .tuple(fc.constantFrom("", "ForAllValues:", "ForAnyValue:"), base, fc.constantFrom("", "IfExists"))
  .map((parts) => parts.join(""));
const value = fc.constantFrom(
  ...["alice", "bob", "*", "true", "false", "2026-01-01", "203.0.113.0/24", trustAnchorArn, "a?ice", "x509*"],
  ...["${aws:PrincipalTag/x509Subject/CN}", "${aws:Unheard}", "CN=${aws:username, 'alice'}", "5"],
);
const condition = fc.record({ operator, key, values: fc.array(value, { maxLength: 3 }) });
const statement = fc.record({
  number: fc.constant(1),
  sid: fc.constant(undefined),
  effect: fc.constantFrom("Allow" as const, "Deny" as const),
  principals: fc.record({
    isEveryone: fc.boolean(),
    services: fc.subarray([rolesAnywhere, "ec2.amazonaws.com", "*"]),
    aws: fc.constant([]),
    others: fc.constant([]),
  }),
  isNotAction: fc.boolean(),
  actions: fc.subarray([...requestedActions, "sts:*", "sts:Assume*", "s3:*"], { minLength: 1 }),
  conditions: fc.array(condition, { maxLength: 3 }),
});
const policy: fc.Arbitrary<TrustPolicy> = fc.record({
  hasVariables: fc.boolean(),
  statements: fc.array(statement, { maxLength: 4 }),
});
const verdictOn = (each: TrustPolicy) => decide(each, request).verdict;

describe("of any policy", () => {
  it("a deny wins", () => {
    const denial = trusting("sts:*").statements.map((each) => ({ ...each, effect: "Deny" as const }));
    fc.assert(
      fc.property(policy, fc.nat(4), (any, place) => {
        const statements = [...any.statements.slice(0, place), ...denial, ...any.statements.slice(place)];
        expect(verdictOn({ ...any, statements })).toBe("refused");
      }),
    );
  });

  it("a further condition on what allows never allows more", () => {
    fc.assert(
      fc.property(policy, condition, (any, further) => {
        const statements = any.statements.map((each) =>
          each.effect === "Allow" ? { ...each, conditions: [...each.conditions, further] } : each,
        );
        if (verdictOn({ ...any, statements }) === "allowed") expect(verdictOn(any)).toBe("allowed");
      }),
    );
  });

  it("an unknown condition on what allows never allows", () => {
    fc.assert(
      fc.property(policy, value, (any, wanted) => {
        const unknown = { operator: "StringEquals", key: "aws:Unheard", values: [wanted] };
        const statements = any.statements.map((each) =>
          each.effect === "Allow" ? { ...each, conditions: [...each.conditions, unknown] } : each,
        );
        expect(verdictOn({ ...any, statements })).not.toBe("allowed");
      }),
    );
  });

  it("the verdict has reasons unless it allows, and does not depend on the statements' order", () => {
    fc.assert(
      fc.property(policy, (any) => {
        const decision = decide(any, request);
        expect(reasonsOf(decision).length > 0).toBe(decision.verdict !== "allowed");
        expect(verdictOn({ ...any, statements: [...any.statements].reverse() })).toBe(decision.verdict);
      }),
    );
  });
});

describe("a certificate with more tags than STS accepts", () => {
  const withTags = (count: number): TrustRequest => ({
    ...request,
    session: {
      ...session,
      sessionTags: [
        ...Array.from({ length: count }, (_, at) => ({ key: `x509Subject/1.2.${at}`, value: "a" })),
        { key: "x509Subject/CN", value: "a*b", leftOut: "characters" as const },
      ],
    },
  });

  it("is unknown where the policy allows it, and refused where the policy refuses it", () => {
    const allowing = trusting(requestedActions);
    expect(decide(allowing, withTags(50)).verdict).toBe("allowed");
    const decision = decide(allowing, withTags(51));
    expect(decision).toMatchObject({ verdict: "unknown", actions: { "sts:TagSession": "unknown" } });
    expect(reasonsOf(decision)).toEqual([
      "the session has 51 tags, more than the 50 that STS accepts, and AWS does not document what Roles Anywhere does then",
    ]);
    expect(decide(trusting("sts:AssumeRole"), withTags(51)).verdict).toBe("refused");
  });
});
