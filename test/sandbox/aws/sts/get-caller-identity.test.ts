import fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../../../vectors/eks-token/presigned.json" with { type: "json" };
import { createSts } from "../../../../src/sandbox/aws/sts/sts.ts";
import { type Session, createSessions } from "../../../../src/sandbox/aws/sessions.ts";
import type { WireEvent, WireRequest, WireResponse } from "../../../../src/sandbox/wire.ts";
import { containing, matching } from "../../../matching.ts";
import { requestOfUrl, wireRequest } from "../../wire-request.ts";
import { capturedSession } from "../session.ts";
import { presigned, signed } from "../signature/smithy-signer.ts";

const now = new Date("2026-11-22T16:00:00Z");
const minute = 60_000;

function ask(
  request: WireRequest,
  at = now,
  session = capturedSession,
  events: WireEvent[] = [],
): Promise<WireResponse> {
  const sessions = createSessions();
  sessions.add(session);
  return createSts({ sessions, now: () => at, onEvent: (event) => events.push(event) })(request);
}

function withHeaders(request: WireRequest, headers: Readonly<Record<string, string>>): WireRequest {
  return { ...request, headers: new Map([...request.headers, ...Object.entries(headers)]) };
}

const json = { accept: "application/json" };
const query = { Action: "GetCallerIdentity", Version: "2011-06-15" };
const cluster = { host: "sts.us-west-2.amazonaws.com", headers: { "x-k8s-aws-id": "demo" } };
const token = { service: "sts", query, at: now, ...cluster } as const;

async function tokenRequest(session: Session = capturedSession, at = now): Promise<WireRequest> {
  return withHeaders(await presigned({ ...token, at }, session), json);
}

function content({ body }: WireResponse): unknown {
  const value: unknown = JSON.parse(body);
  return value;
}

