import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionRecord } from "../../src/cache/record.ts";
import {
  answerTo,
  type Answer,
  type RequestFacts,
  servedFrom,
  type ServerState,
  stateAnswerTo,
} from "../../src/serve/answers.ts";
import { MetadataTokens, randomToken } from "../../src/serve/metadata-tokens.ts";
import { fromJson } from "../json.ts";
import { sha256 } from "../ports.ts";

const roleArn = "arn:aws:iam::111122223333:role/team/eks-read-only";
const secrets = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLEsessionTOKEN",
};
const record: SessionRecord = {
  kind: "session",
  createdAt: new Date("2026-11-26T21:08:50.807Z"),
  expiration: new Date("2026-11-26T22:08:50Z"),
  label: { subject: "CN=alice", roleArn, clusterName: "", region: "us-west-2" },
  session: {
    credentials: secrets,
    expiration: new Date("2026-11-26T22:08:50Z"),
    assumedRoleArn: "arn:aws:sts::111122223333:assumed-role/eks-read-only/1234",
    sourceIdentity: "CN=alice",
  },
};
const served = servedFrom(record);
const now = { wall: new Date("2026-11-26T21:10:00Z"), uptime: 70_500 };

/** A server with a token of 300 seconds, which was issued half a second ago. */
function server(
  changes: Partial<ServerState> = {},
  create = predictableTokens(),
): { state: ServerState; token: string } {
  const tokens = new MetadataTokens({ create, sha256 });
  const token = tokens.issue(300, 70_000);
  const isAuthorized = (value: string): boolean => value === "authorized";
  const state = { now, tokens, isAuthorized, served, roleName: "eks-read-only", metrics: () => "metrics\n" };
  return { state: { ...state, ...changes }, token };
}

