import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isThrottling } from "../../src/aws/json-errors.ts";
import type { Answer } from "../../src/http/exchange.ts";
import { refusal } from "../../src/rolesanywhere/refusal.ts";
import { hour, now } from "../certificates.ts";
import { parameters } from "./parameters.ts";

const answer = (message: string, type = "AccessDeniedException", status = 403): Answer => ({
  status,
  headers: { "x-amzn-errortype": type, date: now.toUTCString() },
  body: JSON.stringify({ message }),
});
const refused = (given: Answer, at = now) => refusal(given, parameters, at);

describe("each documented refusal says what to look at", () => {
  it.each([
    [
      "Untrusted signing certificate",
      "REFUSED_UNTRUSTED_CERTIFICATE",
      ["Either trust anchor", "--intermediates", "revoked", "--crl", "us-west-2:123456789012:trust-anchor/"],
    ],
    [
      "Untrusted certificate. Insufficient certificate",
      "REFUSED_KEY_USAGE",
      ["keyUsage", "digitalSignature", "cert inspect", "2048"],
    ],
    [
      "Unable to assume role for arn:aws:iam::123456789012:role/x",
      "REFUSED_ROLE_TRUST_POLICY",
      ["trust policy", "exists", "sts:TagSession", "sts:SetSourceIdentity", "eks+read=only"],
    ],
    [
      "Unable to assume role for arn:aws:iam::123456789012:role/x. Some attributes failed to be mapped into session tags. Issuer: [  ]; Subject: [  ]; SAN: [ DNS/2 ]",
      "REFUSED_ROLE_TRUST_POLICY",
      ["attributes that the message names", "conditions", "--trust-policy"],
    ],
    [
      "Unable to assume role for arn:aws:iam::123456789012:role/x, The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      "REFUSED_DURATION",
      ["--session-duration", "3600", "maximum session duration"],
    ],
    [
      "Not authorized to set roleSessionName",
      "REFUSED_SESSION_NAME",
      ["--role-session-name", "acceptRoleSessionName"],
    ],
    ["Specified Trust Anchor wasn't found.", "REFUSED_TRUST_ANCHOR", ["--trust-anchor-arn", "us-west-2"]],
    ["Invalid or empty profile provided.", "REFUSED_PROFILE", ["--profile-arn", ":profile/"]],
    [
      "Requested Role isn't one of those listed in the Profile.",
      "REFUSED_ROLE_NOT_IN_PROFILE",
      ["role", ":profile/"],
    ],
    ["Invalid signature", "REFUSED_SIGNATURE", ["proxy", "--endpoint"]],
    ["Something that nobody has seen yet", "REFUSED_OTHER", ["ARNs"]],
  ])("%s", (message, code, words) => {
    const failure = refused(answer(message));
    expect(failure).toMatchObject({
      category: "refused",
      hop: "create-session",
      code,
      message: `Roles Anywhere refused: AccessDeniedException: ${message}`,
    });
    for (const word of words) expect(failure.hint).toContain(word);
  });

  it.each([
    ["ValidationException", 400, "REFUSED_VALIDATION"],
    ["ResourceNotFoundException", 404, "REFUSED_NOT_FOUND"],
    ["ThrottlingException", 400, "REFUSED_THROTTLED"],
    ["ThrottledException", 429, "REFUSED_THROTTLED"],
    ["TooManyRequestsException", 429, "REFUSED_THROTTLED"],
    ["", 429, "REFUSED_THROTTLED"],
    ["UnrecognizedClientException", 403, "REFUSED_OTHER"],
  ])("%s with %i is %s", (type, status, code) => {
    expect(refused(answer("a text", type, status)).code).toBe(code);
  });
});

