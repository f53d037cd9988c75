import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { runCertInspect } from "../../../../src/cli/commands/cert-inspect/run.ts";
import { rolesAnywhere } from "../../../../src/trust-policy/request.ts";
import { rejectionOf } from "../../../failure.ts";
import { fromJson } from "../../../json.ts";
import { keyFiles } from "../../../key-files.ts";
import { portsWith } from "../../../ports.ts";

const vector = (name: string) =>
  readFileSync(new URL(`../../../vectors/trust-policy/crl/${name}`, import.meta.url));
const roleArn = "arn:aws:iam::111122223333:role/eks-read-only";
const trustAnchorArn =
  "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111";

const trust = (name: string, more: object = {}) => ({
  Version: "2012-10-17",
  Statement: {
    ...{ Effect: "Allow", Principal: { Service: rolesAnywhere }, Action: "sts:*" },
    Condition: { StringEquals: { "aws:PrincipalTag/x509Subject/CN": name }, ...more },
  },
});
const ofAnchor = { ArnEquals: { "aws:SourceArn": trustAnchorArn } };
const profile = { roleArns: [roleArn], enabled: true, durationSeconds: 3600 };

const files: Readonly<Record<string, object | Buffer>> = {
  "alice.pem": vector("ec-alice.pem"),
  "bob.pem": vector("ec-bob.pem"),
  "ca.pem": vector("ec-ca.pem"),
  "bob.crl": vector("ec-bob.crl"),
  "other.crl": vector("rsa-bob.crl"),
  "crl.json": { crl: { enabled: true, crlData: vector("ec-bob.crl").toString("base64"), trustAnchorArn } },
  "disabled.json": { crl: { enabled: false, crlData: vector("ec-bob.crl").toString("base64") } },
  "trust.json": trust("alice"),
  "anchor.json": trust("alice", ofAnchor),
  "role.json": { Role: { Arn: roleArn, MaxSessionDuration: 3600, AssumeRolePolicyDocument: trust("alice") } },
  "profile.json": { profile },
  "subject-o.json": {
    profile: {
      ...profile,
      attributeMappings: [{ certificateField: "x509Subject", mappingRules: [{ specifier: "O" }] }],
    },
  },
  "bad.json": { Version: "2012-10-17" },
};

async function inspected(flags: Readonly<Record<string, string | string[]>>, output = "json") {
  let text = "";
  const code = await runCertInspect(
    new Flags({ FILE: "alice.pem", output, ...flags }),
    portsWith({
      clock: () => new Date("2027-01-01T00:00:00Z"),
      stdout: (part) => Promise.resolve(void (text += part)),
      ...keyFiles((name) => {
        const content = files[name] ?? {};
        const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
        return Promise.resolve({ name, bytes, mode: 0o600 });
      }),
    }),
  );
  return { code, text };
}

interface Judged {
  verdict: string;
  reasons: string[];
}

const report = async (flags: Readonly<Record<string, string | string[]>>) => {
  const { code, text } = await inspected(flags);
  return { code, ...fromJson<Partial<Record<"trustPolicy" | "profile" | "crl", Judged>>>(text) };
};

