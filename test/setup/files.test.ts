import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { load, loadAll } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionTag } from "../../src/identity/session-identity.ts";
import { plannedFiles } from "../../src/setup/files.ts";
import { formats, mark, ownerTag, type Format, type Plan } from "../../src/setup/plan.ts";
import { updateKubeconfigCommand } from "../../src/setup/user-command.ts";
import { decide } from "../../src/trust-policy/decision.ts";
import { DocumentProblem } from "../../src/trust-policy/json-text.ts";
import { trustPolicyIn } from "../../src/trust-policy/policy.ts";
import { isObject } from "../../src/foundation/json.ts";
import { isThorough } from "../thorough.ts";
import { allowed, anyPlan, planWith, regionOf } from "./plans.ts";
import { anchor, createdBy, listed, profile, runScript, type Answers } from "./script-run.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-test-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const fileOf = (plan: Plan, format: Format, name: string): string => {
  const file = plannedFiles(plan, format).find((each) => each.name === name);
  if (!file) throw new Error(`no ${name}`);
  return file.content;
};
const hasProgram = (name: string): boolean => spawnSync(name, ["--version"]).error === undefined;

const commandsOf = (script: string, answers: Answers) => runScript(folder, script, answers).commands;

describe("setup.sh", () => {
  it("creates what is missing", () => {
    const commands = commandsOf(fileOf(planWith(), "cli", "setup.sh"), {
      ...createdBy(planWith()),
      ...{ "rolesanywhere list-trust-anchors": "", "rolesanywhere list-profiles": "" },
      "rolesanywhere create-trust-anchor": anchor,
      "rolesanywhere create-profile": profile,
    });
    const wordsOf = (line: string) => line.split("\u001f").filter((word) => !word.startsWith("--server="));
    expect(commands.map((line) => wordsOf(line).slice(0, 3).join(" "))).toEqual([
      "aws eks describe-cluster",
      ...["current-context", "view", "view", "view"].map((words) => `kubectl config ${words}`),
      ...Array<string>(3).fill("kubectl --context=demo-admin get"),
      "kubectl --context=demo-admin apply",
      "aws rolesanywhere list-trust-anchors",
      "aws rolesanywhere list-profiles",
      "aws iam list-role-tags",
      "aws iam get-role",
      "aws eks describe-access-entry",
      "aws rolesanywhere create-trust-anchor",
      "aws rolesanywhere list-trust-anchors",
      "aws iam list-role-tags",
      "aws iam update-assume-role-policy",
      "aws iam update-role",
      "aws iam get-role",
      "aws iam put-role-policy",
      "aws rolesanywhere create-profile",
      "aws rolesanywhere list-profiles",
      "aws eks describe-access-entry",
      "aws eks update-access-entry",
      "kubectl --context=demo-admin apply",
      ...["-n", "-n"].map((flag) => `kubectl --context=demo-admin ${flag}`),
    ]);
  });

  it("keeps the oldest of several of its own, and clean-up.sh removes all", () => {
    const others = [anchor, profile].map((arn) => arn.replaceAll("1111-", "9999-"));
    const answers = {
      ...createdBy(planWith()),
      "rolesanywhere list-trust-anchors": listed(anchor, others[0] ?? ""),
      "rolesanywhere list-profiles": listed(profile, others[1] ?? ""),
    };
    const changed = commandsOf(fileOf(planWith(), "cli", "setup.sh"), answers).join("\n");
    expect(changed).toContain("update-trust-anchor\u001f--trust-anchor-id\u001f11111111-1111");
    expect(changed).not.toMatch(/(create|delete)-(trust-anchor|profile)/);
    expect(changed).not.toContain("-id\u001f11119999-");
    const removed = commandsOf(fileOf(planWith(), "cli", "clean-up.sh"), answers).join("\n");
    for (const kind of ["trust-anchor", "profile"])
      for (const id of ["11111111-1111", "11119999-9999"])
        expect(removed).toContain(`delete-${kind}\u001f--${kind}-id\u001f${id}`);
  });

  it("removes what it created, if another run created the same before it", () => {
    const script = fileOf(planWith(), "cli", "setup.sh");
    const settled = `${/^settled\(\) \{.*?^\}/ms.exec(script)?.[0] ?? ""}\nmissing() { echo "$@" >&2; }\n`;
    const of = (created: string, all: string) =>
      spawnSync("sh", ["-euc", `${settled}settled profile ${created} '${all}'`], { encoding: "utf8" });
    expect(of("a/2", "a/1 a/2")).toMatchObject({
      stdout: "a/1",
      stderr: "aws rolesanywhere delete-profile --profile-id 2\n",
    });
    expect(of("a/1", "a/1 a/2")).toMatchObject({ stdout: "a/1", stderr: "" });
    expect(of("a/1", "")).toMatchObject({ stdout: "a/1", stderr: "" });
  });

  it("leaves alone the set-up of another cluster or region with the same role", () => {
    const plan = planWith();
    for (const other of [planWith({ cluster: "another" }), planWith({ region: regionOf("eu-west-1") })]) {
      const run = () => commandsOf(fileOf(plan, "cli", "setup.sh"), createdBy(other));
      expect(run).toThrow(`add the tag eks-x509-setup with the value demo/us-west-2/eks-read-only to it`);
      expect(readFileSync(join(folder, "log"), "utf8")).not.toMatch(/create-|update-|delete-/);
    }
  });

  it("changes what is there, and creates nothing", () => {
    const commands = commandsOf(fileOf(planWith(), "cli", "setup.sh"), createdBy(planWith())).join("\n");
    expect(commands).not.toContain("create-");
    expect(commands).toContain(`update-trust-anchor\u001f--trust-anchor-id\u001f11111111-1111`);
  });

  it.each([
    ["rolesanywhere list-tags-for-resource", "update-trust-anchor", "delete-trust-anchor"],
    ["iam list-role-tags", "update-assume-role-policy", "delete-role"],
    ["eks describe-access-entry", "update-access-entry", "delete-access-entry"],
  ])(
    "changes nothing that somebody else created, and clean-up.sh removes none: %s",
    (asked, change, removal) => {
      const plan = planWith();
      for (const owner of ["", "None", "another-role"]) {
        const answers = { ...createdBy(plan), [asked]: owner };
        expect(() => commandsOf(fileOf(plan, "cli", "setup.sh"), answers)).toThrow(
          "it did not create this, and does not change it",
        );
        expect(readFileSync(join(folder, "log"), "utf8")).not.toContain(change);
        expect(commandsOf(fileOf(plan, "cli", "clean-up.sh"), answers).join("\n")).not.toContain(
          `${removal}\u001f`,
        );
      }
    },
  );

  it.each(["access-entry", "aws-auth"] as const)(
    "and clean-up.sh run whatever the names hold: %s",
    (mapping) => {
      fc.assert(
        fc.property(anyPlan, (any) => {
          const plan = { ...any, mapping };
          const commands = commandsOf(fileOf(plan, "cli", "setup.sh"), createdBy(plan));
          const words = commands.flatMap((line) => line.split("\u001f"));
          expect(words).toContain(`--role-name=${plan.roleName}`);
          expect(words).toContain(String(Math.max(plan.sessionDuration, 3600)));
          if (mapping === "access-entry") expect(words).toContain(`[  ${JSON.stringify(plan.groups[0])}]`);
          const [tag] = plan.tags;
          const tags = words.find((word) => word.startsWith("[") && word.includes('"key"'));
          if (tag && tags !== undefined) expect(load(tags)).toEqual([...plan.tags, ownerTag(plan)]);
          const removed = commandsOf(fileOf(plan, "cli", "clean-up.sh"), createdBy(plan)).join("\n");
          expect(removed).toContain("delete-trust-anchor");
        }),
        { numRuns: 10 },
      );
    },
  );
});

