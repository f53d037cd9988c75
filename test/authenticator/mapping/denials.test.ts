/** Each way to write an entry that does not match, and the reason that is given. */
import { describe, expect, it } from "vitest";
import { mapIdentity } from "../../../src/authenticator/mapping/mapping.ts";
import type { CallerIdentity } from "../../../src/authenticator/caller-identity.ts";
import type { Denied } from "../../../src/authenticator/mapping/user.ts";
import { bob, readOnly, roleIdentity } from "./identities.ts";

const arn = "arn:aws:iam::029608264753:role/eks-read-only";

function denied(data: Record<string, string>, identity: CallerIdentity = readOnly): Denied {
  const verdict = mapIdentity(data, identity);
  if (verdict.kind === "mapped") expect.fail(`mapped by ${verdict.place}`);
  return verdict;
}

function entryWith(rolearn: string): string {
  return `- rolearn: arn:aws:iam::029608264753:role/nodes\n  username: node\n- rolearn: ${rolearn}\n  username: viewer\n  groups: [view]\n`;
}

describe("an entry of mapRoles that is almost right", () => {
  it.each([
    ["a path", "arn:aws:iam::029608264753:role/team/eks-read-only", "MAPPING_ROLE_PATH"],
    [
      "the path of a permission set",
      "arn:aws:iam::029608264753:role/aws-reserved/sso.amazonaws.com/eks-read-only",
      "MAPPING_ROLE_PATH",
    ],
    ["the session's ARN", "arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af", "MAPPING_STS_ARN"],
    [
      "the session's ARN without a session",
      "arn:aws:sts::029608264753:assumed-role/eks-read-only",
      "MAPPING_STS_ARN",
    ],
    ["another account", "arn:aws:iam::111122223333:role/eks-read-only", "MAPPING_OTHER_ACCOUNT"],
    [
      "an account without its leading zero",
      "arn:aws:iam::29608264753:role/eks-read-only",
      "MAPPING_ARN_ACCOUNT_FORM",
    ],
    ["no account", "arn:aws:iam:::role/eks-read-only", "MAPPING_ARN_ACCOUNT_FORM"],
    ["another partition", "arn:aws-us-gov:iam::029608264753:role/eks-read-only", "MAPPING_OTHER_PARTITION"],
    ["a space at the end", `"${arn} "`, "MAPPING_ARN_WHITE_SPACE"],
    ["a no-break space", `${arn}\u00a0`, "MAPPING_ARN_WHITE_SPACE"],
    ["a line break", `|\n    ${arn}`, "MAPPING_ARN_WHITE_SPACE"],
    ["another letter", "arn:aws:iam::029608264753:role/eks-readonly", "MAPPING_NEAR_NAME"],
    ["one colon too few", "arn:aws:iam:029608264753:role/eks-read-only", "MAPPING_NEAR_ARN"],
    ["quotes within quotes", `'"${arn}"'`, "MAPPING_NEAR_ARN"],
    ["a region", "arn:aws:iam:eu-central-1:029608264753:role/eks-read-only", "MAPPING_NEAR_ARN"],
    ["roles for role", "arn:aws:iam::029608264753:roles/eks-read-only", "MAPPING_NEAR_ARN"],
    ["a star", "arn:aws:iam::029608264753:role/*", "MAPPING_WILDCARD"],
    ["a star for the account", '"arn:aws:iam::*:role/eks-*"', "MAPPING_WILDCARD"],
    ["a star in the name", "arn:aws:iam::029608264753:role/eks-*only", "MAPPING_WILDCARD"],
    ["a question mark", "arn:aws:iam::029608264753:role/eks-read?only", "MAPPING_WILDCARD"],
    ["stars that fit nothing", `arn:${"*a".repeat(200)}`, "MAPPING_NOT_FOUND"],
    ["the bare name", "eks-read-only", "MAPPING_NOT_AN_ARN"],
    ["an instance profile", "arn:aws:iam::029608264753:instance-profile/eks-read-only", "MAPPING_OTHER_KIND"],
    ["the whole account", "arn:aws:iam::029608264753:root", "MAPPING_ACCOUNT_ROOT"],
    ["a list of ARNs", `[${arn}]`, "MAPPING_ARN_NOT_TEXT"],
    ["another role", "arn:aws:iam::029608264753:role/backup", "MAPPING_NOT_FOUND"],
  ])("%s", (_, rolearn, code) => {
    const verdict = denied({ mapRoles: entryWith(rolearn) });
    expect(verdict.code).toBe(code);
    if (code !== "MAPPING_NOT_FOUND") expect(verdict.place).toBe("mapRoles, entry 2, line 3");
  });

  it("shows both forms of an ARN with a path", () => {
    const { why, hint } = denied({
      mapRoles: entryWith("arn:aws:iam::029608264753:role/team/eks-read-only"),
    });
    expect(why).toContain("role/team/eks-read-only");
    expect(hint).toContain(arn);
  });

  it("takes the nearest of several", () => {
    const mapRoles =
      entryWith("arn:aws:iam::029608264753:role/eks-readonly") +
      `- rolearn: ${arn.replace("role/", "role/a/")}\n`;
    expect(denied({ mapRoles })).toMatchObject({
      code: "MAPPING_ROLE_PATH",
      place: "mapRoles, entry 3, line 6",
    });
  });
});

