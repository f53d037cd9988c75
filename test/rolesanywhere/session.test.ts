import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSession } from "../../src/rolesanywhere/session.ts";
import { from, hour, now } from "../certificates.ts";
import { codeOf, failureOf } from "../failure.ts";

const credentials = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE==",
  expiration: from(hour).toISOString().replace(".000Z", "Z"),
};
const set = {
  assumedRoleUser: {
    arn: "arn:aws:sts::123456789012:assumed-role/eks-read-only/1234",
    assumedRoleId: "AROA:1234",
  },
  credentials,
  packedPolicySize: 21,
  roleArn: "arn:aws:iam::123456789012:role/eks-read-only",
  sourceIdentity: "CN=alice",
};
const parse = (value: unknown) =>
  parseSession(typeof value === "string" ? value : JSON.stringify(value), now);
const withCredentials = (changes: object) => ({
  credentialSet: [{ ...set, credentials: { ...credentials, ...changes } }],
});

describe("CreateSession's answer", () => {
  it.each(["secretAccessKey", "sessionToken"])("with a %s that no URL could hold is none", (field) => {
    for (const value of ["\ud800", "a b", "é"])
      expect(codeOf(() => parse(withCredentials({ [field]: value })))).toBe("SESSION_MALFORMED");
  });

  it("is a session: credentials, end, role and source identity", () => {
    const { expiration, ...keys } = credentials;
    expect(
      parse({ credentialSet: [set], subjectArn: "arn:aws:rolesanywhere:us-west-2:123456789012:subject/x" }),
    ).toEqual({
      credentials: keys,
      expiration: new Date(expiration),
      assumedRoleArn: set.assumedRoleUser.arn,
      sourceIdentity: "CN=alice",
    });
  });

  it("may have no role and no source identity, which are only displayed", () => {
    expect(parse({ credentialSet: [{ credentials }] })).toMatchObject({
      assumedRoleArn: "",
      sourceIdentity: "",
    });
  });

  it.each(["2099-07-27T04:36:55Z", "2099-07-27T04:36:55.123Z", "2099-07-27T06:36:55+02:00"])(
    "has its end in RFC 3339: %s",
    (expiration) => {
      expect(parse(withCredentials({ expiration })).expiration).toEqual(new Date(expiration));
    },
  );
});

describe("an answer is no session", () => {
  it.each([
    ["<html>", "credentialSet[0].credentials"],
    ["", "credentialSet[0].credentials"],
    ["null", "credentialSet[0].credentials"],
    [{}, "credentialSet[0].credentials"],
    [{ credentialSet: {} }, "credentialSet[0].credentials"],
    [{ credentialSet: [] }, "credentialSet[0].credentials"],
    [{ credentialSet: [null] }, "credentialSet[0].credentials"],
    [{ credentialSet: [{}] }, "credentialSet[0].credentials"],
    [{ credentialSet: [{ credentials: [] }] }, "credentialSet[0].credentials"],
    [withCredentials({ accessKeyId: undefined }), "accessKeyId"],
    [withCredentials({ accessKeyId: "" }), "accessKeyId"],
    [withCredentials({ accessKeyId: "ASIA&evil=1/../../x" }), "accessKeyId"],
    [withCredentials({ secretAccessKey: undefined }), "secretAccessKey"],
    [withCredentials({ secretAccessKey: "a b" }), "secretAccessKey"],
    [withCredentials({ sessionToken: undefined }), "sessionToken"],
    [withCredentials({ sessionToken: 5 }), "sessionToken"],
    [withCredentials({ sessionToken: "a\nb" }), "sessionToken"],
    [withCredentials({ expiration: undefined }), "expiration"],
    [withCredentials({ expiration: 1_790_000_000 }), "expiration"],
    [withCredentials({ expiration: "tomorrow" }), "expiration"],
    [withCredentials({ expiration: "2099-13-27T04:36:55Z" }), "expiration"],
    [{ credentialSet: [{ ...set, assumedRoleUser: { arn: "arn:\u001b" } }] }, "arn"],
  ])("%j: %s is missing or malformed", (value, field) => {
    expect(failureOf(() => parse(value))).toMatchObject({
      category: "network",
      hop: "session",
      code: "SESSION_MALFORMED",
      message: `Roles Anywhere's answer is not a session: ${field} is missing or malformed`,
    });
  });

  it("when it ended already", () => {
    const ended = from(-1000).toISOString();
    expect(failureOf(() => parse(withCredentials({ expiration: ended })))).toMatchObject({
      category: "network",
      code: "SESSION_EXPIRED",
      message: `Roles Anywhere returned a session that expired at ${ended}, according to this machine's clock`,
    });
  });

  it("and whatever it is, no word of it comes back", () => {
    const shape = fc.record(
      {
        accessKeyId: fc.jsonValue(),
        secretAccessKey: fc.constant("SECRET SECRET"),
        sessionToken: fc.jsonValue(),
        expiration: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          shape.map((broken) => JSON.stringify({ credentialSet: [{ credentials: broken }] })),
        ),
        (body) => {
          expect(codeOf(() => parse(body))).toMatch(/^SESSION_/);
          expect(failureOf(() => parse(body)).message).not.toContain("SECRET");
        },
      ),
    );
  });
});