describe("the command for the users", () => {
  it("gives each value as one word, whatever the path of the role holds", () => {
    const path = "/a=b,c+d@e/#&;|<>()~!%*?/";
    const arns = { trustAnchor: anchor, profile: anchor, role: `arn:aws:iam::111122223333:role${path}a` };
    const command = updateKubeconfigCommand(planWith(), arns).replace("eks-x509", String.raw`printf '%s\n'`);
    expect(spawnSync("sh", ["-c", command], { encoding: "utf8" }).stdout.split("\n")).toContain(arns.role);
  });
});

describe("the trust policy of a set-up", () => {
  const policyOf = (plan: Plan) => {
    const template = load(fileOf(plan, "cloudformation", "template.yaml"));
    const text = JSON.stringify(template).replace(
      /\{"Fn::GetAtt":\["TrustAnchor","TrustAnchorArn"\]\}/,
      JSON.stringify(anchor),
    );
    const replaced: unknown = JSON.parse(text.replace('{"Ref":"AWS::AccountId"}', '"111122223333"'));
    const document = ["Resources", "Role", "Properties", "AssumeRolePolicyDocument"].reduce(
      (value: unknown, name) => (isObject(value) ? value[name] : undefined),
      replaced,
    );
    const policy = trustPolicyIn(document);
    if (policy instanceof DocumentProblem) throw new Error(policy.why);
    return policy;
  };
  const verdict = (plan: Plan, sessionTags: SessionTag[], trustAnchorArn = anchor) =>
    decide(policyOf(plan), {
      session: { roleSessionName: "abc", sourceIdentity: "CN=x", sessionTags },
      ...{ trustAnchorArn, now: new Date() },
    }).verdict;
  const literal = (text: string): string => text.replace(/[*?]/g, "x");

  it("lets in the certificates of --allow, and not those of another trust anchor", () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const tags = plan.allowed.map(({ tag, value }) => ({ key: tag, value: literal(value) }));
        expect(verdict(plan, tags)).toBe("allowed");
        expect(verdict(plan, tags, anchor.replace("/1", "/2"))).toBe("refused");
        expect(verdict(plan, tags, anchor.replace("111122223333", "444455556666"))).toBe("refused");
      }),
    );
  });

  it("lets in no certificate without one of the attributes", () => {
    fc.assert(
      fc.property(anyPlan, fc.nat(1), (plan, index) => {
        const missing = plan.allowed[index]?.tag;
        const tags = plan.allowed.map(({ tag, value }) => ({ key: tag, value: literal(value) }));
        expect(
          verdict(
            plan,
            tags.filter(({ key }) => key !== missing),
          ),
        ).toBe("refused");
      }),
    );
  });

  it("takes several values of an attribute as alternatives, also with a wildcard among them", () => {
    const plan = planWith({
      allowed: [allowed("subject.CN=alice"), allowed("subject.CN=team-*"), allowed("subject.O=Example Corp")],
    });
    const withCn = (value: string) => [
      { key: "x509Subject/CN", value },
      { key: "x509Subject/O", value: "Example Corp" },
    ];
    expect(["alice", "team-a", "bob"].map((name) => verdict(plan, withCn(name)))).toEqual([
      ...["allowed", "allowed", "refused"],
    ]);
  });
});

