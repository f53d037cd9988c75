import { leaf, named, revocationList, root } from "../../../certificates.ts";
import { oid, sequence, set, utf8String } from "../../../der.ts";
import { readCertificates } from "../../../../src/identity/certificate.ts";
import type { RefusedSession } from "../../../../src/debug/world.ts";
import { describe, expect, it } from "vitest";
import { parseRoleArn, parseRolesAnywhereArn, ArnProblem } from "../../../../src/aws/arn.ts";
import { readJudge } from "../../../../src/cli/commands/token-debug/administrator.ts";
import { rolesAnywhere } from "../../../../src/trust-policy/request.ts";

const anchor =
  "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111";
const roleArn = "arn:aws:iam::111122223333:role/eks-read-only";
const ca = root("Example CA");
const [certificate] = readCertificates(named(leaf(ca, { name: "alice" }).pem));
const profileArn = anchor.replace("trust-anchor", "profile");

interface Asked {
  code?: RefusedSession["code"];
  files: Readonly<Record<string, string>>;
  roleSessionName?: string;
  from?: RefusedSession["leaf"];
}

async function judged({
  code = "REFUSED_ROLE_TRUST_POLICY",
  files,
  roleSessionName,
  from = certificate,
}: Asked): Promise<string | undefined> {
  const path = (name: string): string | undefined => (name in files ? name : undefined);
  const crl = path("ca.crl");
  const paths = {
    ...{ trustPolicy: path("trust.json"), profile: path("profile.json") },
    crls: crl === undefined ? [] : [crl],
  };
  const judge = await readJudge(paths, {
    readFile: (name) => Promise.resolve({ name, bytes: Buffer.from(files[name] ?? ""), mode: 0o600 }),
    clock: () => new Date(),
  });
  const [trustAnchor, role] = [parseRolesAnywhereArn(anchor, "trust-anchor"), parseRoleArn(roleArn)];
  const profile = parseRolesAnywhereArn(profileArn, "profile");
  if (trustAnchor instanceof ArnProblem || role instanceof ArnProblem || profile instanceof ArnProblem)
    throw new Error("no ARN");
  const parameters = { trustAnchor, role, profile, durationSeconds: 3600, roleSessionName };
  return judge({ code, leaf: from, chain: [], parameters });
}

function nextStep(Condition: object, arn = roleArn, from = certificate): Promise<string | undefined> {
  const statement = { Effect: "Allow", Principal: { Service: rolesAnywhere }, Action: "sts:*", Condition };
  const role = {
    Role: { Arn: arn, AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: statement } },
  };
  return judged({ files: { "trust.json": JSON.stringify(role) }, from });
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

  it("is that STS does not accept so many tags", async () => {
    const attributes = Array.from({ length: 50 }, (_, at) =>
      set(sequence(oid(`1.2.3.${at}`), utf8String("a"))),
    );
    const [many] = readCertificates(named(leaf(ca, { subject: sequence(...attributes) }).pem));
    expect(await nextStep({}, roleArn, many)).toMatch(
      /^Whether the trust policy in trust.json refuses it is not known: the session has 5\d tags, more than the 50/,
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

describe("the next step of token debug for a refusal of the profile", () => {
  const usual = { profileArn, roleArns: [roleArn], enabled: true, durationSeconds: 3600 };
  const withProfile = (changes: object, code: RefusedSession["code"], roleSessionName?: string) =>
    judged({
      ...{ code, ...(roleSessionName !== undefined && { roleSessionName }) },
      files: { "profile.json": JSON.stringify({ profile: { ...usual, ...changes } }) },
    });

  it.each([
    [{ enabled: false }, "REFUSED_PROFILE", "the profile is disabled"],
    [
      { roleArns: [`${roleArn}2`] },
      "REFUSED_ROLE_NOT_IN_PROFILE",
      'the profile does not list the role "arn:aws:iam::111122223333:role/eks-read-only"',
    ],
    [
      { tipConfiguration: { status: "ENABLED", subjectSource: "x509Subject/UID" } },
      "REFUSED_OTHER",
      "the profile propagates x509Subject/UID as the trusted identity, and the certificate has no value for it",
    ],
  ] as const)("is the reason of %j", async (changes, code, why) => {
    expect(await withProfile(changes, code)).toBe(
      `The profile in profile.json refuses it: ${why}. Correct the profile.`,
    );
  });

  it("is that of a session name", async () => {
    expect(await withProfile({}, "REFUSED_SESSION_NAME", "alice")).toContain(
      "does not accept a session name",
    );
  });

  it("is to compare the profile, if it allows the session", async () => {
    expect(await withProfile({}, "REFUSED_PROFILE")).toBe(
      "The profile in profile.json allows it. Compare it with the one in AWS (aws rolesanywhere get-profile --profile-id 11111111-1111-1111-1111-111111111111).",
    );
  });

  it("names the profile of the file if it is another one", async () => {
    expect(await withProfile({ profileArn: `${profileArn}2` }, "REFUSED_PROFILE")).toContain(
      `The profile in profile.json of ${profileArn}2 allows it`,
    );
  });

  it("counts in the trust policy: its attribute mappings decide which tags there are", async () => {
    const Condition = { StringEquals: { "aws:PrincipalTag/x509Subject/CN": "alice" } };
    const statement = { Effect: "Allow", Principal: { Service: rolesAnywhere }, Action: "sts:*", Condition };
    const attributeMappings = [{ certificateField: "x509Subject", mappingRules: [{ specifier: "O" }] }];
    const files = {
      "trust.json": JSON.stringify({ Version: "2012-10-17", Statement: statement }),
      "profile.json": JSON.stringify({ profile: { ...usual, attributeMappings } }),
    };
    expect(await judged({ files })).toContain("x509Subject/CN: the request has no known value");
  });

  it("is not there for another refusal", async () => {
    expect(await withProfile({ enabled: false }, "REFUSED_TRUST_ANCHOR")).toBeUndefined();
  });
});

describe("the next step of token debug for an untrusted certificate", () => {
  const code = "REFUSED_UNTRUSTED_CERTIFICATE";

  it("is that a list revokes it", async () => {
    const files = { "ca.crl": revocationList(ca, [certificate.x509.serialNumber]) };
    expect(await judged({ code, files })).toMatch(
      /^The revocation list in ca\.crl refuses it: the certificate is revoked since 20.*Z, by the list of .*Example CA\. Use another certificate\.$/,
    );
  });

  it("is the trust anchor, if no list revokes it", async () => {
    expect(await judged({ code, files: { "ca.crl": revocationList(ca, []) } })).toMatch(
      /^The revocation list in ca\.crl allows it\. Check that trust anchor arn:/,
    );
  });
});
