/** What the scripts check before they change a cluster: its context, its objects, its mode. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plannedFiles } from "../../src/setup/files.ts";
import { ownerTag, type Format, type Plan } from "../../src/setup/plan.ts";
import { isThorough } from "../thorough.ts";
import { planWith } from "./plans.ts";
import { cluster, createdBy, endpoint, runScript, type Kubectl } from "./script-run.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-script-test-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ofAws: readonly (readonly [Format, string])[] = [
  ["cli", "setup.sh"],
  ["cli", "clean-up.sh"],
];
const ofCluster: typeof ofAws = [
  ["terraform", "cluster-setup.sh"],
  ["cloudformation", "cluster-clean-up.sh"],
];
/** The scripts have these parts in common. */
const scripts = isThorough ? [...ofAws, ...ofCluster] : [...ofAws.slice(0, 1), ...ofCluster.slice(1)];
const fileOf = (plan: Plan, format: Format, name: string): string =>
  plannedFiles(plan, format).find((each) => each.name === name)?.content ?? "";
const plan = planWith({ mapping: "aws-auth" });
const owner = ownerTag(plan).value;
const entry = `# eks-x509 setup: eks-read-only
- rolearn: arn:aws:iam::111122223333:role/eks-read-only
# end of eks-x509 setup: eks-read-only
`;
const run = (name: string, format: Format, kubectl: Kubectl, of = plan, answers = {}) =>
  inWords(runScript(folder, fileOf(of, format, name), { ...createdBy(of), ...answers }, kubectl));
const inWords = ({
  commands,
  stderr,
}: Readonly<Record<"commands", readonly string[]> & { stderr: string }>) => ({
  commands: commands.map((line) => line.replaceAll("\u001f", " ")),
  stderr,
});

/** What a script changed before it ended. */
const changes = (): string[] =>
  readFileSync(join(folder, "log"), "utf8")
    .replaceAll("\u001f", " ")
    .split("\n")
    .filter((line) => /create|update|delete|patch|apply|put-|enable/.test(line) && !line.includes("dry-run"));

/** What a script that stops prints; an empty text if it does not stop. */
function stopOf(attempt: () => unknown): string {
  try {
    attempt();
    return "";
  } catch (error) {
    return String(error);
  }
}

