import { X509Certificate } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { leaf, root } from "../../../certificates.ts";
import { containing } from "../../../matching.ts";
import { wireRequest } from "../../wire-request.ts";
import { signedCreateSession } from "../signature/x509-signer.ts";
import { administrator, at, now, textAt } from "./administrator.ts";

const day = 24 * 60 * 60 * 1000;
const validity = { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + 30 * day) };
const ca = root("Example CA", validity);
const alice = leaf(ca, validity);

let admin: ReturnType<typeof administrator>;
const call = (method: string, path: string, body?: unknown, query?: Readonly<Record<string, string>>) =>
  admin.rest("rolesanywhere", method, path, body, query);

beforeEach(() => {
  admin = administrator();
});

const bundle = (x509CertificateData: string) => ({
  sourceType: "CERTIFICATE_BUNDLE",
  sourceData: { x509CertificateData },
});

async function trustAnchor(): Promise<{ id: string; arn: string }> {
  const answer = await call("POST", "/trustanchors", { name: "demo", enabled: true, source: bundle(ca.pem) });
  return {
    id: textAt(answer, "trustAnchor", "trustAnchorId"),
    arn: textAt(answer, "trustAnchor", "trustAnchorArn"),
  };
}

function trustDocument(Condition: object = {}): string {
  const Principal = { Service: "rolesanywhere.amazonaws.com" };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal, Action: "sts:*", Condition }],
  });
}

async function role(document: string): Promise<string> {
  const answer = await admin.iam("CreateRole", { RoleName: "reader", AssumeRolePolicyDocument: document });
  return /<Arn>(.*)<\/Arn>/.exec(String(answer.content))?.[1] ?? "";
}

async function profile(roleArn: string): Promise<{ id: string; arn: string }> {
  const answer = await call("POST", "/profiles", { name: "demo", enabled: true, roleArns: [roleArn] });
  return { id: textAt(answer, "profile", "profileId"), arn: textAt(answer, "profile", "profileArn") };
}

async function signIn(anchor: string, profileArn: string, roleArn: string): Promise<string> {
  const query = { trustAnchorArn: anchor, profileArn, roleArn };
  const request = signedCreateSession({ certificate: alice.pem, privateKey: alice.keyPem, query, at: now });
  const { status, body } = await admin.handler(request);
  return status === 201 ? "201" : body;
}

describe("a list", () => {
  it("has no page of a token that it did not return", async () => {
    expect(await call("GET", "/trustanchors", undefined, { nextToken: "garbage" })).toMatchObject({
      status: 400,
      code: "ValidationException",
    });
  });
});

describe("a call without a signature", () => {
  it.each([
    ["GET", "/trustanchors", {}, 403, "MissingAuthenticationTokenException"],
    [
      "POST",
      "/",
      { "x-amz-target": "ACMPrivateCA.ListCertificateAuthorities" },
      400,
      "MissingAuthenticationTokenException",
    ],
  ])("is refused as its API refuses it: %s %s", async (method, path, headers, status, code) => {
    const answer = await admin.handler(wireRequest({ method, path, headers }));
    expect(answer.status).toBe(status);
    expect(`${answer.headers["x-amzn-errortype"] ?? ""}${answer.body}`).toContain(code);
  });
});

describe("what is set up decides the next CreateSession", () => {
  let anchor: { id: string; arn: string };
  let roleArn: string;
  let ofProfile: { id: string; arn: string };
  const next = () => signIn(anchor.arn, ofProfile.arn, roleArn);

  beforeEach(async () => {
    anchor = await trustAnchor();
    roleArn = await role(trustDocument());
    ofProfile = await profile(roleArn);
  });

  it("lets the certificate in, and knows its subject", async () => {
    expect(await next()).toBe("201");
    const subjects = await call("GET", "/subjects");
    expect(at(subjects, "subjects", 0, "x509Subject")).toBe(
      new X509Certificate(alice.pem).subject.replaceAll("\n", ", "),
    );
    const subject = await call("GET", `/subject/${textAt(subjects, "subjects", 0, "subjectId")}`);
    expect(at(subject, "subject", "credentials", 0, "x509CertificateData")).toContain("BEGIN CERTIFICATE");
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      "a disabled trust anchor",
      () => call("POST", `/trustanchor/${anchor.id}/disable`),
      "Specified Trust Anchor",
    ],
    ["a deleted trust anchor", () => call("DELETE", `/trustanchor/${anchor.id}`), "Specified Trust Anchor"],
    [
      "a disabled profile",
      () => call("POST", `/profile/${ofProfile.id}/disable`),
      "Invalid or empty profile",
    ],
    [
      "a profile without the role",
      () => call("PATCH", `/profile/${ofProfile.id}`, { roleArns: [`${roleArn}2`] }),
      "Requested Role isn't one",
    ],
    [
      "a trust policy with another condition",
      () =>
        admin.iam("UpdateAssumeRolePolicy", {
          RoleName: "reader",
          PolicyDocument: trustDocument({ StringEquals: { "aws:PrincipalTag/x509Subject/OU": "Other" } }),
        }),
      "Unable to assume role for",
    ],
    ["a deleted role", () => admin.iam("DeleteRole", { RoleName: "reader" }), "Unable to assume role for"],
  ])("refuses: %s", async (_, change, message) => {
    await change();
    expect(await next()).toContain(message);
  });

  it("lets in again what is enabled again", async () => {
    await call("POST", `/trustanchor/${anchor.id}/disable`);
    await call("POST", `/trustanchor/${anchor.id}/enable`);
    expect(await next()).toBe("201");
  });

  it("has the tags that the profile's attribute mappings give", async () => {
    const wanted = trustDocument({ Null: { "aws:PrincipalTag/x509Subject/CN": "false" } });
    await admin.iam("UpdateAssumeRolePolicy", { RoleName: "reader", PolicyDocument: wanted });
    expect(await next()).toBe("201");
    const mappings = `/profiles/${ofProfile.id}/mappings`;
    await call("PUT", mappings, { certificateField: "x509Subject", mappingRules: [{ specifier: "OU" }] });
    expect(await next()).toContain("Unable to assume role for");
    await call("DELETE", mappings, undefined, { certificateField: "x509Subject" });
    const left = await call("GET", `/profile/${ofProfile.id}`);
    expect(JSON.stringify(at(left, "profile", "attributeMappings"))).not.toContain("x509Subject");
  });
});