describe("the files of a set-up", () => {
  it.each(formats)("have the mark of setup, in the format %s", (format) => {
    for (const { content } of plannedFiles(planWith(), format)) expect(content.slice(0, 100)).toContain(mark);
  });

  it("are YAML that holds the names as they are", () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const [role, binding] = loadAll(fileOf(plan, "cli", "rbac.yaml"));
        expect(role).toHaveProperty("metadata.name", `eks-x509:${plan.roleName}`);
        expect(binding).toHaveProperty("subjects.0.name", plan.groups[0]);
        const template = load(fileOf(plan, "cloudformation", "template.yaml"));
        expect(template).toHaveProperty("Resources.Role.Properties.RoleName", plan.roleName);
        expect(template).toHaveProperty("Resources.Role.Properties.Path", plan.rolePath);
      }),
    );
  });

  it.runIf(isThorough && hasProgram("cfn-lint"))("pass cfn-lint", () => {
    const plans = [
      planWith({ tags: [{ key: "team", value: "platform" }] }),
      planWith({ mapping: "aws-auth", findsClusters: false, rolePath: "/team/" }),
      planWith({
        anchor: {
          kind: "acm-pca",
          arn: "arn:aws:acm-pca:us-west-2:111122223333:certificate-authority/11111111-1111-1111-1111-111111111111",
        },
      }),
      ...fc.sample(anyPlan, 10),
    ];
    const paths = plans.map((plan, index) => {
      const path = join(folder, `template-${index}.yaml`);
      writeFileSync(path, fileOf(plan, "cloudformation", "template.yaml"));
      return path;
    }, 300_000);
    expect(
      spawnSync("cfn-lint", ["--regions", "us-west-2", "--", ...paths], { encoding: "utf8" }).stdout,
    ).toBe("");
  });

  it.runIf(isThorough && hasProgram("go"))(
    "are parsed and formatted by HashiCorp's own HCL",
    () => {
      const paths = fc.sample(anyPlan, 20).map((plan, index) => {
        const path = join(folder, `main-${index}.tf`);
        writeFileSync(path, fileOf(plan, "terraform", "main.tf"));
        return path;
      });
      const cwd = new URL("../../scripts/check-terraform", import.meta.url);
      const { status, stdout } = spawnSync("go", ["run", ".", ...paths], { cwd, encoding: "utf8" });
      expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    },
    300_000,
  );

  it.runIf(hasProgram("terraform"))("are in the form of terraform fmt", () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const input = fileOf(plan, "terraform", "main.tf");
        const { stdout } = spawnSync("terraform", ["fmt", "-"], { input, encoding: "utf8" });
        expect(stdout).toBe(input);
      }),
      { numRuns: 5 },
    );
  });
});
