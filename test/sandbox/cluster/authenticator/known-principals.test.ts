import { describe, expect, it } from "vitest";
import type { AuthenticationMode } from "../../../../src/aws/eks/describe-cluster.ts";
import type { AccessEntry } from "../../../../src/sandbox/aws/account.ts";
import { createAuthenticator } from "../../../../src/sandbox/cluster/authenticator/authenticator.ts";
import vectors from "../../../vectors/eks-token/verdicts.json" with { type: "json" };

const canonicalArn = "arn:aws:iam::029608264753:role/viewers";
const sts = JSON.stringify({
  GetCallerIdentityResponse: {
    GetCallerIdentityResult: {
      Account: "029608264753",
      Arn: "arn:aws:sts::029608264753:assumed-role/viewers/alice@example.com",
      UserId: "AROAEXAMPLEROLEID0001:alice@example.com",
    },
  },
});

const entry: AccessEntry = {
  arn: "arn:aws:eks:us-west-2:029608264753:access-entry/demo/role/029608264753/viewers/1",
  principalArn: "arn:aws:iam::029608264753:role/team/viewers",
  principalId: "AROAEXAMPLEROLEID0001",
  username: "entry:{{SessionName}}",
  kubernetesGroups: ["by-entry"],
  type: "STANDARD",
  createdAt: new Date("2026-11-22T16:00:00Z"),
  modifiedAt: new Date("2026-11-22T16:00:00Z"),
  tags: {},
  policies: [],
};

const aliceByConfigMap = {
  mapRoles: `- {rolearn: ${canonicalArn}, username: alice, groups: [by-map]}`,
};

interface Asking {
  mode?: AuthenticationMode;
  entries?: readonly AccessEntry[];
  awsAuth?: Readonly<Record<string, string>>;
}

/** Username and groups, or why there is none. */
async function asked({ mode = "API_AND_CONFIG_MAP", entries = [entry], awsAuth = {} }: Asking) {
  const decision = await createAuthenticator({
    clusterName: "demo",
    partition: "aws",
    region: "us-west-2",
    authenticationMode: mode,
    accessEntries: entries,
    awsAuth: () => awsAuth,
    ask: () => Promise.resolve({ status: 200, body: sts }),
    now: () => new Date("2026-11-22T15:59:35Z"),
    onEvent: () => undefined,
  }).decide(vectors.rows[0]?.token ?? "");
  return decision.user === null ? decision.why : [decision.user.username, decision.user.groups];
}

describe("an access entry", () => {
  it("wins over aws-auth", async () => {
    expect(await asked({ awsAuth: aliceByConfigMap })).toEqual(["entry:alice-example.com", ["by-entry"]]);
  });

  it("is not asked in mode CONFIG_MAP", async () => {
    expect(await asked({ mode: "CONFIG_MAP", awsAuth: aliceByConfigMap })).toEqual(["alice", ["by-map"]]);
  });

  it("of another role leaves it to aws-auth, except in mode API", async () => {
    const entries = [{ ...entry, principalId: "AROAEXAMPLEROLEID0002" }];
    expect(await asked({ entries, awsAuth: aliceByConfigMap })).toEqual(["alice", ["by-map"]]);
    expect(await asked({ mode: "API", entries, awsAuth: aliceByConfigMap })).toBe(
      "aws-auth maps the identity, but the cluster does not read it: its authenticationMode is API",
    );
  });

  it.each([
    ["{{SessionName}}", "alice-example.com"],
    ["{{SessionNameRaw}}", "alice@example.com"],
    ["{{AccountID}}:{{AccessKeyID}}", "029608264753:ASIAQNZGKIQY56JQ7WML"],
    ["{{Other}}", "{{Other}}"],
  ])("has templates: %s", async (username, rendered) => {
    expect(await asked({ mode: "API", entries: [{ ...entry, username }] })).toEqual([rendered, ["by-entry"]]);
  });
});
