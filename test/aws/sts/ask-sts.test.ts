import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalArn } from "../../../src/authenticator/caller-identity.ts";
import { parseRegion } from "../../../src/aws/partition.ts";
import { askSts } from "../../../src/aws/sts/ask-sts.ts";
import { mintToken } from "../../../src/token/eks-token.ts";
import { httpClient, type Call, type Http } from "../../../src/http/client.ts";
import type { Answer } from "../../../src/http/exchange.ts";
import type { Session } from "../../../src/rolesanywhere/session.ts";
import { startSandbox, type Sandbox } from "../../../src/sandbox/sandbox.ts";
import { rejectionOf } from "../../failure.ts";
import { recorder } from "../../http/recorder.ts";
import { ca, httpServer, httpsServer, plainProxy } from "../../http/servers.ts";
import { signIn } from "../eks/signed-in.ts";

const host = "sts.us-west-2.amazonaws.com";
const signature = "06464b6a6f522e0376b2887d2005dc83f19f1d754160f1b0e1a06423b4e7b11c";
const sessionToken = "IQoJb3JpZ2luX2VjEXAMPLE/TOKEN+of+a+session==";
const target =
  "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256" +
  "&X-Amz-Credential=ASIAQNZGKIQY56JQ7WML%2F20261122%2Fus-west-2%2Fsts%2Faws4_request" +
  "&X-Amz-Date=20261122T155836Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id" +
  `&X-Amz-Security-Token=${encodeURIComponent(sessionToken)}&X-Amz-Signature=${signature}`;
const signedAt = new Date("2026-11-22T15:58:36Z");

const arn = "arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af";
const result = { Account: "029608264753", Arn: arn, UserId: "AROAEXAMPLEROLEID0001:4e8708af" };
const json = JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult: result } });
const xml =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <GetCallerIdentityResult>\n' +
  `    <Arn>${arn}</Arn>\n    <UserId>${result.UserId}</UserId>\n    <Account>${result.Account}</Account>\n` +
  "  </GetCallerIdentityResult>\n  <ResponseMetadata/>\n</GetCallerIdentityResponse>";

interface Asking {
  request?: { host: string; target: string };
  endpoint?: string;
  clusterName?: string;
  http?: Http;
  now?: Date;
}

function ask({ request = { host, target }, endpoint = `https://${host}`, ...more }: Asking = {}) {
  const { clusterName = "demo", http = answering({ body: json }).http, now = signedAt } = more;
  const options = { clusterName, endpoint: new URL(endpoint) };
  return askSts(request, options, { http, clock: () => now });
}

/** Answers without a network, and remembers what was asked. */
function answering(answer: Partial<Answer>) {
  const calls: Call[] = [];
  const http: Http = (call) => {
    calls.push(call);
    return Promise.resolve({ status: 200, headers: {}, body: "", ...answer });
  };
  return { http, calls };
}

const client = (env: Record<string, string> = {}): Http =>
  httpClient({
    env,
    trustStore: () => Promise.resolve([ca.pem]),
    maxAttempts: 1,
    onAttempt: () => undefined,
  });

const refused = (code: string, message = "", type = "Sender") =>
  JSON.stringify({ Error: { Code: code, Message: message, Type: type }, RequestId: "id" });

describe("the question", () => {
  it("goes to the endpoint that is given, with the token's host in the Host header, as the verifier asks", async () => {
    const seen = recorder(200, json);
    const { origin } = await httpsServer(seen.listener);
    expect(await ask({ endpoint: origin, http: client() })).toMatchObject({ arn });
    expect(seen.requests).toMatchObject([
      {
        method: "GET",
        url: target,
        headers: { host, accept: "application/json", "x-k8s-aws-id": "demo" },
        body: "",
        servername: false,
      },
    ]);
    expect(seen.requests[0]?.headers).not.toHaveProperty("content-length");
  });

  it("follows no redirect", async () => {
    const elsewhere = recorder(200, json);
    const { origin: target } = await httpsServer(elsewhere.listener);
    const { origin } = await httpsServer((_request, response) =>
      response.writeHead(302, { location: target }).end(),
    );
    expect(await rejectionOf(ask({ endpoint: origin, http: client() }))).toMatchObject({
      code: "STS_REDIRECTED",
      category: "network",
    });
    expect(elsewhere.requests).toEqual([]);
  });

  it("does not go through a proxy for plain http, which would go by the Host header", async () => {
    const seen = recorder(200, json);
    const { origin } = await httpServer(seen.listener);
    const proxy = await plainProxy(recorder(200, json).listener);
    await ask({ endpoint: origin, http: client({ HTTP_PROXY: proxy.origin }) });
    expect([seen.requests.length, proxy.asked]).toEqual([1, []]);
  });
});

