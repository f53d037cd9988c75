import { describe, expect, it } from "vitest";
import type { AccessEntry, Account, Cluster } from "../../../../src/sandbox/aws/account.ts";
import { createAwsEndpoint } from "../../../../src/sandbox/aws/aws-endpoint.ts";
import { createSessions } from "../../../../src/sandbox/aws/sessions.ts";
import type { WireEvent, WireResponse } from "../../../../src/sandbox/wire.ts";
import { containing } from "../../../matching.ts";
import { account } from "../rolesanywhere-vectors.ts";
import { capturedSession } from "../session.ts";
import { signed } from "../signature/smithy-signer.ts";

const now = new Date("2026-11-22T16:00:00Z");

function cluster(name: string): Cluster {
  return {
    name,
    arn: `arn:aws:eks:us-west-2:111122223333:cluster/${name}`,
    endpoint: "https://127.0.0.1:6443",
    certificateAuthority: "-----BEGIN CERTIFICATE-----\n",
    status: "ACTIVE",
    authenticationMode: "CONFIG_MAP",
    accessEntries: [],
    createdAt: new Date("2026-11-22T15:00:00Z"),
    version: "1.33",
  };
}

function entry(role: string): AccessEntry {
  return {
    arn: "arn:aws:eks:us-west-2:111122223333:access-entry/both/role/111122223333/viewers/1",
    principalArn: `arn:aws:iam::111122223333:role/${role}`,
    principalId: "AROAEXAMPLEROLEID0001",
    username: "viewer:{{SessionName}}",
    kubernetesGroups: ["viewers"],
    type: "STANDARD",
    createdAt: new Date("2026-11-22T15:30:00Z"),
    modifiedAt: new Date("2026-11-22T15:30:00Z"),
    tags: {},
    policies: [],
  };
}

const both: Cluster = {
  ...cluster("both"),
  authenticationMode: "API_AND_CONFIG_MAP",
  accessEntries: [entry("team/viewers"), entry("admins")],
};
const inAccount: Account = { ...account, clusters: [cluster("demo"), cluster("alpha"), both] };

interface Asking {
  path: string;
  query?: Readonly<Record<string, string>>;
  region?: string;
  method?: string;
  host?: string;
  events?: WireEvent[];
}

async function ask({ events = [], host = "127.0.0.1:8443", ...asking }: Asking): Promise<WireResponse> {
  const sessions = createSessions();
  sessions.add(capturedSession);
  const request = await signed({ service: "eks", at: now, host, ...asking }, capturedSession);
  const onEvent = (event: WireEvent): void => void events.push(event);
  return createAwsEndpoint({ account: inAccount, sessions, now: () => now, onEvent })(request);
}

function content({ body }: WireResponse): unknown {
  const value: unknown = JSON.parse(body);
  return value;
}

describe("DescribeCluster", () => {
  it("returns what a kubeconfig needs", async () => {
    const events: WireEvent[] = [];
    const answer = await ask({ path: "/clusters/demo", events });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(content(answer)).toMatchObject({
      cluster: {
        name: "demo",
        arn: "arn:aws:eks:us-west-2:111122223333:cluster/demo",
        endpoint: "https://127.0.0.1:6443",
        status: "ACTIVE",
        createdAt: 1795359600,
        certificateAuthority: { data: "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==" },
        accessConfig: { authenticationMode: "CONFIG_MAP" },
      },
    });
    const what = "GET /clusters/demo";
    expect(events).toEqual([{ hop: "eks", what, verdict: "accepted", who: capturedSession.arn, why: "" }]);
  });

  it.each([
    ["an unknown name", { path: "/clusters/Demo" }],
    ["another region", { path: "/clusters/demo", region: "eu-central-1" }],
  ])("finds no cluster of %s", async (_, asking) => {
    const answer = await ask(asking);
    expect(answer).toMatchObject({
      status: 404,
      headers: { "x-amzn-errortype": "ResourceNotFoundException" },
    });
    expect(content(answer)).toEqual({ message: containing("No cluster found for name: ") });
  });

  it("is no other operation", async () => {
    expect((await ask({ path: "/clusters/demo", method: "DELETE" })).status).toBe(404);
    expect((await ask({ path: "/clusters/demo/node-groups" })).status).toBe(404);
  });

  it("wants the region of the host", async () => {
    const answer = await ask({ path: "/clusters/demo", host: "eks.us-east-1.amazonaws.com" });
    expect(answer.headers["x-amzn-errortype"]).toBe("InvalidSignatureException");
  });
});