/** Each server has the same ones, so a token of one is a token of another. */
function predictableTokens(): () => string {
  let issued = 0;
  return () => `${issued++}`.padEnd(100, "x");
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

function request(method: string, target: string, headers: Headers = {}): RequestFacts {
  const all = Object.entries<string | readonly string[]>({ host: "127.0.0.1:9911", ...headers });
  return {
    method,
    target,
    headers: new Map(all.map(([name, value]) => [name, typeof value === "string" ? [value] : value])),
    localAddress: "127.0.0.1",
  };
}

function ask(method: string, target: string, headers: Headers = {}, state = server().state): Answer {
  return answerTo(request(method, target, headers), state).answer;
}

/** What holds a credential. */
function isCredential({ body }: Answer): boolean {
  return Object.values(secrets).some((secret) => body.includes(secret));
}

interface Transcript {
  request: { method: string; path: string; headers: Record<string, string> };
  answer: {
    status: number;
    headers?: Record<string, string>;
    body: string | Record<string, string>;
    note?: string;
  };
}

const transcripts = fromJson<{ rows: Transcript[] }>(
  readFileSync(new URL("../vectors/helper/serve.json", import.meta.url), "utf8"),
).rows;
const tokenHeader = "x-aws-ec2-metadata-token";

describe("the transcripts of aws_signing_helper", () => {
  it.each(
    transcripts.map((row, index) => [`${index}: ${row.request.method} ${row.request.path}`, row] as const),
  )("%s", (_name, { request: { method, path, headers }, answer }) => {
    const { state, token } = server({}, randomToken);
    const isTaken = headers[tokenHeader]?.startsWith("TOKEN") === true;
    const found = ask(method, path, isTaken ? { ...headers, [tokenHeader]: token } : headers, state);
    if (answer.note?.startsWith("AWS answers 404")) {
      expect(found.status).toBe(404);
      return;
    }
    expect(found).toMatchObject({ status: answer.status, headers: answer.headers ?? {} });
    if (answer.body === "100 characters of base64") expect(found.body).toMatch(/^[A-Za-z0-9+/]{100}$/);
    else if (typeof answer.body === "string" && answer.body !== "as without the slash")
      expect(found.body).toBe(answer.body);
    if (typeof answer.body === "object")
      expect(Object.keys(fromJson<object>(found.body))).toEqual(Object.keys(answer.body));
  });
});

describe("IMDSv2", () => {
  const list = "/latest/meta-data/iam/security-credentials/";
  const withToken = (headers: Headers = {}): Headers => ({ [tokenHeader]: server().token, ...headers });

  it("gives the credentials for the role's name without its path", () => {
    const { body } = ask("GET", `${list}eks-read-only`, withToken());
    expect(fromJson(body)).toEqual({
      AccessKeyId: secrets.accessKeyId,
      SecretAccessKey: secrets.secretAccessKey,
      Token: secrets.sessionToken,
      Code: "Success",
      Type: "AWS-HMAC",
      Expiration: "2026-11-26T22:08:50Z",
      LastUpdated: "2026-11-26T21:08:50Z",
    });
  });

  it("reads an encoded name, and ignores a query", () => {
    const state = server({ roleName: "a+b=c,d.e@f" }).state;
    for (const name of ["a+b=c,d.e@f", "a%2Bb%3Dc%2Cd.e%40f", "a%2bb=c,d.e@f/", "a+b=c,d.e@f?x=/y"])
      expect(ask("GET", list + name, withToken(), state).status, name).toBe(200);
    for (const name of ["a%2", "%", "a+b", "a+b=c,d.e@f%00", "../a+b=c,d.e@f"])
      expect(ask("GET", list + name, withToken(), state).status, name).toBe(404);
  });

  it("is found behind several slashes, as the Java SDK writes them", () => {
    expect(ask("PUT", "//latest/api/token").status).toBe(200);
    expect(ask("GET", `/${list}`, withToken())).toMatchObject({ status: 200, body: "eks-read-only" });
    expect(ask("GET", `/${list}/eks-read-only//`, withToken()).status).toBe(200);
  });

  it.each(["", " ", "1.5", "-1", "+60", "1e3", "0x10", "21601", "999999", "60 ", "٣"])(
    "refuses the TTL %j",
    (ttl) => {
      const { status, body } = ask("PUT", "/latest/api/token", {
        "x-aws-ec2-metadata-token-ttl-seconds": ttl,
      });
      expect({ status, body }).toEqual({ status: 400, body: "invalid token TTL" });
    },
  );

  it("refuses several TTLs and several tokens", () => {
    expect(
      ask("PUT", "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": ["60", "60"] }).status,
    ).toBe(400);
    expect(ask("GET", list, { [tokenHeader]: [server().token, server().token] }).status).toBe(401);
  });

  it("needs a token for every path below the list, like AWS's own helper", () => {
    expect(ask("GET", `${list}team/eks-read-only`)).toMatchObject({ status: 401, body: "no token provided" });
    expect(ask("GET", `${list}team/eks-read-only`, withToken()).status).toBe(404);
    expect(ask("GET", `${list}eks-read-only/x`, withToken()).status).toBe(404);
  });

  it("takes an empty token for none", () => {
    expect(ask("GET", list, { [tokenHeader]: "" })).toMatchObject({ status: 401, body: "no token provided" });
  });

  it("answers HEAD as GET, and another method with 405 and those that it has", () => {
    expect(ask("HEAD", list, withToken()).status).toBe(200);
    expect(ask("POST", list, withToken())).toMatchObject({
      status: 405,
      headers: { allow: "GET" },
      body: "",
    });
    expect(ask("POST", "/latest/api/token")).toMatchObject({ status: 405, headers: { allow: "PUT" } });
  });

  it("answers 503 with a reason, and no credential, when no session is live; the name stays", () => {
    const { state } = server({ served: "no live session: NO_ANSWER" });
    const found = ask("GET", `${list}eks-read-only`, withToken(), state);
    expect(found).toMatchObject({ status: 503, body: "no live session: NO_ANSWER" });
    expect(ask("GET", list, withToken(), state)).toMatchObject({ status: 200, body: "eks-read-only" });
  });

  it("refuses a token that has expired", () => {
    const later = { ...now, uptime: 370_000 };
    expect(ask("GET", list, withToken(), server({ now: later }).state).status).toBe(401);
  });
});

describe("container credentials", () => {
  it("need the token as the Authorization header", () => {
    const { status, body, headers } = ask("GET", "/v1/credentials", { authorization: "authorized" });
    expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: "application/json" });
    expect(fromJson(body)).toEqual({
      AccessKeyId: secrets.accessKeyId,
      SecretAccessKey: secrets.secretAccessKey,
      Token: secrets.sessionToken,
      Expiration: "2026-11-26T22:08:50Z",
      RoleArn: roleArn,
    });
    const wrong: Headers[] = [{}, { authorization: "" }, { authorization: "Authorized" }];
    for (const headers of [...wrong, { authorization: ["authorized", "authorized"] }, withMetadataToken()])
      expect(ask("GET", "/v1/credentials", headers).status).toBe(401);
  });

  const withMetadataToken = (): Headers => ({ [tokenHeader]: server().token });

  it("answer errors in the form that the SDKs read", () => {
    const { state } = server({ served: "no live session: X" });
    expect(fromJson(ask("GET", "/v1/credentials", { authorization: "authorized" }, state).body)).toEqual({
      code: "Unavailable",
      message: "no live session: X",
    });
  });

  it("do not exist without a token file", () => {
    const { state } = server({ isAuthorized: undefined });
    expect(ask("GET", "/v1/credentials", { authorization: "authorized" }, state).status).toBe(404);
  });
});

