import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  authorizationOf,
  parseAuthorization,
} from "../../../src/sandbox/aws/signature/received-signature.ts";
import { canonicalRequest, stringToSign } from "../../../src/sandbox/aws/signature/canonical-request.ts";
import { createCreateSession } from "../../../src/sandbox/aws/rolesanywhere/create-session.ts";
import { createSessions } from "../../../src/sandbox/aws/sessions.ts";
import type { WireEvent, WireRequest, WireResponse } from "../../../src/sandbox/wire.ts";
import { type Captured, accountOf, captured, requestOf, timeOf } from "./rolesanywhere-vectors.ts";

async function ask(vector: Captured, request: WireRequest, events: WireEvent[] = []): Promise<WireResponse> {
  const handler = createCreateSession({
    account: accountOf(vector),
    sessions: createSessions(),
    now: () => timeOf(vector),
    onEvent: (event) => events.push(event),
  });
  return handler(request);
}

function withHeader(request: WireRequest, name: string, value: string): WireRequest {
  return { ...request, headers: new Map([...request.headers, [name, value]]) };
}

function replaced(request: WireRequest, name: string, pattern: RegExp, by: string): WireRequest {
  const before = request.headers.get(name) ?? "";
  const after = before.replace(pattern, by);
  expect(after).not.toBe(before);
  return withHeader(request, name, after);
}

/** Another character of the same kind, so that what is flipped stays well formed. */
function flipped(text: string, at: number): string {
  const before = text.charAt(at);
  const digits = /\d/.test(before) ? "0123456789" : "abcdefghijklmnopqrstuvwxyz";
  const after = digits[(digits.indexOf(before.toLowerCase()) + 1) % digits.length] ?? "a";
  return text.slice(0, at) + after + text.slice(at + 1);
}