describe("an entry that does not count", () => {
  it.each([
    ["a misspelt key", `- role_arn: ${arn}`, "MAPPING_ARN_KEY_MISSPELT"],
    ["a key with a space", `- "rolearn ": ${arn}`, "MAPPING_ARN_KEY_MISSPELT"],
    ["arn for rolearn", `- arn: ${arn}`, "MAPPING_ARN_KEY_MISSPELT"],
    ["userarn under mapRoles", `- userarn: ${arn}`, "MAPPING_WRONG_ARN_KEY"],
    ["sso beside rolearn", `- rolearn: ${arn}\n  sso: {}`, "MAPPING_SSO_BESIDE_ARN"],
    ["no rolearn", "- username: viewer", "MAPPING_NO_ARN"],
    ["the ARN alone", `- ${arn}`, "MAPPING_ENTRY_NOT_A_MAPPING"],
    ["a node's name", `- rolearn: ${arn}\n  username: "{{EC2PrivateDNSName}}"`, "MAPPING_NEEDS_INSTANCE"],
  ])("%s", (_, mapRoles, code) => {
    expect(denied({ mapRoles })).toMatchObject({
      code,
      place: "mapRoles, entry 1, line 1",
    });
  });

  it("knows the entries by permission set, which are not looked at", () => {
    const sso = '- sso:\n    permissionSetName: Ops\n    accountID: "029608264753"\n  username: ops\n';
    const identity = roleIdentity({ role: "AWSReservedSSO_Ops_1234567890abcdef" });
    expect(denied({ mapRoles: sso }, identity).code).toBe("MAPPING_SSO_ENTRY");
  });

  it("knows a user's path", () => {
    const mapUsers = "- userarn: arn:aws:iam::029608264753:user/Bob\n";
    expect(denied({ mapUsers }, bob)).toMatchObject({
      code: "MAPPING_USER_PATH",
      place: "mapUsers, entry 1, line 1",
    });
  });
});

describe("a list that is lost", () => {
  it.each(["maproles", "mapRole", "MapRoles", "map_roles", "mapRoles "])("under the name %j", (name) => {
    expect(denied({ [name]: entryWith(arn) }).code).toBe("MAPPING_LIST_NAME");
  });

  it.each([
    ["a template without quotes", `- rolearn: ${arn}\n  username: {{SessionName}}\n`, 2, 14],
    ["a tab", `- rolearn: ${arn}\n\tusername: viewer\n`, 2, 1],
    ["a line with nothing but a tab", `- rolearn: ${arn}\n  groups: [view]\n\t\n`, 3, 1],
    ["a bracket that stays open", `- rolearn: ${arn}\n  groups: [view\n`, 3, 1],
    ["YAML 1.2", `%YAML 1.2\n---\n- rolearn: ${arn}\n`, 1, 1],
    ["a key further left than its entry", `- rolearn: ${arn}\n username: viewer\n`, 2, 2],
  ])("by %s, with line and column", (_, mapRoles, line, column) => {
    const verdict = denied({ mapRoles });
    expect(verdict.code).toBe("MAPPING_BROKEN_YAML");
    expect(verdict.why).toContain("the authenticator ignores the whole list");
    expect(verdict.place).toBe(`mapRoles, line ${line}, column ${column}`);
  });

  it.each([
    ["a mapping", `rolearn: ${arn}\nusername: viewer\n`],
    ["JSON that is no list", `{"rolearn": "${arn}"}`],
    ["a text", `role ${arn}`],
  ])("as %s", (_, mapRoles) => {
    expect(denied({ mapRoles }).code).toBe("MAPPING_NOT_A_LIST");
  });
});

describe("mapAccounts", () => {
  it.each([
    ["- 0296-0826-4753\n", "MAPPING_ACCOUNT_FORM"],
    ["- 29608264753\n", "MAPPING_ACCOUNT_FORM"],
    ["- arn:aws:iam::029608264753:root\n", "MAPPING_ACCOUNT_FORM"],
    ['- ["029608264753"]\n', "MAPPING_ACCOUNT_FORM"],
    ['- "029608264753 "\n', "MAPPING_ACCOUNT_FORM"],
    ["029608264753", "MAPPING_ACCOUNTS_NOT_A_LIST"],
    ['- "029608264753\n', "MAPPING_BROKEN_YAML"],
    ["- !!int 029608264753\n", "MAPPING_BROKEN_YAML"],
    ["- 111122223333\n", "MAPPING_NOT_FOUND"],
  ])("%j", (mapAccounts, code) => {
    expect(denied({ mapAccounts }).code).toBe(code);
  });
});

describe("nothing near", () => {
  it.each([{}, { mapRoles: "" }, { mapRoles: "[]" }, { mapRoles: "# nobody\n", mapUsers: "''" }])(
    "%j is empty",
    (data) => {
      expect(denied(data).code).toBe("MAPPING_AWS_AUTH_EMPTY");
    },
  );
});

describe("the entry to add", () => {
  it.each([
    ["a role", readOnly, "mapRoles"],
    ["a user", bob, "mapUsers"],
    [
      "a role with letters that YAML knows",
      roleIdentity({ role: "a=b,c+d@e.f_-", session: "yes" }),
      "mapRoles",
    ],
  ])("maps %s", (_, identity, list) => {
    const { entryToAdd } = denied({}, identity);
    const verdict = mapIdentity({ [list]: entryToAdd }, identity);
    expect(verdict).toMatchObject({ kind: "mapped", warnings: [], user: { groups: ["view"] } });
  });

  it("is YAML as a person writes it", () => {
    expect(denied({}).entryToAdd).toMatchInlineSnapshot(`
      "- rolearn: arn:aws:iam::029608264753:role/eks-read-only
        username: "eks-read-only:{{SessionName}}"
        groups:
          - "view" # a group that a RoleBinding or ClusterRoleBinding names
      "
    `);
  });
});
