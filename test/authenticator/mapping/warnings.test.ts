/** What maps, and not as its author may think. */
import { describe, expect, it } from "vitest";
import { mapIdentity } from "../../../src/authenticator/mapping/mapping.ts";
import type { CallerIdentity } from "../../../src/authenticator/caller-identity.ts";
import type { Mapped } from "../../../src/authenticator/mapping/user.ts";
import { bob, readOnly, roleIdentity } from "./identities.ts";

const arn = "arn:aws:iam::029608264753:role/eks-read-only";

function mapped(data: Record<string, string>, identity: CallerIdentity = readOnly): Mapped {
  const verdict = mapIdentity(data, identity);
  if (verdict.kind === "denied") expect.fail(verdict.why);
  return verdict;
}

function codes(mapRoles: string, identity = readOnly): string[] {
  return mapped({ mapRoles }, identity).warnings.map(({ code }) => code);
}

describe("an entry that maps", () => {
  it.each([
    ["as it should", "viewer", "[view]", []],
    ["to a username that is no text", "yes", "[view]", ["MAPPING_NO_USERNAME"]],
    ["to no username", "", "[view]", ["MAPPING_NO_USERNAME"]],
    ["to groups that are no list", "viewer", "view", ["MAPPING_GROUPS_NOT_A_LIST"]],
    ["to a group that is no text", "viewer", "[view, 1]", ["MAPPING_GROUP_NOT_TEXT"]],
    ["without groups", "viewer", "", ["MAPPING_NO_GROUPS"]],
    ["without groups on purpose", "viewer", "[]", []],
    ["with an unknown template", '"{{ SessionName }}"', "[view]", ["MAPPING_UNKNOWN_TEMPLATE"]],
    ["to another name with each session", "a:{{AccessKeyID}}", "[view]", ["MAPPING_CHANGING_USERNAME"]],
    ["to the masters", "viewer", "[system:masters]", ["MAPPING_SYSTEM_MASTERS"]],
  ])("%s", (_, username, groups, expected) => {
    expect(codes(`- rolearn: ${arn}\n  username: ${username}\n  groups: ${groups}\n`)).toEqual(expected);
  });

  it("to another name with each certificate, unless the session has a name of its own", () => {
    const entry = `- rolearn: ${arn}\n  username: u:{{SessionName}}\n  groups: [view]\n`;
    expect(codes(entry, roleIdentity({ session: "4e8708af00112233445566778899aabb" }))).toEqual([
      "MAPPING_CHANGING_USERNAME",
    ]);
    expect(codes(entry, roleIdentity({ session: "alice@example.com" }))).toEqual([]);
  });

  it("to a node's name, which EC2 alone knows", () => {
    const entry = `- rolearn: ${arn}\n  username: system:node:{{EC2PrivateDNSName}}\n  groups: [system:nodes]\n`;
    expect(codes(entry, roleIdentity({ session: "i-0123456789abcdef0" }))).toEqual(["MAPPING_NODE_NAME"]);
  });
});

describe("beside the entry that maps", () => {
  it("an earlier one has no effect", () => {
    const mapRoles = `- rolearn: ${arn}\n  username: first\n- rolearn: ${arn}\n  username: second\n  groups: [view]\n`;
    const { user, place, warnings } = mapped({ mapRoles });
    expect(user.username).toBe("second");
    expect(place).toBe("mapRoles, entry 2, line 3");
    expect(warnings).toMatchObject([{ code: "MAPPING_OVERRIDDEN", place: "mapRoles, entry 1, line 1" }]);
  });

  it("another of mapUsers in other letters makes it a matter of chance", () => {
    const entry = (userarn: string) => `- userarn: ${userarn}\n  username: bob\n  groups: [view]\n`;
    const mapUsers = entry(bob.arn) + entry(bob.arn.toLowerCase());
    expect(mapped({ mapUsers }, bob).warnings).toMatchObject([{ code: "MAPPING_AMBIGUOUS" }]);
  });

  it("another list is lost", () => {
    const data = {
      mapRoles: `- rolearn: ${arn}\n  username: v\n  groups: [view]\n`,
      mapUsers: "- [",
      mapAccounts: "- [",
    };
    const { warnings } = mapped(data);
    expect(warnings.map(({ code }) => code)).toEqual(["MAPPING_BROKEN_YAML", "MAPPING_BROKEN_YAML"]);
  });
});

it("mapAccounts gives the ARN as the name, and the line", () => {
  const { by, place, user } = mapped({ mapAccounts: '- "111122223333"\n- 029608264753\n' });
  expect({ by, place, user }).toMatchObject({
    by: "mapAccounts",
    place: "mapAccounts, line 2",
    user: { username: arn, groups: [] },
  });
});
