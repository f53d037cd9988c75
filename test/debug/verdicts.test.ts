/** What aws-iam-authenticator says of the captured tokens, `token debug` says too, and why. */
import { describe, expect, it } from "vitest";
import { capturedSession } from "../sandbox/aws/session.ts";
import vectors from "../vectors/eks-token/verdicts.json" with { type: "json" };
import { debugged, failures, stsOf } from "./world.ts";

const rows = vectors.rows.map((row) => ({ ...row, at: new Date(row.verifiedAt) }));
const malformed = rows.filter(({ stage, accepted }) => stage === "format" && !accepted);
const formOnly = rows.filter(({ note }) => note === "format accepted; STS not asked");
const atSts = rows.filter(({ stage }) => stage === "sts");

it("every row is of one kind", () => {
  expect(malformed.length + formOnly.length + atSts.length).toBe(rows.length);
});

/** The check that fails, of those tokens that STS is never asked about. */
const checks: Readonly<Record<string, string>> = {
  "no-prefix": "prefix TOKEN_PREFIX_MISSING",
  "empty-payload": "scheme TOKEN_SCHEME_REFUSED",
  "http-scheme": "scheme TOKEN_SCHEME_REFUSED",
  "bare-evil-host": "host TOKEN_HOST_UNKNOWN",
  "upper-case-host": "host TOKEN_HOST_SPELLING",
  "other-path": "path TOKEN_PATH_REFUSED",
  "double-slash-path": "path TOKEN_PATH_REFUSED",
  "no-action": "action TOKEN_ACTION_MISSING",
  "duplicate-action": "parameters-once TOKEN_PARAMETER_REPEATED",
  "x-amz-user-agent": "parameters-known TOKEN_PARAMETER_UNKNOWN",
  "expires-negative": "expires TOKEN_EXPIRES_OUT_OF_RANGE",
  "no-expires": "expires TOKEN_EXPIRES_MISSING",
  "no-date": "date TOKEN_DATE_MISSING",
  "date-malformed": "date TOKEN_DATE_MALFORMED",
  "length-4097": "length TOKEN_TOO_LONG",
};

describe("refused for its form, by that check, and STS is not asked", () => {
  it.each(malformed)("$name", async ({ name, token, clusterName, at }) => {
    const sts = stsOf(capturedSession, at);
    const report = await debugged(token, { at, http: sts.http }, { clusterName });
    expect(report).toMatchObject({ verdict: "refused", exitCode: 5, identity: null });
    const [failure, ...others] = failures(report);
    expect([failure?.name, others]).toEqual(["token", []]);
    const check = /^check ([a-z0-9-]+):/.exec(failure?.detail ?? "")?.[1] ?? "";
    expect(`${check} ${failure?.code ?? ""}`).toBe(checks[name]);
    expect(sts.asked).toEqual([]);
  });
});

describe("of a form that holds, where nobody was asked", () => {
  it.each(formOnly)("$name", async ({ token, clusterName, at }) => {
    const report = await debugged(token, { at }, { clusterName, isOffline: true });
    expect(report).toMatchObject({ verdict: "unknown", exitCode: 0 });
    expect(failures(report)).toEqual([]);
    expect(report.token?.accessKeyId).toBe(capturedSession.accessKeyId);
  });
});

describe("accepted, with the identity that STS returns", () => {
  it.each(atSts.filter(({ accepted }) => accepted))("$name", async ({ token, clusterName, at, identity }) => {
    const sts = stsOf(capturedSession, at);
    const report = await debugged(token, { at, http: sts.http }, { clusterName });
    expect(report).toMatchObject({ verdict: "accepted", exitCode: 0 });
    expect(report.identity).toEqual({
      account: identity?.AccountID,
      arn: identity?.ARN,
      canonicalArn: identity?.CanonicalARN,
      principalId: identity?.UserID,
      userId: capturedSession.userId,
      sessionName: identity?.SessionName,
      accessKeyId: identity?.AccessKeyID,
    });
    expect(sts.asked.map(({ request }) => [request.url.host, request.headers["host"]])).toEqual([
      [identity?.STSEndpoint, identity?.STSEndpoint],
    ]);
  });
});

const refusals: Readonly<Record<string, string>> = {
  "lower-case-params": "STS_REQUEST_INCOMPLETE",
  "extra-signed-header": "STS_SIGNATURE_MISMATCH",
  "wrong-cluster": "STS_SIGNATURE_MISMATCH",
  "no-signature": "STS_REQUEST_INCOMPLETE",
  "wrong-session-token": "STS_UNKNOWN_KEY",
  "long-term-key": "STS_UNKNOWN_KEY",
};

describe("refused by STS", () => {
  it.each(atSts.filter(({ accepted }) => !accepted))("$name", async ({ name, token, clusterName, at }) => {
    const report = await debugged(token, { at, http: stsOf(capturedSession, at).http }, { clusterName });
    expect(report).toMatchObject({ verdict: "refused", exitCode: 5, identity: null });
    expect(failures(report).map((hop) => [hop.name, hop.code])).toEqual([["sts", refusals[name]]]);
  });
});