describe("trust anchors, profiles and CRLs", () => {
  it("is disabled unless it is created enabled", async () => {
    const answer = await call("POST", "/trustanchors", { name: "demo", source: bundle(ca.pem) });
    expect(answer.status).toBe(201);
    expect(at(answer, "trustAnchor", "enabled")).toBe(false);
  });

  it.each<[string, string, string, unknown, string]>([
    [
      "no name",
      "POST",
      "/trustanchors",
      { source: bundle(ca.pem) },
      "Value null at 'name' failed to satisfy constraint: Member must not be null",
    ],
    [
      "a name of other characters",
      "POST",
      "/trustanchors",
      { name: "a/b", source: bundle(ca.pem) },
      "regular expression pattern",
    ],
    [
      "a certificate that is no CA",
      "POST",
      "/trustanchors",
      { name: "a", source: bundle(alice.pem) },
      "Incorrect basic constraints",
    ],
    [
      "a short duration",
      "POST",
      "/profiles",
      { name: "a", roleArns: [], durationSeconds: 60 },
      "greater than or equal to 900",
    ],
    ["an ARN that is no role", "POST", "/profiles", { name: "a", roleArns: ["x"] }, "'roleArns.1.member'"],
    [
      "a CRL that is none",
      "POST",
      "/crls",
      { name: "a", crlData: "AAAA", trustAnchorArn: "arn:aws:rolesanywhere:us-west-2:1:trust-anchor/x" },
      "Trust anchor does not exist",
    ],
    ["a body that is no JSON object", "POST", "/profiles", [], "not JSON"],
  ])("refuses: %s", async (_, method, path, body, message) => {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(400);
    expect(at(answer, "message")).toEqual(containing(message));
  });

  it("is found only in its region, and by its id", async () => {
    await trustAnchor();
    const other = await call("GET", "/trustanchor/11111111-1111-1111-1111-111111111111");
    expect([other.status, other.code]).toEqual([404, "ResourceNotFoundException"]);
    expect(at(await call("GET", "/trustanchors"), "trustAnchors", 0, "name")).toBe("demo");
  });

  it("pages", async () => {
    for (const name of ["a", "b", "c"]) await call("POST", "/profiles", { name, roleArns: [] });
    const first = await call("GET", "/profiles", undefined, { pageSize: "2" });
    const second = await call("GET", "/profiles", undefined, {
      pageSize: "2",
      nextToken: textAt(first, "nextToken"),
    });
    expect([
      at(first, "profiles", 1, "name"),
      at(second, "profiles", 0, "name"),
      at(second, "nextToken"),
    ]).toEqual(["b", "c", undefined]);
  });

  it("keeps tags", async () => {
    const { arn } = await trustAnchor();
    await call("POST", "/TagResource", { resourceArn: arn, tags: [{ key: "team", value: "platform" }] });
    const tags = () => call("GET", "/ListTagsForResource", undefined, { resourceArn: arn });
    expect(at(await tags(), "tags")).toEqual([{ key: "team", value: "platform" }]);
    await call("POST", "/UntagResource", { resourceArn: arn, tagKeys: ["team"] });
    expect(at(await tags(), "tags")).toEqual([]);
  });
});

describe("who calls", () => {
  it("is recorded, without what only reads", async () => {
    await trustAnchor();
    await call("GET", "/trustanchors");
    expect(admin.records).toMatchObject([
      {
        eventSource: "rolesanywhere.amazonaws.com",
        eventName: "CreateTrustAnchor",
        userIdentity: { type: "IAMUser", userName: "administrator" },
        requestParameters: { name: "demo" },
        readOnly: false,
      },
      { eventName: "ListTrustAnchors", responseElements: null, readOnly: true },
    ]);
  });

  it("may not be the session of a role", async () => {
    const caller = {
      ...admin.key,
      sessionToken: "token",
      arn: "arn:aws:sts::111122223333:assumed-role/reader/alice",
      roleArn: "arn:aws:iam::111122223333:role/reader",
    };
    const answer = await administrator(caller).rest("rolesanywhere", "GET", "/trustanchors");
    expect([answer.status, answer.code]).toEqual([403, "AccessDeniedException"]);
  });
});