describe.each(scripts)("%s: %s", (format, name) => {
  it.each<[string, Kubectl, RegExp]>([
    [
      "another API server",
      { server: "https://127.0.0.1:6443" },
      /API server of the context: https:\/\/127\.0\.0\.1:6443\n +API server of the cluster: https:\/\/EXAMPLE\.[^]*ADMIN_SERVER='https:\/\/127/,
    ],
    ["no API server", { server: "" }, /is not one of cluster demo/],
    [
      "another server than that of ADMIN_SERVER",
      { server: "https://127.0.0.1:6443", env: { ADMIN_SERVER: "https://127.0.0.1:6444" } },
      /is not one of cluster demo/,
    ],
    ["another CA", { ca: "Q0I=" }, /has another CA than cluster demo[^]*ADMIN_CA=other/],
    [
      "a tunnel of another cluster",
      { server: "https://127.0.0.1:6443", ca: "Q0I=", env: { ADMIN_SERVER: "https://127.0.0.1:6443" } },
      /has another CA than cluster demo/,
    ],
    [
      "no current context, and prints why",
      { env: { CONTEXT: "" } },
      /error: current-context is not set[^]*kubectl has no current context/,
    ],
    [
      "a context that does not exist",
      { env: { ADMIN_CONTEXT: "NO_CONTEXT" } },
      /kubectl cannot use context 'NO_CONTEXT'/,
    ],
    ["no rights to read", { forbidden: "*' get '*" }, /'demo-admin' is not allowed to do this/],
    [
      "a tunnel, and no CA that shows its cluster",
      { server: "https://127.0.0.1:6443", ca: "", env: { ADMIN_SERVER: "https://127.0.0.1:6443" } },
      /has no CA, so https:\/\/127\.0\.0\.1:6443 can be another cluster[^]*ADMIN_CA=other/,
    ],
    [
      "a password in the address of another cluster",
      { server: "https://me:s3cr@et@127.0.0.1:6443/" },
      /API server of the context: https:\/\/127\.0\.0\.1:6443\/\n[^]*ADMIN_SERVER='https:\/\/127/,
    ],
  ])("changes nothing with %s", (_, kubectl, why) => {
    const stop = stopOf(() => run(name, format, { owner, mapRoles: entry, ...kubectl }));
    expect(stop).toMatch(why);
    expect(stop).toMatch(
      /Set ADMIN_CONTEXT to the context of an administrator of cluster demo\.[^]*aws eks update-kubeconfig --name demo/,
    );
    expect(changes()).toEqual([]);
  });

  it.each<[string, Kubectl]>([
    ["the endpoint in another form", { server: `${endpoint.toLowerCase()}:443/` }],
    ["no CA", { ca: "" }],
    [
      "a tunnel of ADMIN_SERVER",
      { server: "https://127.0.0.1:6443", env: { ADMIN_SERVER: "https://127.0.0.1:6443" } },
    ],
    [
      "a proxy with its own CA",
      { server: "https://p/c", ca: "Q0I=", env: { ADMIN_SERVER: "https://p/c", ADMIN_CA: "other" } },
    ],
  ])("accepts a context with %s", (_, kubectl) => {
    run(name, format, { owner, mapRoles: entry, ...kubectl });
    expect(changes().join("\n")).toMatch(/apply|delete/);
  });

  it.each(["CREATING", "FAILED"])("stops at a cluster that is %s", (status) => {
    const answers = { "eks describe-cluster": cluster({ server: "None", ca: "None", status }) };
    expect(() => run(name, format, { owner, mapRoles: entry }, plan, answers)).toThrow(
      `cluster demo has the status ${status}, and EKS returns no API server`,
    );
    expect(changes()).toEqual([]);
  });

  it("uses the server that it has checked, also if the context changes", () => {
    const tlsServerName = "demo.example";
    const { commands } = run(name, format, { owner, mapRoles: entry, tlsServerName });
    for (const line of commands.filter((each) => /^kubectl (?!config)/.test(each)))
      expect(line).toContain(` --server=${endpoint} --tls-server-name=${tlsServerName} `);
  });

  it("leaves the password of an address to the kubeconfig, which other users cannot read", () => {
    const server = endpoint.replace("//", "//me:s3cret@");
    const { commands, stderr } = run(name, format, { owner, mapRoles: entry, server });
    expect(`${commands.join("\n")}${stderr}`).not.toContain("s3cret");
  });

  it("prints no control characters of a mark", () => {
    let report = "";
    const stop = stopOf(() => (report = run(name, format, { owner: "a\u001b]0;b\u0007\nc" }).stderr));
    expect(stop || report).toMatch(/which belongs to a\]0;bc\n/);
  });

  it("uses the context that it has checked, and no other", () => {
    const { commands } = run(name, format, { owner, mapRoles: entry, env: { ADMIN_CONTEXT: "it's mine" } });
    const ofCluster = commands.filter((line) => /^kubectl (?!config)/.test(line));
    expect(ofCluster.length).toBeGreaterThan(3);
    for (const line of ofCluster) expect(line).toContain("kubectl --context=it's mine ");
  });

  it.each(["", "another/us-west-2/eks-read-only"])("changes no object with the mark %j", (mark) => {
    let report = "";
    const stop = stopOf(() => (report = run(name, format, { owner: mark, mapRoles: entry }).stderr));
    expect(stop || report).toMatch(
      /clusterrole(binding)? eks-x509:eks-read-only[^]*run: kubectl --context='demo-admin' annotate --overwrite clusterrole(binding)? 'eks-x509:eks-read-only\S*' 'eks-x509-setup=demo\/us-west-2\/eks-read-only'\n/,
    );
    expect(changes().join("\n")).not.toMatch(/kubectl.*(apply|delete)/);
  });

  it.each([
    "- rolearn: arn:aws:iam::111122223333:role/eks-read-only\n",
    "- username: a\n  ROLEARN:   'arn:aws:iam::111122223333:role/eks-read-only' # theirs\n",
    '- {"rolearn": "arn:aws:iam::111122223333:role/eks-read-only", username: a}\n',
    "- rolearn: arn:aws:iam::111122223333:role/eks-read-only\r\n  username:\ta\r\n",
    '- {\n    "rolearn": "arn:aws:iam::111122223333:role/eks-read-only",\n    "username": "a"\n  }\n',
  ])("reports an entry of aws-auth that it did not create: %s", (mapRoles) => {
    const attempt = () => run(name, format, { owner, mapRoles }).stderr;
    const report =
      /did not create this.*entry of aws-auth for role eks-read-only[^]*'# eks-x509 setup: eks-re/;
    if (name.endsWith("clean-up.sh")) expect(attempt()).toMatch(report);
    else expect(attempt).toThrow(report);
    expect(changes().join("\n")).not.toContain("patch");
  });

  it("takes no entry of another role for one", () => {
    const others = ["role/eks-read-only2", "role/my/eks-read-only", "role/eks-read-only,a"];
    const mapRoles = [...others, "444455556666:role/eks-read-only"]
      .map((role) => `- rolearn: arn:aws:iam::${role.startsWith("role") ? `111122223333:${role}` : role}\n`)
      .join("");
    expect(run(name, format, { owner, mapRoles }).stderr).not.toContain("did not create");
  });
});

