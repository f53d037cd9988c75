import { describe, expect, it } from "vitest";
import type { AccessEntry, AuthenticationMode } from "../../../../src/sandbox/aws/account.ts";
import type { Identity } from "../../../../src/sandbox/cluster/authenticator/identity.ts";
import { userOf } from "../../../../src/sandbox/cluster/authenticator/known-principals.ts";

const identity: Identity = {
  arn: "arn:aws:sts::029608264753:assumed-role/viewers/alice@example.com",
  canonicalArn: "arn:aws:iam::029608264753:role/viewers",
  accountId: "029608264753",
  userId: "AROAEXAMPLEROLEID0001",
  sessionName: "alice@example.com",
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  stsEndpoint: "sts.us-west-2.amazonaws.com",
};

const entry: AccessEntry = {
  arn: "arn:aws:eks:us-west-2:029608264753:access-entry/demo/role/029608264753/viewers/1",
  principalArn: "arn:aws:iam::029608264753:role/team/viewers",
  principalId: "AROAEXAMPLEROLEID0001",
  username: "entry:{{SessionName}}",
  kubernetesGroups: ["by-entry"],
  type: "STANDARD",
  createdAt: new Date("2026-11-22T16:00:00Z"),
};

const aliceByConfigMap = {
  mapRoles: `- {rolearn: ${identity.canonicalArn}, username: alice, groups: [by-map]}`,
};

interface Asking {
  mode?: AuthenticationMode;
  entries?: readonly AccessEntry[];
  awsAuth?: Readonly<Record<string, string>>;
}

/** Username and groups, or why there is none. */
function asked({ mode = "API_AND_CONFIG_MAP", entries = [entry], awsAuth = {} }: Asking): unknown {
  const mapped = userOf(identity, {
    authenticationMode: mode,
    accessEntries: entries,
    awsAuth: () => awsAuth,
  });
  return mapped.user === null ? mapped.why : [mapped.user.username, mapped.user.groups];
}

describe("an access entry", () => {
  it("wins over aws-auth", () => {
    expect(asked({ awsAuth: aliceByConfigMap })).toEqual(["entry:alice-example.com", ["by-entry"]]);
  });

  it("is not asked in mode CONFIG_MAP", () => {
    expect(asked({ mode: "CONFIG_MAP", awsAuth: aliceByConfigMap })).toEqual(["alice", ["by-map"]]);
  });

  it("of another role leaves it to aws-auth, except in mode API", () => {
    const entries = [{ ...entry, principalId: "AROAEXAMPLEROLEID0002" }];
    expect(asked({ entries, awsAuth: aliceByConfigMap })).toEqual(["alice", ["by-map"]]);
    expect(asked({ mode: "API", entries, awsAuth: aliceByConfigMap })).toBe(
      "no access entry is for arn:aws:iam::029608264753:role/viewers with the id AROAEXAMPLEROLEID0001",
    );
  });

  it.each([
    ["{{SessionName}}", "alice-example.com"],
    ["{{SessionNameRaw}}", "alice@example.com"],
    ["{{AccountID}}:{{AccessKeyID}}", "029608264753:ASIAQNZGKIQY56JQ7WML"],
    ["{{Other}}", "{{Other}}"],
  ])("has templates: %s", (username, rendered) => {
    expect(asked({ mode: "API", entries: [{ ...entry, username }] })).toEqual([rendered, ["by-entry"]]);
  });
});