describe.each(captured)("CreateSession of aws_signing_helper ($authorization)", (vector) => {
  const request = requestOf(vector);

  it("has the canonical request and the string to sign that the client computed", () => {
    const authorization = parseAuthorization(vector.authorization);
    expect(authorization?.signedHeaders).toEqual(vector.signedHeaders);
    const canonical = canonicalRequest(request, vector.signedHeaders);
    expect(canonical).toBe(vector.canonicalRequest);
    const scope = {
      date: "20261122",
      region: vector.region,
      service: "rolesanywhere",
      terminator: "aws4_request",
    };
    const amzDate = vector.request.headers["x-amz-date"];
    const algorithm = authorization?.algorithm ?? "";
    expect(stringToSign(algorithm, amzDate, scope, canonical)).toBe(vector.stringToSign);
  });

  it("is answered with a session", async () => {
    const events: WireEvent[] = [];
    const answer = await ask(vector, request, events);
    expect(answer.status).toBe(201);
    expect(events).toEqual([expect.objectContaining({ hop: "rolesanywhere", verdict: "accepted", why: "" })]);
  });

  it.each<[string, (request: WireRequest) => WireRequest]>([
    ["method", (sent) => ({ ...sent, method: "PUT" })],
    ["path", (sent) => ({ ...sent, path: "/sessions/" })],
    [
      "query: another role",
      (sent) => ({ ...sent, rawQuery: sent.rawQuery.replace("eks-read-only", "eks-admin") }),
    ],
    ["query: one more parameter", (sent) => ({ ...sent, rawQuery: `${sent.rawQuery}&x=1` })],
    ["query: a broken escape", (sent) => ({ ...sent, rawQuery: `${sent.rawQuery}%` })],
    ["query: a parameter twice", (sent) => ({ ...sent, rawQuery: `${sent.rawQuery}&${sent.rawQuery}` })],
    ["query: none", (sent) => ({ ...sent, rawQuery: "" })],
    ["body: another duration", (sent) => ({ ...sent, body: Buffer.from('{"durationSeconds":3599}') })],
    ["body: one more space", (sent) => ({ ...sent, body: Buffer.from(`${sent.body.toString()} `) })],
    ["body: none", (sent) => ({ ...sent, body: Buffer.alloc(0) })],
    ["host", (sent) => withHeader(sent, "host", "rolesanywhere.us-west-2.amazonaws.com:443")],
    ["host of another region", (sent) => withHeader(sent, "host", "rolesanywhere.eu-west-1.amazonaws.com")],
    ["content type", (sent) => withHeader(sent, "content-type", "application/json; charset=utf-8")],
    ["a signed header of the SDK", (sent) => withHeader(sent, "amz-sdk-request", "attempt=2; max=3")],
    ["X-Amz-Date", (sent) => withHeader(sent, "x-amz-date", "20261122T155807Z")],
    ["X-Amz-X509: none", (sent) => withHeader(sent, "x-amz-x509", "")],
    ["X-Amz-X509: a line end", (sent) => replaced(sent, "x-amz-x509", /$/, "\n")],
    ["X-Amz-X509-Chain: unsigned", (sent) => withHeader(sent, "x-amz-x509-chain", "MIIC")],
    ["serial number", (sent) => replaced(sent, "authorization", /Credential=\d/, "Credential=9")],
    [
      "serial number in hexadecimal",
      (sent) => replaced(sent, "authorization", /Credential=\d+/, "Credential=cda0"),
    ],
    ["scope: day", (sent) => replaced(sent, "authorization", /20261122/, "20261123")],
    ["scope: region", (sent) => replaced(sent, "authorization", /us-west-2/, "us-east-1")],
    ["scope: service", (sent) => replaced(sent, "authorization", /\/rolesanywhere\//, "/sts/")],
    ["scope: terminator", (sent) => replaced(sent, "authorization", /aws4_request/, "aws5_request")],
    ["algorithm: HMAC", (sent) => replaced(sent, "authorization", /X509-\w+-SHA256/, "HMAC-SHA256")],
    ["algorithm: the other kind of key", (sent) => replaced(sent, "authorization", /(RSA|ECDSA)/, "MLDSA")],
    ["SignedHeaders: one less", (sent) => replaced(sent, "authorization", /amz-sdk-request;/, "")],
    [
      "SignedHeaders: x-amz-x509 left out",
      (sent) => replaced(sent, "authorization", /;x-amz-x509(?=[;,])/, ""),
    ],
    ["SignedHeaders: host left out", (sent) => replaced(sent, "authorization", /;host/, "")],
    [
      "SignedHeaders: one that was not sent",
      (sent) => replaced(sent, "authorization", /;x-amz-date/, ";x-absent;x-amz-date"),
    ],
    [
      "SignedHeaders: another order",
      (sent) => replaced(sent, "authorization", /content-type;host/, "host;content-type"),
    ],
    ["Signature: last digit", (sent) => replaced(sent, "authorization", /.$/, "g")],
    ["Signature: upper case", (sent) => replaced(sent, "authorization", /[a-f](?=[0-9a-f]*$)/, "F")],
    ["Signature: cut", (sent) => replaced(sent, "authorization", /..$/, "")],
    ["Signature: none", (sent) => replaced(sent, "authorization", /, Signature=.*/, "")],
    ["Authorization: none", (sent) => withHeader(sent, "authorization", "")],
  ])("is refused with a changed %s", async (_, tamper) => {
    const events: WireEvent[] = [];
    const answer = await ask(vector, tamper(request), events);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers["x-amzn-errortype"]).toMatch(/^(AccessDenied|UnknownOperation)Exception$/);
    expect(events).toEqual([expect.objectContaining({ verdict: "refused" })]);
    expect(events[0]?.why).not.toBe("");
  });

  it("is refused with any character of a signed header, the query, the body or Authorization changed", async () => {
    const parts = [...vector.signedHeaders, "authorization", "query", "body"];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(), async (part, position) => {
        const answer = await ask(vector, flippedPart(request, part, position));
        expect([400, 403]).toContain(answer.status);
      }),
      { numRuns: 150 },
    );
  });

  it("is refused half an hour later, with no word of time", async () => {
    const late = new Date(timeOf(vector).getTime() + 30 * 60 * 1000);
    const events: WireEvent[] = [];
    const handler = createCreateSession({
      account: accountOf(vector),
      sessions: createSessions(),
      now: () => late,
      onEvent: (event) => events.push(event),
    });
    const answer = await handler(request);
    expect(JSON.parse(answer.body)).toEqual({ message: "Invalid signature" });
    expect(events[0]?.why).toContain("X-Amz-Date is 1800 s behind the clock here");
  });
});

function flippedPart(request: WireRequest, part: string, position: number): WireRequest {
  if (part === "query") {
    // A changed letter of an escape would be the same byte: `%3A` and `%3a`.
    const places = [...request.rawQuery.matchAll(/(?<!%.?)[0-9a-z]/g)].map(({ index }) => index);
    const at = places[position % places.length] ?? 0;
    return { ...request, rawQuery: flipped(request.rawQuery, at) };
  }
  if (part === "body") {
    const text = request.body.toString();
    return { ...request, body: Buffer.from(flipped(text, position % text.length)) };
  }
  const value = request.headers.get(part) ?? "";
  return withHeader(request, part, flipped(value, position % value.length));
}

it("an authorization needs each of its parts", () => {
  const whole = {
    Algorithm: "AWS4-HMAC-SHA256",
    Credential: "AKIA/20261122/us-west-2/sts/aws4_request",
    SignedHeaders: "host",
    Signature: "00",
  };
  const authorization = (changes: Record<string, string | undefined>) =>
    authorizationOf((name) => ({ ...whole, ...changes })[name]);
  expect(authorization({})).toBeDefined();
  for (const name of Object.keys(whole)) expect(authorization({ [name]: undefined })).toBeUndefined();
  expect(authorization({ SignedHeaders: "host;host" })).toBeUndefined();
});