describe("ListClusters", () => {
  it("returns the names, sorted", async () => {
    expect(content(await ask({ path: "/clusters" }))).toEqual({
      clusters: ["alpha", "both", "demo"],
      nextToken: null,
    });
  });

  it("pages", async () => {
    const first = await ask({ path: "/clusters", query: { maxResults: "1" } });
    expect(content(first)).toEqual({ clusters: ["alpha"], nextToken: "both" });
    const second = await ask({ path: "/clusters", query: { maxResults: "2", nextToken: "both" } });
    expect(content(second)).toEqual({ clusters: ["both", "demo"], nextToken: null });
  });

  it.each(["0", "101", "x"])("refuses pages of %s", async (maxResults) => {
    const answer = await ask({ path: "/clusters", query: { maxResults } });
    expect(answer).toMatchObject({
      status: 400,
      headers: { "x-amzn-errortype": "InvalidParameterException" },
    });
  });

  it("is for those who hold a session", async () => {
    const handler = createAwsEndpoint({
      account: inAccount,
      sessions: createSessions(),
      now: () => now,
      onEvent: () => undefined,
    });
    const request = await signed({ service: "eks", at: now, host: "h", path: "/clusters" }, capturedSession);
    const stranger = await handler(request);
    expect(stranger).toMatchObject({
      status: 403,
      headers: { "x-amzn-errortype": "UnrecognizedClientException" },
    });
    const headers = new Map([...request.headers].filter(([name]) => name !== "authorization"));
    const nobody = await handler({ ...request, headers });
    expect(nobody.headers["x-amzn-errortype"]).toBe("MissingAuthenticationTokenException");
  });
});

describe("DescribeAccessEntry", () => {
  const path = (name: string, role: string) =>
    `/clusters/${name}/access-entries/${encodeURIComponent(`arn:aws:iam::111122223333:role/${role}`)}`;

  it("returns the access entry of a principal whose ARN has a path", async () => {
    const answer = await ask({ path: path("both", "team/viewers") });
    expect(content(answer)).toEqual({
      accessEntry: {
        clusterName: "both",
        principalArn: "arn:aws:iam::111122223333:role/team/viewers",
        kubernetesGroups: ["viewers"],
        accessEntryArn: "arn:aws:eks:us-west-2:111122223333:access-entry/both/role/111122223333/viewers/1",
        createdAt: 1795361400,
        modifiedAt: 1795361400,
        tags: {},
        username: "viewer:{{SessionName}}",
        type: "STANDARD",
      },
    });
  });

  it.each<[string, string, number, string, string]>([
    [
      "a principal without one",
      path("both", "viewers"),
      404,
      "ResourceNotFoundException",
      "principalArn could not",
    ],
    ["no such cluster", path("none", "viewers"), 404, "ResourceNotFoundException", "No cluster found"],
    [
      "mode CONFIG_MAP",
      path("demo", "viewers"),
      400,
      "InvalidRequestException",
      "one of [API, API_AND_CONFIG_MAP]",
    ],
  ])("refuses: %s", async (_, asked, status, errorType, message) => {
    const answer = await ask({ path: asked });
    expect(answer).toMatchObject({ status, headers: { "x-amzn-errortype": errorType } });
    expect(content(answer)).toEqual({ message: containing(message) });
  });
});

describe("ListAccessEntries", () => {
  it("returns the principals, sorted, page by page", async () => {
    const path = "/clusters/both/access-entries";
    const [admins, viewers] = ["admins", "team/viewers"].map(
      (role) => `arn:aws:iam::111122223333:role/${role}`,
    );
    expect(content(await ask({ path }))).toEqual({ accessEntries: [admins, viewers], nextToken: null });
    const first = await ask({ path, query: { maxResults: "1" } });
    expect(content(first)).toEqual({ accessEntries: [admins], nextToken: viewers });
  });

  it("is none of mode CONFIG_MAP", async () => {
    expect((await ask({ path: "/clusters/demo/access-entries" })).status).toBe(400);
  });
});
