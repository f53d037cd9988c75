import { describe, expect, it } from "vitest";
import type { Account, Cluster } from "../../../src/sandbox/account/account.ts";
import { createDescribeCluster } from "../../../src/sandbox/account/describe-cluster.ts";
import { createSessions } from "../../../src/sandbox/account/sessions.ts";
import type { WireEvent, WireResponse } from "../../../src/sandbox/wire.ts";
import { containing } from "../../matching.ts";
import { account } from "./rolesanywhere-vectors.ts";
import { capturedSession } from "./session.ts";
import { signed } from "./smithy-signer.ts";

const now = new Date("2026-11-22T16:00:00Z");

function cluster(name: string): Cluster {
  return {
    name,
    arn: `arn:aws:eks:us-west-2:111122223333:cluster/${name}`,
    endpoint: "https://127.0.0.1:6443",
    certificateAuthority: "-----BEGIN CERTIFICATE-----\n",
    status: "ACTIVE",
    authenticationMode: "CONFIG_MAP",
    createdAt: new Date("2026-11-22T15:00:00Z"),
    version: "1.33",
  };
}

const inAccount: Account = { ...account, clusters: [cluster("demo"), cluster("alpha")] };

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
  return createDescribeCluster({ account: inAccount, sessions, now: () => now, onEvent })(request);
}

function content({ body }: WireResponse): unknown {
  const value: unknown = JSON.parse(body);
  return value;
}

describe("DescribeCluster", () => {
  it("tells what a kubeconfig needs", async () => {
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
  it("tells the names, sorted", async () => {
    expect(content(await ask({ path: "/clusters" }))).toEqual({
      clusters: ["alpha", "demo"],
      nextToken: null,
    });
  });

  it("pages", async () => {
    const first = await ask({ path: "/clusters", query: { maxResults: "1" } });
    expect(content(first)).toEqual({ clusters: ["alpha"], nextToken: "demo" });
    const second = await ask({ path: "/clusters", query: { maxResults: "1", nextToken: "demo" } });
    expect(content(second)).toEqual({ clusters: ["demo"], nextToken: null });
  });

  it.each(["0", "101", "x"])("refuses pages of %s", async (maxResults) => {
    const answer = await ask({ path: "/clusters", query: { maxResults } });
    expect(answer).toMatchObject({
      status: 400,
      headers: { "x-amzn-errortype": "InvalidParameterException" },
    });
  });

  it("is for those who hold a session", async () => {
    const handler = createDescribeCluster({
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