describe("cert inspect", () => {
  it.each<[string, Record<string, string>, number, string, string]>([
    ["a certificate that it lets in", {}, 0, "allowed", ""],
    [
      "one that it does not",
      { FILE: "bob.pem" },
      5,
      "refused",
      'the request has "bob", the policy has "alice"',
    ],
    [
      "a trust anchor that is not said",
      { "trust-policy": "anchor.json" },
      1,
      "unknown",
      "--trust-anchor-arn is not given",
    ],
    [
      "the one that it names",
      { "trust-policy": "anchor.json", "trust-anchor-arn": trustAnchorArn },
      0,
      "allowed",
      "",
    ],
    [
      "another one",
      { "trust-policy": "anchor.json", "trust-anchor-arn": trustAnchorArn.replace("/1", "/2") },
      5,
      "refused",
      "trust-anchor/2",
    ],
    [
      "a profile that does not map the tag",
      { profile: "subject-o.json", "role-arn": roleArn },
      5,
      "refused",
      "the session has no such tag",
    ],
  ])("judges by a trust policy %s", async (_what, flags, code, verdict, reason) => {
    const found = await report({ "trust-policy": "trust.json", ...flags });
    expect(found).toMatchObject({ code, trustPolicy: { verdict } });
    expect(found.trustPolicy?.reasons.join()).toContain(reason);
  });

  it("takes the role of get-role for the profile", async () => {
    expect(await report({ "trust-policy": "role.json", profile: "profile.json" })).toMatchObject({
      ...{
        code: 0,
        trustPolicy: { verdict: "allowed" },
        profile: { verdict: "allowed", reasons: [], warnings: [] },
      },
    });
    expect(await report({ profile: "profile.json" })).toMatchObject({
      code: 1,
      profile: { verdict: "unknown" },
    });
  });

  it.each<[string, Record<string, string | string[]>, number, string]>([
    ["a list that revokes it", { FILE: "bob.pem", crl: "bob.crl" }, 5, "refused"],
    ["the output of get-crl", { FILE: "bob.pem", crl: "crl.json" }, 5, "refused"],
    ["a list that is not enabled", { FILE: "bob.pem", crl: "disabled.json" }, 0, "allowed"],
    ["a list that does not", { crl: "bob.crl" }, 0, "allowed"],
    ["one of two lists", { FILE: "bob.pem", crl: ["other.crl", "bob.crl"] }, 5, "refused"],
    ["a list of another CA", { FILE: "bob.pem", crl: "other.crl" }, 0, "allowed"],
    [
      "a list with its CA's certificate",
      { FILE: "bob.pem", crl: "bob.crl", intermediates: "ca.pem" },
      5,
      "refused",
    ],
  ])("judges by %s", async (_what, flags, code, verdict) => {
    expect(await report(flags)).toMatchObject({ code, crl: { verdict } });
  });

  it("prints the verdicts and the reasons for people", async () => {
    const flags = { FILE: "bob.pem", "trust-policy": "trust.json", profile: "profile.json", crl: "bob.crl" };
    const { text } = await inspected(flags, "text");
    expect(text.slice(text.indexOf("✗")).replace(/20\d\d-[\d:TZ-]+/, "TIME"))
      .toBe(`✗ the trust policy refuses the certificate
  - statement 1: StringEquals aws:PrincipalTag/x509Subject/CN: the request has
    "bob", the policy has "alice"
? the profile may or may not let the certificate in
  - --role-arn is not given, so whether the profile lists the role is unknown
✗ the revocation list refuses the certificate
  - the certificate is revoked since TIME, by the list of
    O=Example Corp, CN=Example ec CA. Roles Anywhere answers: Untrusted signing
    certificate
! the signature of bob.crl is not checked, because the certificate of O=Example
  Corp, CN=Example ec CA is not in the files
`);
  });

  it.each<[Record<string, string>, string]>([
    [{ "trust-policy": "bad.json" }, "TRUST_POLICY_INVALID"],
    [{ profile: "bad.json" }, "PROFILE_FILE_INVALID"],
    [{ crl: "bad.json" }, "CRL_INVALID"],
    [{ crl: "ca.pem" }, "CRL_INVALID"],
    [{ "source-ip": "203.0.113" }, "SOURCE_IP_INVALID"],
    [{ "trust-anchor-arn": roleArn }, "ARN_INVALID"],
    [{ "role-arn": trustAnchorArn }, "ARN_INVALID"],
    [{ "trust-policy": "role.json", "role-arn": `${roleArn}2` }, "ROLE_ARNS_DIFFER"],
    [{ "trust-policy": "role.json", "trust-anchor-arn": "" }, "FLAG_EMPTY"],
    [{ "trust-policy": "role.json", "role-arn": "" }, "FLAG_EMPTY"],
    [{ "trust-policy": "role.json", "source-ip": "" }, "FLAG_EMPTY"],
    [{ profile: "" }, "FLAG_EMPTY"],
    [{ crl: "" }, "FLAG_EMPTY"],
  ])("refuses %j", async (flags, code) => {
    expect(await rejectionOf(inspected(flags))).toMatchObject({ code, category: "usage" });
  });
});