describe.each(scripts.filter(([, name]) => name.endsWith("setup.sh")))("%s: %s", (format, name) => {
  it("creates nothing in a cluster in which the context cannot write", () => {
    expect(() => run(name, format, { forbidden: "*apply*" })).toThrow("is not allowed to do this");
    expect(() => run(name, format, { forbidden: "*'create configmap'*" })).toThrow("is not allowed to do");
    expect(changes()).toEqual([]);
  });

  it.each([
    ["API", "aws-auth", "does not read aws-auth"],
    ["CONFIG_MAP", "access-entry", "has no access entries"],
  ] as const)("stops at a cluster of mode %s with the mapping %s", (mode, mapping, why) => {
    const of = planWith({ mapping });
    const attempt = () => run(name, format, {}, of, { "eks describe-cluster": cluster({ mode }) });
    expect(attempt).toThrow(why);
    expect(changes()).toEqual([]);
  });

  it("removes the entry of aws-auth of a former set-up, after the access entry exists", () => {
    const { commands } = run(name, format, { owner, mapRoles: entry }, planWith());
    expect(commands.at(-1)).toMatch(/kubectl.* patch configmap aws-auth/);
  });

  it("needs a cluster", () => {
    const script = fileOf(plan, format, name);
    expect(() => runScript(folder, `${noCluster}${script}`, createdBy(plan))).toThrow(
      "there is no cluster demo in us-west-2 of account 111122223333",
    );
  });
});

const noCluster = `
aws() {
  case "$1 $2" in
    'eks describe-cluster')
      if [ "$AWS_CLI_ERROR_FORMAT" = legacy ]; then echo 'An error occurred (ResourceNotFoundException): No cluster' >&2; fi
      return 1 ;;
    'sts get-caller-identity') echo 111122223333 ;;
    *list-t* | *list-role-tags) printf '%s' "$owner" ;;
  esac
  log aws "$@"
}
`;

/** IAM shows a new role to EKS only after some seconds. */
const newRole = `
sleep() { : >"$LOG.slept"; }
aws() {
  case "$1 $2" in
    'eks create-access-entry')
      if [ ! -e "$LOG.slept" ]; then echo 'The specified principalArn is invalid: invalid principal.' >&2; return 254; fi ;;
    'eks describe-access-entry') echo 'An error occurred (ResourceNotFoundException)' >&2; return 254 ;;
    'eks describe-cluster') printf '${cluster().replaceAll("\t", "\\t")}' ;;
    *list-role-tags) printf '%s' "$owner" ;;
    *list-t* | *list-profiles) ;;
  esac
  log aws "$@"
}
`;

describe("setup.sh and clean-up.sh", () => {
  it("setup.sh waits until EKS knows the new role", () => {
    const script = fileOf(planWith(), "cli", "setup.sh");
    const { commands } = inWords(runScript(folder, `${newRole}${script}`, {}));
    expect(commands.join("\n")).toContain("aws eks create-access-entry");
  });

  it("remove the access entry of a former set-up, after the entry of aws-auth exists", () => {
    const { commands } = run("setup.sh", "cli", { owner, mapRoles: "" });
    expect(commands.at(-1)).toContain("aws eks delete-access-entry");
    expect(commands.findIndex((line) => / patch (?!.*dry-run)/.test(line))).toBeGreaterThan(0);
  });

  it.each(["access-entry", "aws-auth"] as const)("clean-up.sh removes both mappings: %s", (mapping) => {
    run("clean-up.sh", "cli", { owner, mapRoles: entry }, planWith({ mapping }));
    expect(changes().join("\n")).toMatch(/patch[^]*delete-access-entry/);
  });

  it.each(["access-entry", "aws-auth"] as const)(
    "do not ask a cluster of mode CONFIG_MAP for access entries, and clean-up.sh leaves an aws-auth without an entry: %s",
    (mapping) => {
      const answers = { "eks describe-cluster": cluster({ mode: "CONFIG_MAP" }) };
      const all = run("clean-up.sh", "cli", { owner, mapRoles: "[]\n" }, planWith({ mapping }), answers);
      expect(all.commands.join("\n")).not.toMatch(/access-entry|patch/);
      const made = run("setup.sh", "cli", { owner, mapRoles: "" }, plan, answers);
      expect(made.commands.join("\n")).not.toContain("access-entry");
    },
  );

  it("clean-up.sh reports an object that kubectl did not delete, because its kuberc makes it ask", () => {
    const attempt = () => run("clean-up.sh", "cli", { owner, env: { KEPT: "clusterrole/a" } });
    expect(attempt).toThrow("kubectl did not delete clusterrolebinding eks-x509:eks-read-only:view");
  });

  it("clean-up.sh removes the rest if the cluster does not exist", () => {
    const script = fileOf(plan, "cli", "clean-up.sh");
    const { commands, stderr } = inWords(runScript(folder, `${noCluster}${script}`, createdBy(plan)));
    expect(stderr).toContain(
      "There is no cluster demo in us-west-2 of account 111122223333. Nothing in it is removed",
    );
    expect(commands.join("\n")).toContain("delete-role ");
    expect(commands.join("\n")).not.toContain("kubectl");
  });
});
