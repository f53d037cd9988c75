import { describe, expect, it } from "vitest";
import { sessionIdentity, type AttributeMapping } from "../../src/identity/session-identity.ts";
import { certificateView } from "../../src/identity/certificate-view.ts";
import { readCertificates } from "../../src/identity/certificate.ts";
import { judgeByProfile } from "../../src/trust-policy/admission.ts";
import { DocumentProblem } from "../../src/trust-policy/json-text.ts";
import { obstacleOf, profileIn, type Profile } from "../../src/trust-policy/profile.ts";
import { named, now } from "../certificates.ts";
import {
  commonName,
  directoryName,
  dns,
  organization,
  richCertificate,
  unit,
  uri,
} from "../identity/rich-certificate.ts";

const roleArn = "arn:aws:iam::111122223333:role/eks-read-only";
const trustAnchorArn =
  "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111";
const detail = {
  acceptRoleSessionName: false,
  attributeMappings: [
    { certificateField: "x509Subject", mappingRules: [{ specifier: "*" }] },
    { certificateField: "x509SAN", mappingRules: [{ specifier: "DNS" }, { specifier: "Name/*" }] },
  ],
  durationSeconds: 3600,
  enabled: true,
  managedPolicyArns: [],
  profileArn: trustAnchorArn.replace("trust-anchor", "profile"),
  requireInstanceProperties: false,
  roleArns: [roleArn],
};

function profileOf(change: object = {}): Profile {
  const profile = profileIn(JSON.stringify({ profile: { ...detail, ...change } }));
  if (profile instanceof DocumentProblem) throw new Error(profile.why);
  return profile;
}

const certificate = richCertificate({
  subject: [
    [organization, "Example Corp"],
    [unit, "Platform"],
    [commonName, "alice"],
  ],
  alternativeNames: [
    dns("one.example"),
    dns("two.example"),
    uri("spiffe://example.com/alice"),
    directoryName([commonName, "device"]),
  ],
});
const view = certificateView(readCertificates(named(certificate))[0], now);
const sessionOf = (mappings?: readonly AttributeMapping[]) => sessionIdentity(view, undefined, mappings);
const tagsOf = (mappings: readonly AttributeMapping[]) =>
  sessionOf(mappings).sessionTags.map(({ key }) => key);

describe("a profile", () => {
  it("is read from the output of get-profile", () => {
    expect(profileOf()).toEqual({
      arn: detail.profileArn,
      isEnabled: true,
      roleArns: [roleArn],
      durationSeconds: 3600,
      acceptRoleSessionName: false,
      mappings: [
        { field: "x509Subject", specifiers: ["*"] },
        { field: "x509SAN", specifiers: ["DNS", "Name/*"] },
      ],
      originSource: undefined,
      requiresInstanceProperties: false,
      isLimited: false,
    });
  });

  it.each([
    ["{", "is not JSON"],
    ["{}", "is not the output of aws rolesanywhere get-profile: it has no roleArns"],
    ['{"roleArns": "x"}', "has a value of roleArns that is not a list"],
    ['{"roleArns": [7]}', "has a value of roleArns that is not text"],
    ['{"roleArns": [], "roleArns": []}', 'has the key "roleArns" twice in one object'],
    ['{"roleArns": [], "enabled": "yes"}', "has a value of enabled that is not true or false"],
    ['{"roleArns": [], "durationSeconds": "1"}', "has a value of durationSeconds that is not a number"],
    [
      '{"roleArns": [], "attributeMappings": [{"certificateField": "x509"}]}',
      "has an attribute mapping for none of x509Subject, x509Issuer, x509SAN",
    ],
    [
      '{"roleArns": [], "attributeMappings": [{"certificateField": "x509SAN"}]}',
      "has a value of mappingRules that is not a list",
    ],
    ['{"roleArns": [], "sessionPolicy": {}}', "has a sessionPolicy that is not text"],
    ['{"roleArns": [], "sessionPolicy": "{"}', "has a sessionPolicy that is not JSON"],
    ['{"roleArns": [], "tipConfiguration": 1}', "has a tipConfiguration that is not an object"],
    [
      '{"roleArns": [], "tipConfiguration": {"status": "ON"}}',
      "has a tipConfiguration whose status is neither ENABLED nor DISABLED",
    ],
  ])("is not %s", (text, why) => {
    expect(profileIn(text)).toHaveProperty("why", why);
  });

  it.each<[string, readonly string[], string[]]>([
    ["x509Subject", ["*"], ["x509Subject/O", "x509Subject/OU", "x509Subject/CN"]],
    ["x509Subject", ["CN", "L"], ["x509Subject/CN"]],
    ["x509Subject", ["cn"], []],
    ["x509Issuer", ["CN"], ["x509Issuer/CN"]],
    ["x509SAN", ["DNS"], ["x509SAN/DNS"]],
    ["x509SAN", ["URI", "DNS"], ["x509SAN/DNS", "x509SAN/URI"]],
    ["x509SAN", ["Name/CN"], ["x509SAN/Name/CN"]],
    ["x509SAN", ["Name"], ["x509SAN/Name/CN"]],
    ["x509SAN", ["Name/*"], ["x509SAN/Name/CN"]],
    ["x509SAN", ["Name/O"], []],
    ["x509SAN", [], []],
  ])("maps %s by the specifiers %j to %j", (field, specifiers, keys) => {
    const profile = profileOf({
      attributeMappings: [
        { certificateField: field, mappingRules: specifiers.map((specifier) => ({ specifier })) },
      ],
    });
    expect(tagsOf(profile.mappings)).toEqual(keys);
  });

  it("without mappings maps nothing, and as every new profile if get-profile does not print them", () => {
    expect(tagsOf(profileOf({ attributeMappings: [] }).mappings)).toEqual([]);
    expect(tagsOf(profileOf({ attributeMappings: undefined }).mappings)).toEqual(
      sessionOf().sessionTags.map(({ key }) => key),
    );
  });
});