describe("nothing is sent", () => {
  it.each<[string, Asking]>([
    ["to a plain http endpoint that is not this machine", { endpoint: "http://sts.example" }],
    ["to an endpoint with a path", { endpoint: "https://sts.example/path" }],
    ["to an endpoint with a password", { endpoint: "https://a:b@sts.example" }],
    ["for a host with a port", { request: { host: `${host}:444`, target } }],
    ["for a host with a user", { request: { host: `a@${host}`, target } }],
    ["for a host with a line's end", { request: { host: `${host}\r\nx: y`, target } }],
    ["for no host", { request: { host: "", target } }],
    ["for another path", { request: { host, target: `/x${target}` } }],
    ["for a path that reads as a host", { request: { host, target: `//evil.example${target}` } }],
    ["for a whole URL", { request: { host, target: `https://evil.example${target}` } }],
    ["for a query with a space", { request: { host, target: "/?a b" } }],
    ["for a query with a line's end", { request: { host, target: "/?a\r\nHost: evil" } }],
    ["for a query that is not ASCII", { request: { host, target: "/?é" } }],
    ["with a cluster's name that is no header's value", { clusterName: "a\nb" }],
    ["without a cluster's name", { clusterName: "" }],
  ])("%s", async (_what, asking) => {
    const { http, calls } = answering({ body: json });
    const failure = await rejectionOf(ask({ ...asking, http }));
    expect(failure).toMatchObject({ hop: "sts", code: "STS_NOT_ASKED" });
    expect(failure.message + failure.hint).not.toMatch(/evil|X-Amz/);
    expect(calls).toEqual([]);
  });

  it("to any other host, whatever the token's host and query", async () => {
    const endpoint = new URL("https://127.0.0.1:4433");
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string({ unit: "binary" }), async (name, query) => {
        const { http, calls } = answering({ body: json });
        const request = { host: name, target: `/?${query}` };
        await ask({ request, endpoint: endpoint.href, http }).catch(() => undefined);
        for (const call of calls) {
          const { url } = await call.request();
          expect([call.endpoint.href, url.href]).toEqual([endpoint.href, endpoint.href]);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe("an answer with an identity", () => {
  it.each([
    ["in JSON", json],
    ["in XML", xml],
  ])("%s", async (_how, body) => {
    expect(await ask({ http: answering({ body }).http })).toEqual({
      account: "029608264753",
      arn,
      userId: "AROAEXAMPLEROLEID0001:4e8708af",
    });
  });

  it("in XML, with entities in a user's path", async () => {
    const user = xml.replace(arn, "arn:aws:iam::029608264753:user/a&amp;amp;&lt;b/c");
    expect((await ask({ http: answering({ body: user }).http })).arn).toBe(
      "arn:aws:iam::029608264753:user/a&amp;<b/c",
    );
  });

  it.each([
    ["nothing", ""],
    ["a page", "<html>hello</html>"],
    ["another object", '{"Account":"029608264753"}'],
    ["null", "null"],
    ["no ARN", json.replace("Arn", "arn")],
    ["an empty user id", json.replace(result.UserId, "")],
    ["an account that is none", json.replace('"029608264753"', '"2960826475"')],
    ["numbers", json.replace('"029608264753"', "29608264753")],
    ["an endless ARN", json.replace("eks-read-only", "x".repeat(5000))],
    ["control characters", json.replace("eks-read-only", "\\u001b[31m")],
    ["XML without an end", xml.replace("</GetCallerIdentityResult>", "")],
    ["a mebibyte of beginnings", "<GetCallerIdentityResult>".repeat(40_000)],
  ])("must contain it: %s is not an answer", async (_what, body) => {
    expect(await rejectionOf(ask({ http: answering({ body }).http }))).toMatchObject({
      category: "network",
      hop: "sts",
      code: "STS_ANSWER_MALFORMED",
    });
  });
});

describe("a refusal", () => {
  const mismatch = `The request signature we calculated does not match the signature you provided.

The Canonical String for this request should have been
'GET
/
${target.slice(2)}'

The String-to-Sign should have been
'AWS4-HMAC-SHA256
20261122T155836Z'
`;

  it.each<[number, string, string, RegExp]>([
    [403, refused("SignatureDoesNotMatch", mismatch), "STS_SIGNATURE_MISMATCH", /cluster name.*"demo"/],
    [
      403,
      refused("SignatureDoesNotMatch", "Signature expired: 20261122T155836Z is now earlier than …"),
      "STS_SIGNATURE_EXPIRED",
      /15 minutes/,
    ],
    [400, refused("RequestExpired"), "STS_SIGNATURE_EXPIRED", /15 minutes/],
    [
      403,
      refused("SignatureDoesNotMatch", "Signature not yet current: 20261122T155836Z is still later than …"),
      "STS_NOT_YET_CURRENT",
      /clock .* ahead/,
    ],
    [
      403,
      refused("SignatureDoesNotMatch", "Credential should be scoped to a valid region. "),
      "STS_WRONG_REGION",
      /region/,
    ],
    [
      403,
      refused("SignatureDoesNotMatch", "Credential should be scoped to correct service: 'sts'. "),
      "STS_WRONG_SCOPE",
      /new one/,
    ],
    [
      403,
      refused("InvalidClientTokenId", "The security token included in the request is invalid."),
      "STS_UNKNOWN_KEY",
      /partition.*region/,
    ],
    [
      403,
      refused("ExpiredToken", "The security token included in the request is expired"),
      "STS_SESSION_EXPIRED",
      /session/,
    ],
    [403, refused("ExpiredTokenException"), "STS_SESSION_EXPIRED", /session/],
    [400, refused("Throttling", "Rate exceeded"), "STS_THROTTLED", /401/],
    [429, "", "STS_THROTTLED", /401/],
    [403, refused("RegionDisabledException"), "STS_REGION_DISABLED", /Activate/],
    [403, refused("AccessDenied", "User is not authorized"), "STS_ACCESS_DENIED", /VPC endpoint/],
    [403, refused("AccessDeniedException"), "STS_ACCESS_DENIED", /VPC endpoint/],
    [400, refused("IncompleteSignature"), "STS_REQUEST_INCOMPLETE", /new one/],
    [403, refused("MissingAuthenticationToken"), "STS_REQUEST_INCOMPLETE", /new one/],
    [400, refused("InvalidAction"), "STS_REQUEST_INCOMPLETE", /new one/],
    [400, refused("SomethingNew", "for the first time"), "STS_REFUSED", /common errors/],
    [
      403,
      "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>m</Message></Error></ErrorResponse>",
      "STS_SESSION_EXPIRED",
      /session/,
    ],
  ])("%i %s is %s", async (status, body, code, hint) => {
    const failure = await rejectionOf(ask({ http: answering({ status, body }).http }));
    expect(failure).toMatchObject({ category: "refused", hop: "sts", code });
    expect(failure.hint).toMatch(hint);
  });

  it.each<[Partial<Answer>, string]>([
    [{ status: 500 }, "STS_SERVER_ERROR"],
    [{ status: 503, body: refused("ServiceUnavailable") }, "STS_SERVER_ERROR"],
    [{ status: 301 }, "STS_REDIRECTED"],
    [{ status: 403, body: "<html>Blocked</html>" }, "STS_ANSWER_UNEXPECTED"],
    [{ status: 404, body: "{}" }, "STS_ANSWER_UNEXPECTED"],
    [{ status: 204 }, "STS_ANSWER_UNEXPECTED"],
  ])("is not what %o is, but something else: %s", async (answer, code) => {
    expect(await rejectionOf(ask({ http: answering(answer).http }))).toMatchObject({
      category: "network",
      hop: "sts",
      code,
    });
  });

  it("says by whose clock the time is wrong", async () => {
    const asked = (message: string, date: string, now: string) =>
      rejectionOf(
        ask({
          http: answering({
            status: 403,
            headers: { date: new Date(date).toUTCString() },
            body: refused("SignatureDoesNotMatch", message),
          }).http,
          now: new Date(now),
        }),
      );
    const early = await asked("Signature not yet current: …", "2026-11-22T15:38:36Z", "2026-11-22T15:58:40Z");
    expect(early.message).toContain("at 2026-11-22T15:58:36.000Z");
    expect(early.hint).toContain("2026-11-22T15:58:36.000Z is 20 minutes ahead of STS's time");
    expect(early.hint).toContain("This machine's clock is 20 minutes ahead of STS's");
    const late = await asked("Signature expired: …", "2026-11-22T16:58:36Z", "2026-11-22T16:58:40Z");
    expect(late.hint).toContain("2026-11-22T15:58:36.000Z is 1 hour behind STS's time");
    expect(late.hint).toContain("This machine's clock agrees with STS's");
  });

  it("repeats nothing of the token, whatever STS says and in whichever form", async () => {
    const encoded = encodeURIComponent(sessionToken);
    for (const echo of [mismatch, target, `token ${sessionToken}`, `token ${encoded}`, `is ${signature}`])
      for (const code of [
        "SignatureDoesNotMatch",
        "AccessDenied",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "New",
      ]) {
        const { message, hint } = await rejectionOf(
          ask({ http: answering({ status: 403, body: refused(code, echo) }).http }),
        );
        for (const secret of [sessionToken, encoded, signature, "X-Amz-Date"])
          expect(message + hint).not.toContain(secret.slice(0, 12));
      }
  });

  it("is retried when it is a throttling one, and only then", async () => {
    const { http, calls } = answering({ body: json });
    await ask({ http });
    const throttles = (status: number, body: string) => calls[0]?.throttles({ status, headers: {}, body });
    expect(throttles(400, refused("Throttling"))).toBe(true);
    expect(throttles(429, "")).toBe(true);
    expect(throttles(403, refused("AccessDenied", "Throttling: no"))).toBe(false);
    expect(throttles(200, json)).toBe(false);
  });
});

describe("of the sandbox's STS", () => {
  let folder: string;
  let sandbox: Sandbox;
  let session: Session;
  let behind = 0;
  const ownClient = (): Http =>
    httpClient({
      env: {},
      trustStore: () => Promise.resolve([readFileSync(sandbox.caFile, "utf8")]),
      maxAttempts: 1,
      onAttempt: () => undefined,
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ask-sts-"));
    const now = () => new Date(Date.now() - behind);
    sandbox = await startSandbox({ temporaryFolder: folder, now, onEvent: () => undefined });
    session = await signIn(sandbox, ownClient());
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });

  const asked = async (signedFor: string, clusterName = signedFor, secret?: string) => {
    const region = parseRegion("us-west-2");
    if (!region) expect.fail();
    const credentials = { ...session.credentials, ...(secret && { secretAccessKey: secret }) };
    const parameters = { clusterName: signedFor, region, variant: { fips: false, dualStack: false } };
    const { text, host } = await mintToken({ ...session, credentials }, parameters, new Date());
    const url = Buffer.from(text.slice("k8s-aws-v1.".length), "base64url").toString();
    const options = { clusterName, endpoint: new URL(sandbox.awsEndpoint) };
    const request = { host, target: url.slice(`https://${host}`.length) };
    return askSts(request, options, { http: ownClient(), clock: () => new Date() });
  };

  it("a token is accepted, for the cluster that it was signed for", async () => {
    behind = 0;
    const answer = await asked("demo");
    expect(answer).toMatchObject({ account: sandbox.accountId, arn: session.assumedRoleArn });
    expect(canonicalArn(answer.arn)).toBe(sandbox.roleArns[0].replace(/role\/.*\//, "role/"));
    expect((await rejectionOf(asked("demo", "Demo"))).code).toBe("STS_SIGNATURE_MISMATCH");
    expect((await rejectionOf(asked("demo", "demo", "another"))).code).toBe("STS_SIGNATURE_MISMATCH");
  });

  it("a token that is too old or too new is reported as such", async () => {
    behind = 3_600_000;
    expect((await rejectionOf(asked("demo"))).code).toBe("STS_NOT_YET_CURRENT");
    behind = -1_200_000;
    expect((await rejectionOf(asked("demo"))).code).toBe("STS_SIGNATURE_EXPIRED");
  });
});
