import { describe, expect, it } from "vitest";
import vectors from "../../../vectors/eks-token/verdicts.json" with { type: "json" };
import {
  createAuthenticator,
  type StsAnswer,
  createTokenReview,
} from "../../../../src/sandbox/cluster/authenticator/authenticator.ts";
import type { WireEvent, WireResponse } from "../../../../src/sandbox/wire.ts";
import { wireRequest } from "../../wire-request.ts";

const token = vectors.rows[0]?.token ?? "";
const identity = {
  Account: "029608264753",
  Arn: "arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af",
  UserId: "AROAEXAMPLEROLEID0001:4e8708af",
};

function stsSays(result: unknown): StsAnswer {
  return {
    status: 200,
    body: JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult: result } }),
  };
}

interface Asking {
  method?: string;
  path?: string;
  body?: string;
  sts?: StsAnswer | Error;
  mapRoles?: string;
  events?: WireEvent[];
}

const aliceViews =
  "- rolearn: arn:aws:iam::029608264753:role/eks-read-only\n  username: alice\n  groups: [view]\n";

function ask({
  method = "POST",
  path = "/authenticate",
  body,
  sts,
  mapRoles = aliceViews,
  events = [],
}: Asking): Promise<WireResponse> {
  const authenticator = createAuthenticator({
    clusterName: "demo",
    partition: "aws",
    region: "us-west-2",
    ask: () => (sts instanceof Error ? Promise.reject(sts) : Promise.resolve(sts ?? stsSays(identity))),
    awsAuth: () => ({ mapRoles }),
    now: () => new Date("2026-11-22T15:59:35Z"),
    onEvent: (event) => events.push(event),
  });
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
  return createTokenReview(authenticator)(
    wireRequest({ method, path, body: body ?? JSON.stringify(review) }),
  );
}

function content({ body }: WireResponse): unknown {
  const value: unknown = JSON.parse(body);
  return value;
}

describe("TokenReview", () => {
  it("200 with the user", async () => {
    const answer = await ask({});
    expect(answer).toMatchObject({
      status: 200,
      headers: { "content-type": "application/json; charset=UTF-8" },
    });
    expect(content(answer)).toEqual({
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      metadata: {},
      spec: {},
      status: {
        authenticated: true,
        user: {
          username: "alice",
          uid: "aws-iam-authenticator:029608264753:AROAEXAMPLEROLEID0001",
          groups: ["view"],
          extra: {
            accessKeyId: ["ASIAQNZGKIQY56JQ7WML"],
            arn: ["arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af"],
            canonicalArn: ["arn:aws:iam::029608264753:role/eks-read-only"],
            principalId: ["AROAEXAMPLEROLEID0001"],
            sessionName: ["4e8708af"],
            "sigs.k8s.io/aws-iam-authenticator/principalId": ["AROAEXAMPLEROLEID0001"],
          },
        },
      },
    });
  });

  it("in the version that was asked in", async () => {
    const body = JSON.stringify({
      apiVersion: "authentication.k8s.io/v1beta1",
      kind: "TokenReview",
      spec: { token },
    });
    expect(content(await ask({ body }))).toMatchObject({ apiVersion: "authentication.k8s.io/v1beta1" });
    expect(content(await ask({ body: JSON.stringify({ Spec: { TOKEN: token } }) }))).not.toHaveProperty(
      "apiVersion",
    );
  });

  it("without groups when there are none", async () => {
    const mapRoles = aliceViews.replace("[view]", "[]");
    expect(content(await ask({ mapRoles }))).not.toHaveProperty("status.user.groups");
  });

  it.each<[string, number, Asking]>([
    ["no token", 403, { body: "{}" }],
    ["null", 403, { body: "null" }],
    ["a malformed token", 403, { body: JSON.stringify({ spec: { token: "x" } }) }],
    ["nobody in aws-auth", 403, { mapRoles: "[]" }],
    ["STS refusing", 403, { sts: { status: 403, body: '{"Error":{"Code":"ExpiredToken"}}' } }],
    ["STS redirecting", 403, { sts: { status: 302, body: "" } }],
    ["STS answering nonsense", 403, { sts: { status: 200, body: "x" } }],
    [
      "STS naming no identity",
      403,
      { sts: stsSays({ ...identity, Arn: "arn:aws:iam::029608264753:group/g" }) },
    ],
    ["STS naming half an identity", 403, { sts: stsSays({ ...identity, UserId: "AROAEXAMPLEROLEID0001" }) }],
    ["STS out of reach", 403, { sts: new Error("connect ECONNREFUSED") }],
    [
      "STS throttling",
      429,
      { sts: { status: 400, body: '{"Error":{"Code":"Throttling","Message":"Rate exceeded"}}' } },
    ],
  ])("denied for %s: %i", async (_, status, asking) => {
    const events: WireEvent[] = [];
    const answer = await ask({ ...asking, events });
    expect(answer.status).toBe(status);
    expect(content(answer)).toMatchObject({ status: { user: {} } });
    expect(content(answer)).not.toHaveProperty("status.authenticated");
    expect(events).toEqual([expect.objectContaining({ hop: "authenticator", verdict: "refused" })]);
    expect(events[0]?.why).not.toBe("");
  });

  it.each<[string, number, Asking]>([
    ["GET", 405, { method: "GET" }],
    ["no body", 400, { body: "" }],
    ["no JSON", 400, { body: "{" }],
    ["a list", 400, { body: "[]" }],
    ["a token that is no text", 400, { body: '{"spec":{"token":1}}' }],
    ["a spec that is no object", 400, { body: '{"spec":"x"}' }],
    ["another path", 404, { path: "/" }],
  ])("not a review: %s: %i", async (_, status, asking) => {
    expect((await ask(asking)).status).toBe(status);
  });

  it.each([
    ["arn:aws:iam::029608264753:user/team/Bob", "AIDAEXAMPLEUSERID0001", "AIDAEXAMPLEUSERID0001"],
    ["arn:aws:sts::029608264753:federated-user/carol", "029608264753:carol", "029608264753:carol"],
    ["arn:aws:sts::029608264753:assumed-role/a/b/s", "AROA:s", "AROA"],
  ])("%s has the uid of its kind", async (Arn, UserId, userId) => {
    const canonical = Arn.replace("sts::029608264753:assumed-role/a/b/s", "iam::029608264753:role/a/b");
    const mapRoles = `- {rolearn: '${canonical}', username: u}`;
    expect(content(await ask({ mapRoles, sts: stsSays({ ...identity, Arn, UserId }) }))).toMatchObject({
      status: {
        user: { uid: `aws-iam-authenticator:029608264753:${userId}`, extra: { canonicalArn: [canonical] } },
      },
    });
  });
});