describe("a presigned URL, as an EKS token holds it", () => {
  it.each(vectors)(
    "of $source for $clusterName in $region is accepted",
    async ({ url, clusterName, credentials }) => {
      const request = requestOfUrl(url, { "x-k8s-aws-id": clusterName, ...json });
      const session = { ...capturedSession, ...credentials };
      const answer = await ask(request, new Date("2026-11-22T15:59:00Z"), session);
      expect(answer.status).toBe(200);
      expect(content(answer)).toEqual({
        GetCallerIdentityResponse: {
          GetCallerIdentityResult: {
            Account: "029608264753",
            Arn: "arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af",
            UserId: "AROAEXAMPLEROLEID0001:4e8708af",
          },
          ResponseMetadata: { RequestId: matching(/^[0-9a-f-]{36}$/) },
        },
      });
    },
  );

  it.each(vectors)("of $source for $region is refused for another cluster", async ({ url, credentials }) => {
    const request = requestOfUrl(url, { "x-k8s-aws-id": "other", ...json });
    const session = { ...capturedSession, ...credentials };
    const answer = await ask(request, new Date("2026-11-22T15:59:00Z"), session);
    expect(answer.status).toBe(403);
    expect(content(answer)).toMatchObject({ Error: { Code: "SignatureDoesNotMatch", Type: "Sender" } });
  });

  it("is refused without the signed header", async () => {
    const request = await tokenRequest();
    const headers = new Map([...request.headers].filter(([name]) => name !== "x-k8s-aws-id"));
    expect(content(await ask({ ...request, headers }))).toMatchObject({
      Error: { Code: "SignatureDoesNotMatch" },
    });
  });

  it("is refused with any letter or digit of its query changed", async () => {
    const request = await tokenRequest();
    const places = [...request.rawQuery.matchAll(/(?<!%.?)[0-9a-z]/g)].map(({ index }) => index);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), async (at) => {
        const other = request.rawQuery[at] === "1" ? "2" : "1";
        // X-Amz-Expires and all the rest are signed.
        const rawQuery = request.rawQuery.slice(0, at) + other + request.rawQuery.slice(at + 1);
        expect((await ask({ ...request, rawQuery })).status).toBeGreaterThanOrEqual(400);
      }),
    );
  });

  it("holds for 15 minutes, whatever X-Amz-Expires says", async () => {
    const request = await tokenRequest();
    expect(request.rawQuery).toContain("X-Amz-Expires=60");
    expect((await ask(request, new Date(now.getTime() + 15 * minute))).status).toBe(200);
    const late = await ask(request, new Date(now.getTime() + 15 * minute + 1000));
    expect(content(late)).toMatchObject({
      Error: {
        Code: "SignatureDoesNotMatch",
        Message:
          "Signature expired: 20261122T160000Z is now earlier than 20261122T160001Z (20261122T161501Z - 15 min.)",
      },
    });
  });

  it("is refused more than 15 minutes ahead of its time", async () => {
    const early = await ask(await tokenRequest(), new Date(now.getTime() - 15 * minute - 1000));
    expect(early.status).toBe(403);
    expect(content(early)).toMatchObject({
      Error: {
        Code: "SignatureDoesNotMatch",
        Message:
          "Signature not yet current: 20261122T160000Z is still later than 20261122T155959Z (20261122T154459Z + 15 min.)",
      },
    });
  });

  it.each<[string, number, string, (request: WireRequest) => WireRequest]>([
    [
      "an unknown access key",
      403,
      "InvalidClientTokenId",
      (sent) => ({
        ...sent,
        rawQuery: sent.rawQuery.replace("ASIAQNZGKIQY56JQ7WML", "ASIAQNZGKIQY56JQ7WMM"),
      }),
    ],
    [
      "another session token",
      403,
      "InvalidClientTokenId",
      (sent) => ({ ...sent, rawQuery: sent.rawQuery.replace("X2VjEXAMPLE", "X2VjEXAMPLF") }),
    ],
    [
      "no session token",
      403,
      "InvalidClientTokenId",
      (sent) => ({ ...sent, rawQuery: sent.rawQuery.replace(/X-Amz-Security-Token=[^&]*&/, "") }),
    ],
    [
      "no signature",
      403,
      "IncompleteSignature",
      (sent) => ({ ...sent, rawQuery: sent.rawQuery.replace(/&?X-Amz-Signature=[^&]*/, "") }),
    ],
    [
      "no algorithm",
      403,
      "IncompleteSignature",
      (sent) => ({ ...sent, rawQuery: sent.rawQuery.replace(/&?X-Amz-Algorithm=[^&]*/, "") }),
    ],
    [
      "no authentication at all",
      403,
      "MissingAuthenticationToken",
      (sent) => ({ ...sent, rawQuery: "Action=GetCallerIdentity" }),
    ],
    [
      "lower-case names",
      403,
      "MissingAuthenticationToken",
      (sent) => ({ ...sent, rawQuery: sent.rawQuery.replaceAll("X-Amz", "x-amz") }),
    ],
    [
      "a broken escape",
      404,
      "MalformedQueryString",
      (sent) => ({ ...sent, rawQuery: `${sent.rawQuery}&x=%zz` }),
    ],
    [
      "a region that is not the host's",
      403,
      "SignatureDoesNotMatch",
      (sent) => withHeaders(sent, { host: "sts.us-east-1.amazonaws.com" }),
    ],
    [
      "another service",
      403,
      "SignatureDoesNotMatch",
      (sent) => ({ ...sent, rawQuery: sent.rawQuery.replace("%2Fsts%2F", "%2Feks%2F") }),
    ],
    [
      "another day",
      403,
      "SignatureDoesNotMatch",
      (sent) => ({ ...sent, rawQuery: sent.rawQuery.replace("%2F20261122%2F", "%2F20261121%2F") }),
    ],
    ["a body", 403, "SignatureDoesNotMatch", (sent) => ({ ...sent, body: Buffer.from("x") })],
    ["another method", 403, "SignatureDoesNotMatch", (sent) => ({ ...sent, method: "POST" })],
    ["another path", 403, "SignatureDoesNotMatch", (sent) => ({ ...sent, path: "//" })],
  ])("is refused with %s: %s %s", async (_, status, Code, change) => {
    const events: WireEvent[] = [];
    const answer = await ask(change(await tokenRequest()), now, capturedSession, events);
    expect(answer.status).toBe(status);
    expect(content(answer)).toMatchObject({ Error: { Code, Type: "Sender" } });
    expect(events).toEqual([
      { hop: "sts", what: "GetCallerIdentity", verdict: "refused", who: "", why: containing(Code) },
    ]);
  });

  it("is refused once the session has expired, though the signature is fresh", async () => {
    const session = { ...capturedSession, expiration: now };
    const answer = await ask(await tokenRequest(session), now, session);
    expect(answer.status).toBe(403);
    expect(content(answer)).toMatchObject({ Error: { Code: "ExpiredToken" } });
  });

  it.each([
    ["sts.us-west-2.amazonaws.com", "us-west-2"],
    ["sts-fips.us-west-2.amazonaws.com", "us-west-2"],
    ["sts.us-west-2.api.aws", "us-west-2"],
    ["sts.cn-north-1.amazonaws.com.cn", "cn-north-1"],
    ["sts.amazonaws.com", "us-east-1"],
    ["127.0.0.1:8443", "eu-central-1"],
  ])("may be for the host %s in %s", async (host, region) => {
    expect((await ask(await presigned({ ...token, host, region }, capturedSession))).status).toBe(200);
  });

  it("for the global host is us-east-1's alone", async () => {
    const request = await presigned(
      { ...token, host: "sts.amazonaws.com", region: "us-west-2" },
      capturedSession,
    );
    expect((await ask(request)).status).toBe(403);
  });

  it("takes a session token with every letter of base64", async () => {
    const session = { ...capturedSession, sessionToken: "IQoJ+b3/Jp=Z+/==" };
    expect((await ask(await tokenRequest(session), now, session)).status).toBe(200);
  });
});

