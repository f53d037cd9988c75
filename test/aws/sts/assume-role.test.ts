/** AssumeRole between this program's client and the sandbox's STS, which share no code; and each refusal of STS. */
import { describe, expect, it } from "vitest";
import { ArnProblem, parseRoleArn, type RoleArn } from "../../../src/aws/arn.ts";
import { parseRegion } from "../../../src/aws/partition.ts";
import { assumeRole } from "../../../src/aws/sts/assume-role.ts";
import type { Http } from "../../../src/http/client.ts";
import { createSts } from "../../../src/sandbox/aws/sts/sts.ts";
import { createSessions } from "../../../src/sandbox/aws/sessions.ts";
import { emptyAccount, furnishedRole } from "../../../src/sandbox/aws/account.ts";
import { type Role, trustPolicyIn } from "../../../src/sandbox/aws/iam/roles.ts";
import type { TrailRecord } from "../../../src/sandbox/aws/trail.ts";
import { rejectionOf } from "../../failure.ts";
import { capturedSession } from "../../sandbox/aws/session.ts";

const now = new Date("2026-11-22T16:00:00Z");
const first = "arn:aws:iam::029608264753:role/eks-read-only";
const parsed = parseRoleArn("arn:aws:iam::444455556666:role/team/deployer");
const role: RoleArn = parsed instanceof ArnProblem ? expect.fail() : parsed;
const statement = {
  Effect: "Allow",
  Principal: { AWS: first },
  Action: ["sts:AssumeRole", "sts:SetSourceIdentity"],
  Condition: { StringEquals: { "sts:ExternalId": "ours:1" } },
};

const trusting = (changes: object): Role =>
  furnishedRole(role.text, {
    uniqueId: "AROAEXAMPLEROLEID0002",
    ...trustPolicyIn(JSON.stringify({ Version: "2012-10-17", Statement: { ...statement, ...changes } })),
  });
const second = trusting({});
const records: TrailRecord[] = [];
const region = parseRegion("us-west-2") ?? expect.fail();

function sandbox(assumable: Role): Http {
  const sessions = createSessions();
  sessions.add({ ...capturedSession, roleArn: first });
  const onRecord = (record: TrailRecord): void => void records.push(record);
  const account = { ...emptyAccount("444455556666", "aws"), roles: [assumable] };
  const sts = createSts({ account, sessions, now: () => now, onEvent: () => undefined, onRecord });
  return async ({ request }) => {
    const { method, url, headers, body } = await request();
    const all = new Map(Object.entries(headers));
    return sts({
      method,
      path: url.pathname,
      rawQuery: url.search.slice(1),
      headers: all,
      body: Buffer.from(body),
    });
  };
}

const answering =
  (status: number, body: string): Http =>
  () =>
    Promise.resolve({ status, headers: { date: now.toUTCString() }, body });

function ask(
  http: Http,
  changes: { externalId?: string; sessionName?: string; durationSeconds?: number } = {},
) {
  const parameters = {
    role,
    externalId: "ours:1",
    sessionName: undefined,
    durationSeconds: 3600,
    ...changes,
  };
  const session = { credentials: capturedSession, assumedRoleArn: capturedSession.arn };
  const endpoint = new URL("https://sts.us-west-2.amazonaws.com");
  return assumeRole(parameters, { session, region, endpoint }, { http, clock: () => now });
}

describe("AssumeRole", () => {
  it("gives a session of the second role, with the name of the first one, for an hour at most", async () => {
    const session = await ask(sandbox(second), { durationSeconds: 43_200 });
    expect(session.assumedRoleArn).toBe("arn:aws:sts::444455556666:assumed-role/deployer/4e8708af");
    expect(session.expiration).toEqual(new Date(now.getTime() + 3_600_000));
    expect(records.at(-1)).toMatchObject({
      eventName: "AssumeRole",
      userIdentity: { arn: capturedSession.arn },
      requestParameters: { roleArn: role.text, externalId: "ours:1", durationSeconds: 3600 },
      responseElements: { credentials: { sessionToken: "HIDDEN_DUE_TO_SECURITY_REASONS" } },
      recipientAccountId: "444455556666",
    });
    expect((await ask(sandbox(second), { sessionName: "alice" })).assumedRoleArn).toMatch(/\/alice$/);
  });

  it.each([
    [
      "another principal",
      trusting({ Principal: { AWS: "arn:aws:iam::111111111111:root" } }),
      "ASSUME_ROLE_DENIED",
      "trust policy",
    ],
    [
      "another external ID",
      trusting({ Condition: { StringEquals: { "sts:ExternalId": "theirs" } } }),
      "ASSUME_ROLE_DENIED",
      "--external-id",
    ],
    [
      "no source identity",
      trusting({ Action: "sts:AssumeRole" }),
      "ASSUME_ROLE_SOURCE_IDENTITY",
      "sts:SetSourceIdentity",
    ],
    ["no such role", { ...second, arn: `${second.arn}2` }, "ASSUME_ROLE_DENIED", "exists"],
  ])("is refused by a trust policy with %s", async (_, assumable, code, hint) => {
    const error = await rejectionOf(ask(sandbox(assumable)));
    expect(error).toMatchObject({ category: "refused", hop: "assume-role", code });
    expect(error).toHaveProperty("hint", expect.stringContaining(hint));
  });

  it.each([
    [
      "AccessDenied",
      "User: a is not authorized to perform: sts:TagSession on resource: b",
      "ASSUME_ROLE_TAG_SESSION",
    ],
    ["AccessDenied", "… with an explicit deny in a service control policy", "ASSUME_ROLE_EXPLICIT_DENY"],
    [
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      "ASSUME_ROLE_DURATION",
    ],
    ["ValidationError", "1 validation error detected", "ASSUME_ROLE_VALIDATION"],
    ["PackedPolicyTooLarge", "too large", "ASSUME_ROLE_TAGS_TOO_LARGE"],
    ["RegionDisabledException", "not activated", "ASSUME_ROLE_REGION_DISABLED"],
    ["ExpiredToken", "expired", "ASSUME_ROLE_SESSION_EXPIRED"],
    ["InvalidClientTokenId", "invalid", "ASSUME_ROLE_SESSION_UNKNOWN"],
    ["SignatureDoesNotMatch", `… ${capturedSession.sessionToken}`, "ASSUME_ROLE_SIGNATURE"],
    ["Throttling", "Rate exceeded", "ASSUME_ROLE_THROTTLED"],
    ["Other", "unheard of", "ASSUME_ROLE_REFUSED"],
  ])("explains %s: %s", async (code, message, expected) => {
    const xml = `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
    const error = await rejectionOf(ask(answering(400, xml)));
    expect(error).toMatchObject({ category: "refused", hop: "assume-role", code: expected });
    expect(JSON.stringify(error)).not.toContain(capturedSession.sessionToken);
  });

  it("names the field of an answer that is no session", async () => {
    const result = {
      Credentials: { AccessKeyId: "ASIAQNZGKIQY56JQ7WML", Expiration: 1 },
      AssumedRoleUser: {},
    };
    const body = JSON.stringify({ AssumeRoleResponse: { AssumeRoleResult: result } });
    expect(await rejectionOf(ask(answering(200, body)))).toMatchObject({ code: "ASSUME_ROLE_MALFORMED" });
    expect(await rejectionOf(ask(answering(500, "")))).toMatchObject({ code: "STS_SERVER_ERROR" });
  });
});