describe("a profile refuses, in AWS's words,", () => {
  const tip = (subjectSource?: string) => ({ tipConfiguration: { status: "ENABLED", subjectSource } });
  it.each<[string, object, boolean, string | undefined, string]>([
    [
      "when it is disabled",
      { enabled: false },
      false,
      "Invalid or empty profile provided.",
      "the profile is disabled",
    ],
    [
      "without roles",
      { roleArns: [] },
      false,
      "Invalid or empty profile provided.",
      "the profile lists no role",
    ],
    [
      "another role",
      { roleArns: ["arn:aws:iam::111122223333:role/x"] },
      false,
      "Requested Role isn't one of those listed in the Profile.",
      `the profile does not list the role "${roleArn}"`,
    ],
    [
      "the role with a path",
      { roleArns: ["arn:aws:iam::111122223333:role/team/eks-read-only"] },
      false,
      "Requested Role isn't one of those listed in the Profile.",
      `the profile does not list the role "${roleArn}"; it lists "arn:aws:iam::111122223333:role/team/eks-read-only", which has another path or account`,
    ],
    [
      "a session name",
      {},
      true,
      "Not authorized to set roleSessionName",
      "the profile does not accept a session name",
    ],
    ["no session name that it accepts", { acceptRoleSessionName: true }, true, undefined, ""],
    ["no certificate with the trusted identity", tip(), false, undefined, ""],
    [
      "a certificate whose field is not mapped",
      tip("x509SAN/URI"),
      false,
      "Access denied",
      "the profile propagates x509SAN/URI as the trusted identity, and its attribute mappings have no rule for it",
    ],
    [
      "a certificate without the field",
      tip("x509Subject/L"),
      false,
      "Access denied",
      "the profile propagates x509Subject/L as the trusted identity, and the certificate has no value for it",
    ],
  ])("%s", (_what, change, isNamed, answer, why) => {
    const profile = profileOf(change);
    const question = { roleArn, isNamed, session: sessionOf(profile.mappings) };
    expect(obstacleOf(profile, question)).toEqual(answer === undefined ? undefined : { answer, why });
  });
});

describe("judged with what else is said, a profile", () => {
  const judged = (
    change: object,
    said: object,
    role?: { arn: string; maxSessionDuration: number | undefined },
  ) => judgeByProfile(profileOf(change), { session: sessionOf(), isNamed: false }, said, role);

  it.each<[string, object, object, string]>([
    ["allows", {}, { roleArn, trustAnchorArn }, "allowed"],
    ["is unknown without the role", {}, { trustAnchorArn }, "unknown"],
    [
      "is unknown if it requires instance properties",
      { requireInstanceProperties: true },
      { roleArn },
      "unknown",
    ],
    [
      "refuses a trust anchor of another region",
      {},
      { roleArn, trustAnchorArn: trustAnchorArn.replace("west", "east") },
      "refused",
    ],
    ["refuses when it is disabled, whatever is said", { enabled: false }, {}, "refused"],
  ])("%s", (_what, change, said, verdict) => {
    const judgement = judged(change, said);
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.reasons.length > 0).toBe(verdict !== "allowed");
  });

  it("warns of policies that limit the sessions", () => {
    const sessionPolicy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    for (const change of [
      { sessionPolicy },
      { managedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
    ])
      expect(judged(change, { roleArn })).toMatchObject({
        verdict: "allowed",
        warnings: [expect.stringContaining("eks:DescribeCluster")],
      });
    expect(judged({}, { roleArn }).warnings).toEqual([]);
  });

  it("refuses a duration that the role does not allow", () => {
    const role = { arn: roleArn, maxSessionDuration: 3600 };
    expect(judged({ durationSeconds: 7200 }, { roleArn }, role).reasons).toEqual([
      "the profile's durationSeconds, 7200, is more than the 3600 that the role allows",
    ]);
    expect(judged({}, { roleArn }, role).verdict).toBe("allowed");
  });
});