describe("a request signed in headers", () => {
  const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const body = "Action=GetCallerIdentity&Version=2011-06-15";
  const post = { service: "sts", host: cluster.host, method: "POST", headers: form, body, at: now } as const;

  it("as POST of a form", async () => {
    expect((await ask(await signed(post, capturedSession))).status).toBe(200);
  });

  it("as GET", async () => {
    expect((await ask(await signed({ ...token, headers: {} }, capturedSession))).status).toBe(200);
  });

  it("is answered in XML, unless JSON is asked for", async () => {
    const answer = await ask(await signed(post, capturedSession));
    expect(answer.headers["content-type"]).toBe("text/xml");
    expect(answer.body).toContain(
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">',
    );
    expect(answer.body).toContain("<Arn>arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af</Arn>");
    const refusal = await ask({
      ...(await signed(post, capturedSession)),
      body: Buffer.from(`${body}&x=<>`),
    });
    expect(refusal.body).toContain(
      "<Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>The request",
    );
  });

  it.each([
    ["another action", "Action=GetSessionToken&Version=2011-06-15", "InvalidAction"],
    ["no action", "Version=2011-06-15", "MissingAction"],
  ])("for %s is refused", async (_, other, code) => {
    const answer = await ask(await signed({ ...post, body: other }, capturedSession));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(`<Code>${code}</Code>`);
  });

  it.each<[string, (value: string) => string]>([
    ["signature", (value) => value.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))],
    ["credential", (value) => value.replace("/aws4_request", "")],
    ["list of headers", (value) => value.replace("host;", "")],
  ])("is refused with a changed %s", async (_, change) => {
    const request = await signed(post, capturedSession);
    const authorization = change(request.headers.get("authorization") ?? "");
    expect((await ask(withHeaders(request, { authorization }))).status).toBe(403);
  });

  it("with an Authorization of another kind is not signed", async () => {
    const answer = await ask(
      wireRequest({ query: "Action=GetCallerIdentity", headers: { authorization: "Basic eA==" } }),
    );
    expect(answer.body).toContain("<Code>MissingAuthenticationToken</Code>");
  });
});
