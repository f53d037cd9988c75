/** The entry of aws-auth in the scripts: it is added, changed and removed, and what others have there stays. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isObject } from "../../src/foundation/json.ts";
import { plannedFiles } from "../../src/setup/files.ts";
import type { Plan } from "../../src/setup/plan.ts";
import { planWith } from "./plans.ts";
import { createdBy, runScript } from "./script-run.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "aws-auth-script-test-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const scriptOf = (plan: Plan, name: string): string =>
  plannedFiles(plan, "cli").find((each) => each.name === name)?.content ?? "";

/** The mapRoles that a script leaves. Undefined if there is no aws-auth. */
function mapRolesAfter(plan: Plan, name: string, before: string | undefined): string {
  const { mapRoles, patch } = runScript(folder, scriptOf(plan, name), createdBy(plan), { mapRoles: before });
  const [written] = loadAll(patch);
  const patched = isObject(written) && isObject(written["data"]) ? written["data"]["mapRoles"] : undefined;
  return typeof patched === "string" ? patched : mapRoles;
}

describe("the entry of aws-auth", () => {
  const of = (roleName: string): Plan => planWith({ mapping: "aws-auth", roleName });
  const names = (mapRoles: string): string[] => {
    const [list] = loadAll(mapRoles);
    return (Array.isArray(list) ? list : []).map((each: unknown) =>
      isObject(each) ? String(each["rolearn"]).replace(/^.*role\//, "") : "",
    );
  };
  const added = (mapRoles: string | undefined, ...roles: string[]): string | undefined =>
    roles.reduce((before: string | undefined, role) => mapRolesAfter(of(role), "setup.sh", before), mapRoles);

  it.each([
    ["a.b", "axb"],
    ["a+b", "aab"],
    ["@.*,=-", "@.x,=-"],
    ["node", "node2"],
  ])("of %s is another one than that of %s", (one, other) => {
    const both = added("- rolearn: arn:aws:iam::111122223333:role/nodes\n", other, one, one);
    expect(names(both ?? "")).toEqual(["nodes", other, one]);
    expect(names(mapRolesAfter(of(one), "clean-up.sh", both))).toEqual(["nodes", other]);
  });

  it.each([
    ["there is no aws-auth", undefined, []],
    ["it is empty", "", []],
    ["its list is []", "[]\n", []],
    ["its last line has no end", "- rolearn: arn:aws:iam::1:role/nodes", ["nodes"]],
    [
      "its entries are indented",
      "  # nodes\n  - rolearn: arn:aws:iam::1:role/nodes\n    groups: [a]\n",
      ["nodes"],
    ],
    ["it is a document of its own", "---\n- rolearn: arn:aws:iam::1:role/nodes\n", ["nodes"]],
    ["it has a backslash", "- {rolearn: 'arn:aws:iam::1:role/nodes', username: 'a\\\\tb'}\n", ["nodes"]],
  ])("is added and removed where %s", (_, before, others) => {
    const once = added(before, "a.b");
    expect(names(once ?? "")).toEqual([...others, "a.b"]);
    expect(names(added(once, "a.b") ?? "")).toEqual([...others, "a.b"]);
    expect(names(mapRolesAfter(of("a.b"), "clean-up.sh", once))).toEqual(others);
  });

  it.each([
    ["[{rolearn: x}]\n", "is not a list with one entry after the other"],
    [
      "# eks-x509 setup: a.b\n- rolearn: x\n- rolearn: y\n",
      "without the line '# end of eks-x509 setup: a.b'",
    ],
    ["- rolearn: x\n...\n", "is not a list with one entry after the other"],
  ])("is not added to %j", (before, why) => {
    expect(() => mapRolesAfter(of("a.b"), "setup.sh", before)).toThrow(why);
    expect(readFileSync(join(folder, "log"), "utf8")).not.toMatch(/create-|update-|delete-|kubectl.*patch/);
  });
});

describe("what others have in aws-auth", () => {
  const plan = planWith({ mapping: "aws-auth" });
  const theirs = '- rolearn: x\r\n  groups:\r\n    []\n  username:\t"\\\\é\u2028日"\n\n- # y\n\n \n\n';

  it("stays, byte for byte", () => {
    const both = mapRolesAfter(plan, "setup.sh", theirs);
    expect(both.startsWith(`${theirs}# eks-x509 setup`)).toBe(true);
    expect(mapRolesAfter(plan, "clean-up.sh", both)).toBe(theirs);
    const theirLines = both.replaceAll(/\r?\n/g, "\r\n");
    expect(mapRolesAfter(plan, "clean-up.sh", theirLines)).toBe(theirs.replaceAll(/\r?\n/g, "\r\n"));
  });

  it.each(["", "  "])("stays if it is between the comments of the entry, indented by %j", (spaces) => {
    const [begin, entry, other, end] = [
      "# eks-x509 setup: eks-read-only\n",
      `- rolearn: arn:aws:iam::111122223333:role/eks-read-only\n${spaces}  groups:\n${spaces}    - a\n`,
      `-   rolearn: x\n`,
      "# end of eks-x509 setup: eks-read-only\n",
    ].map((lines) => spaces + lines);
    const mapRoles = `${begin}${entry}${other}${end}`;
    for (const name of ["setup.sh", "clean-up.sh"])
      expect(() => mapRolesAfter(plan, name, mapRoles)).toThrow(
        "aws-auth has other entries before the line '# end of eks-x509 setup: eks-read-only'",
      );
    expect(mapRolesAfter(plan, "clean-up.sh", `${begin}${entry}${end}${other}`)).toBe(other);
  });

  it("stays if they change it at the same time", () => {
    const script = scriptOf(plan, "setup.sh");
    const { patch } = runScript(folder, script, createdBy(plan), { mapRoles: theirs });
    expect(JSON.parse(patch)).toHaveProperty("metadata.resourceVersion", "42");
    const once = { mapRoles: theirs, env: { CONFLICTS: "1" } };
    expect(JSON.parse(runScript(folder, script, createdBy(plan), once).patch)).toEqual(JSON.parse(patch));
    for (const [mapRoles, forbidden, REASON] of [
      [theirs, "*' patch '*", "Conflict"],
      [undefined, "*'create configmap'*", "AlreadyExists"],
    ] as const)
      expect(() =>
        runScript(folder, script, createdBy(plan), { mapRoles, forbidden, env: { REASON } }),
      ).toThrow("aws-auth was changed while this script ran");
  });
});
