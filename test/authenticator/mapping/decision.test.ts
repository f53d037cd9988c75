/** EKS access entries, and who is asked: they, aws-auth, or both. */
import { describe, expect, it } from "vitest";
import type { AccessEntry } from "../../../src/aws/eks/access-entry.ts";
import { mapByAccessEntry, decide } from "../../../src/authenticator/mapping/decision.ts";
import { bob, readOnly, roleIdentity } from "./identities.ts";

const arn = "arn:aws:iam::029608264753:role/eks-read-only";

function accessEntry(given: Partial<AccessEntry> = {}): AccessEntry {
  return { principalArn: arn, username: "", kubernetesGroups: ["view"], type: "STANDARD", ...given };
}

const awsAuth = { mapRoles: `- rolearn: ${arn}\n  username: viewer\n  groups: [edit]\n` };

describe("an access entry", () => {
  it.each([
    ["by default", "", "arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af"],
    ["by a template", "{{AccountID}}:{{SessionName}}", "029608264753:4e8708af"],
  ])("names its user %s", (_, username, expected) => {
    const verdict = mapByAccessEntry(accessEntry({ username }), readOnly);
    expect(verdict).toMatchObject({
      kind: "mapped",
      by: "access-entry",
      user: { username: expected, groups: ["view"] },
    });
  });

  it("matches a role with its path, a user with the same path", () => {
    const withPath = accessEntry({ principalArn: "arn:aws:iam::029608264753:role/team/eks-read-only" });
    expect(mapByAccessEntry(withPath, readOnly).kind).toBe("mapped");
    expect(mapByAccessEntry(accessEntry({ principalArn: bob.arn }), bob)).toMatchObject({
      user: { username: bob.arn },
    });
    const otherPath = accessEntry({ principalArn: "arn:aws:iam::029608264753:user/Bob" });
    expect(mapByAccessEntry(otherPath, bob)).toMatchObject({
      kind: "denied",
      code: "MAPPING_NEAR_ACCESS_ENTRY",
    });
  });

  it("of nodes is for nodes", () => {
    const node = accessEntry({ username: "system:node:{{EC2PrivateDNSName}}", type: "EC2_LINUX" });
    expect(mapByAccessEntry(node, readOnly)).toMatchObject({ code: "MAPPING_ACCESS_ENTRY_FOR_NODES" });
  });
});

describe("authenticationMode", () => {
  const other = accessEntry({ principalArn: "arn:aws:iam::029608264753:role/backup" });

  it("CONFIG_MAP asks aws-auth alone", () => {
    expect(decide("CONFIG_MAP", [accessEntry()], awsAuth, readOnly)).toMatchObject({ by: "mapRoles" });
  });

  it("API_AND_CONFIG_MAP asks the access entries first", () => {
    const verdict = decide("API_AND_CONFIG_MAP", [other, accessEntry()], awsAuth, readOnly);
    expect(verdict).toMatchObject({ by: "access-entry", warnings: [{ code: "MAPPING_ACCESS_ENTRY_WINS" }] });
    expect(decide("API_AND_CONFIG_MAP", [other], awsAuth, readOnly)).toMatchObject({ by: "mapRoles" });
    expect(decide("API_AND_CONFIG_MAP", [other], {}, readOnly)).toMatchObject({
      code: "MAPPING_AWS_AUTH_EMPTY",
    });
  });

  it("API does not read aws-auth", () => {
    expect(decide("API", [accessEntry()], {}, readOnly)).toMatchObject({ by: "access-entry", warnings: [] });
    expect(decide("API", [other], awsAuth, readOnly)).toMatchObject({ code: "MAPPING_CONFIG_MAP_NOT_READ" });
    expect(decide("API", [other], {}, readOnly)).toMatchObject({ code: "MAPPING_NO_ACCESS_ENTRY" });
    expect(decide("API", [accessEntry()], {}, roleIdentity({ role: "eks-readonly" }))).toMatchObject({
      code: "MAPPING_NEAR_ACCESS_ENTRY",
      place: `access entry ${arn}`,
    });
  });
});