describe("the refusal's text", () => {
  it.each<[string, Partial<Answer>, string]>([
    [
      "type in the header, URI and all",
      {
        headers: { "x-amzn-errortype": "ValidationException:http://internal.amazon.com/coral/" },
        body: '{"message":"m"}',
      },
      "ValidationException: m",
    ],
    [
      "type with a namespace in the body",
      { headers: {}, body: '{"__type":"com.amazonaws.rolesanywhere#ValidationException","Message":"m"}' },
      "ValidationException: m",
    ],
    [
      "type as code in the body",
      { headers: {}, body: '{"code":"ValidationException","message":"m"}' },
      "ValidationException: m",
    ],
    ["message alone", { headers: {}, body: '{"message":"m"}' }, "m"],
    [
      "type alone",
      { headers: { "x-amzn-errortype": "ValidationException" }, body: "" },
      "ValidationException",
    ],
    ["nothing", { status: 418, headers: {}, body: "" }, "HTTP 418"],
    ["HTML", { status: 403, headers: {}, body: "<html>forbidden</html>" }, "HTTP 403"],
    [
      "JSON of another shape",
      { status: 403, headers: {}, body: '{"message":{"a":1},"__type":5}' },
      "HTTP 403",
    ],
    [
      "a message without end",
      { headers: {}, body: JSON.stringify({ message: "x ".repeat(50_000) }) },
      "x ".repeat(100),
    ],
  ])("is found: %s", (_what, changes, text) => {
    expect(refused({ status: 400, headers: {}, body: "", ...changes }).message).toBe(
      `Roles Anywhere refused: ${text}`,
    );
  });

  it("comes with AWS's request id", () => {
    const given = answer("Invalid signature");
    expect(
      refused({
        ...given,
        headers: { ...given.headers, "x-amzn-requestid": "6f2f1e0e-1111-4222-8333-444455556666" },
      }).hint,
    ).toMatch(/ AWS's request id: 6f2f1e0e-1111-4222-8333-444455556666\.$/);
  });

  it.each([
    ["x-amzn-errortype", {}],
    ["__type", { inBody: true }],
  ])(
    "is found at once in %s of a mebibyte, which costs a careless expression hours",
    (_where, { inBody }: { inBody?: boolean }) => {
      const endless = `${"a".repeat(1_000_000)}!`;
      const given = inBody
        ? { status: 400, headers: {}, body: JSON.stringify({ __type: endless }) }
        : { status: 400, headers: { "x-amzn-errortype": endless }, body: "" };
      expect(refused(given).message.length).toBeLessThan(1000);
    },
  );

  it("is found in any answer", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.oneof(fc.string(), fc.json()),
        fc.integer({ min: 400, max: 499 }),
        (type, body, status) => {
          const failure = refused({ status, headers: { "x-amzn-errortype": type }, body });
          expect(failure.code).toMatch(/^REFUSED_/);
          expect(failure.message.length).toBeLessThan(1000);
        },
      ),
    );
  });
});

describe("an invalid signature is most often a wrong clock", () => {
  it.each([
    [3 * hour, "This machine's clock is 3 hours ahead of AWS's."],
    [-10 * 60_000, "This machine's clock is 10 minutes behind AWS's."],
  ])("detected by the Date header, with its amount: %i ms", (skew, hint) => {
    const failure = refused(answer("Invalid signature"), new Date(now.getTime() + skew));
    expect(failure.code).toBe("REFUSED_CLOCK_SKEW");
    expect(failure.hint).toContain(hint);
  });

  it.each(["Invalid signature", "Signature expired: 2026…", "Signature not yet current: 2026…"])(
    "whatever the words: %s",
    (message) => {
      expect(refused(answer(message), new Date(now.getTime() + hour)).code).toBe("REFUSED_CLOCK_SKEW");
    },
  );

  it("unless the clock is within a few minutes, or the server sends no time", () => {
    expect(refused(answer("Invalid signature"), new Date(now.getTime() + 4 * 60_000)).code).toBe(
      "REFUSED_SIGNATURE",
    );
    for (const headers of [{}, { date: "yesterday" }])
      expect(refused({ ...answer("Invalid signature"), headers }).code).toBe("REFUSED_SIGNATURE");
  });

  it("and nothing else is blamed on the clock", () => {
    expect(refused(answer("Untrusted signing certificate"), new Date(now.getTime() + hour)).code).toBe(
      "REFUSED_UNTRUSTED_CERTIFICATE",
    );
  });
});

it.each<[Answer, boolean]>([
  [answer("slow down", "ThrottlingException", 400), true],
  [answer("slow down", "ThrottledException:http://x", 400), true],
  [answer("slow down", "TooManyRequestsException", 400), true],
  [{ status: 429, headers: {}, body: "" }, true],
  [answer("no", "AccessDeniedException"), false],
  [answer("ThrottlingException", "ValidationException", 400), false],
  [{ status: 403, headers: {}, body: "" }, false],
])("is tried again, when it throttles: %o %s", (given, again) => {
  expect(isThrottling(given)).toBe(again);
});