describe("the state of the server", () => {
  it("is open to all of this machine", () => {
    expect(ask("GET", "/healthz")).toMatchObject({ status: 200, body: "ok\n" });
    expect(ask("GET", "/readyz")).toMatchObject({ status: 200, body: "ok\n" });
    expect(ask("GET", "/metrics")).toMatchObject({ status: 200, body: "metrics\n" });
    const { state } = server({ served: "no live session: X" });
    expect(ask("GET", "/healthz", {}, state).status).toBe(200);
    expect(ask("GET", "/readyz", {}, state)).toMatchObject({ status: 503, body: "no live session: X\n" });
  });

  it("is all that --health-listen has, for any Host", () => {
    const { state } = server();
    const there = (target: string, headers: Headers = {}): number =>
      stateAnswerTo(request("GET", target, { host: "10.1.2.3", ...headers }), state).answer.status;
    expect(["/healthz", "/readyz", "/metrics"].map((path) => there(path))).toEqual([200, 200, 200]);
    expect(there("/v1/credentials", { authorization: "authorized" })).toBe(404);
    expect(there("/latest/api/token")).toBe(404);
  });
});

describe("a request from elsewhere", () => {
  const refused: [string, Headers, number][] = [
    ["a forwarded request", { "x-forwarded-for": "192.0.2.1" }, 400],
    ["an empty X-Forwarded-For", { "x-forwarded-for": "" }, 400],
    ["a foreign Host", { host: "evil.example" }, 403],
    ["two Hosts", { host: ["127.0.0.1:9911", "evil.example"] }, 403],
    ["no Host", { host: [] }, 403],
  ];
  it.each(refused)("%s is refused on every path", (_name, headers, status) => {
    const right = { [tokenHeader]: server().token, authorization: "authorized" };
    for (const [method, target] of [
      ["PUT", "/latest/api/token"],
      ["GET", "/latest/meta-data/iam/security-credentials/eks-read-only"],
      ["GET", "/v1/credentials"],
      ["GET", "/metrics"],
      ["GET", "/"],
    ] as const)
      expect(ask(method, target, { ...right, ...headers }).status).toBe(status);
  });

  it("whose target is a URL or an authority is refused", () => {
    for (const target of ["http://127.0.0.1:9911/v1/credentials", "127.0.0.1:9911", "*", ""])
      expect(ask("GET", target, { authorization: "authorized" }).status).toBe(400);
  });

  it("gets no credential without a secret of this server, whatever it sends", () => {
    const paths = fc.constantFrom(
      ...[
        "/v1/credentials",
        "/latest/meta-data/iam/security-credentials/eks-read-only",
        "/latest/api/token",
        "/metrics",
      ],
    );
    const targets = fc.oneof(
      paths,
      fc.webPath(),
      fc.string(),
      fc.tuple(paths, fc.string()).map((parts) => parts.join("")),
    );
    const names = fc.constantFrom(tokenHeader, "authorization", "host", "x-forwarded-for", "cookie");
    const headers = fc.dictionary(names, fc.oneof(fc.string(), fc.base64String(), fc.array(fc.string())));
    const methods = fc.constantFrom("GET", "HEAD", "POST", "PUT", "OPTIONS");
    fc.assert(
      fc.property(methods, targets, headers, (method, target, given) => {
        expect(isCredential(ask(method, target, given))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe("what is counted of a request", () => {
  it("has one of a few paths", () => {
    const path = (target: string): string => answerTo(request("GET", target), server().state).path;
    expect(path("/latest/meta-data/iam/security-credentials/anything?x")).toBe(
      "/latest/meta-data/iam/security-credentials/ROLE",
    );
    expect(path("/latest/meta-data/iam/security-credentials")).toBe(
      "/latest/meta-data/iam/security-credentials/",
    );
    expect(["/", "/x", "//", "/v1", "http://x/metrics"].map(path)).toEqual(Array(5).fill("other"));
  });
});
