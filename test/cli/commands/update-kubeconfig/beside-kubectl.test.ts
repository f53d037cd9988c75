/** What update-kubeconfig says of its result, on a real disk, and what a real kubectl does with it. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { updateKubeconfigOptions } from "../../../../src/cli/commands/update-kubeconfig/command.ts";
import { runUpdateKubeconfig } from "../../../../src/cli/commands/update-kubeconfig/run.ts";
import { presentError } from "../../../../src/cli/text/present-error.ts";
import { readFile } from "../../../../src/foundation/files/files.ts";
import { root } from "../../../certificates.ts";
import { kubectls } from "../../../e2e/sandbox-process.ts";
import { filesIn } from "../../../kubeconfig/read/kubeconfig-files.ts";
import { kubeconfigs, portsWith } from "../../../ports.ts";
import { ownFolder, ownProgram } from "./own-program.ts";

const ca = root().pem;
const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const roleArn = "arn:aws:iam::111122223333:role/eks-read-only";
const clusterArn = "arn:aws:eks:us-west-2:111122223333:cluster/demo";
const context = `eks-read-only@${clusterArn}`;
const kubectl = kubectls().find(({ path }) => path)?.path ?? "";

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** For a cluster that AWS is not asked for. */
function update(folder: string, KUBECONFIG: string | undefined, ...flags: string[]): Promise<Outcome> {
  return updateWith(ownFolder, folder, KUBECONFIG, ...flags);
}

async function updateWith(
  PATH: string,
  folder: string,
  KUBECONFIG: string | undefined,
  ...flags: string[]
): Promise<Outcome> {
  const seen = { code: 0, stdout: "", stderr: "" };
  if (!existsSync(join(folder, "ca.pem"))) writeFileSync(join(folder, "ca.pem"), ca);
  const ports = portsWith({
    program: ownProgram,
    env: { HOME: folder, PATH, ...(KUBECONFIG !== undefined && { KUBECONFIG }) },
    cwd: () => folder,
    clock: () => new Date(),
    readFile,
    kubeconfigs,
    stdout: (text) => Promise.resolve(void (seen.stdout += text)),
    stderr: (text) => Promise.resolve(void (seen.stderr += text)),
  });
  const given = [
    ...(flags.some((flag) => flag.startsWith("--name=")) ? [] : ["--name=demo"]),
    "--home-relative",
    "--certificate=~/alice.pem",
    "--private-key=~/alice.key",
    `--trust-anchor-arn=arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/${uuid}`,
    `--profile-arn=arn:aws:rolesanywhere:us-west-2:111122223333:profile/${uuid}`,
    `--role-arn=${roleArn}`,
    "--cluster-endpoint=https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com",
    `--certificate-authority=${join(folder, "ca.pem")}`,
  ];
  try {
    seen.code = await runUpdateKubeconfig(flagsOf([...given, ...flags]), ports);
  } catch (error) {
    const { text, exitCode } = presentError(error);
    seen.stderr += text;
    seen.code = exitCode;
  }
  return seen;
}

function flagsOf(args: readonly string[]): Flags {
  const options = Object.fromEntries(
    Object.entries(updateKubeconfigOptions).map(([name, { type }]) => [
      name,
      type === "list"
        ? { type: "string" as const, multiple: true }
        : { type: type === "boolean" ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  return new Flags(parseArgs({ args: [...args], options }).values);
}

function theirs(folder: string, KUBECONFIG: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(kubectl, args, {
    env: { HOME: folder, KUBECONFIG, PATH: process.env["PATH"] },
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const entries = (parts: object) => JSON.stringify({ apiVersion: "v1", kind: "Config", ...parts });
const cluster = (name: string, server = "https://other.example") => ({ name, cluster: { server } });
const contextFor = (name: string, clusterName: string, user: string) => ({
  name,
  context: { cluster: clusterName, user },
});
const runs = (name: string, command: string, ...args: string[]) => ({
  name,
  user: {
    exec: {
      apiVersion: "client.authentication.k8s.io/v1",
      interactiveMode: "Never",
      command,
      args,
    },
  },
});
/** So that it is the file that is written. */
const holder = entries({ clusters: [cluster(`x509@${clusterArn}`)] });

describe.skipIf(kubectl === "")("of several files of KUBECONFIG (kubectl)", () => {
  it("an earlier one's current-context is named, with what to run; then kubectl uses the new one", async () => {
    const folder = filesIn({ a: entries({ "current-context": "mine" }), b: holder });
    const list = `${join(folder, "a")}:${join(folder, "b")}`;
    const { code, stderr } = await update(folder, list, "--alias=demo");
    expect(code).toBe(0);
    expect(stderr).toBe(
      `eks-x509: warning: kubectl still uses the context "mine": ${join(folder, "a")} makes it current, and comes first in KUBECONFIG. Run kubectl config use-context "demo", or give kubectl --context.\n`,
    );
    expect(theirs(folder, list, "config", "current-context").stdout).toBe("mine\n");
    theirs(folder, list, "config", "use-context", "demo");
    expect(theirs(folder, list, "config", "current-context").stdout).toBe("demo\n");
    expect((await update(folder, list, "--alias=demo")).stderr).toBe("");
  });

  it("is warned of too where --kubeconfig names one of them, by any of its names", async () => {
    const folder = filesIn({ a: entries({ "current-context": "mine" }), b: "" });
    symlinkSync("b", join(folder, "link"));
    const list = `${join(folder, "a")}:${join(folder, "b")}`;
    for (const name of ["b", "./b", "link"]) {
      const { code, stderr } = await update(folder, list, `--kubeconfig=${folder}/${name}`);
      expect(code).toBe(0);
      expect(stderr).toContain('kubectl still uses the context "mine"');
    }
    expect(theirs(folder, list, "config", "current-context").stdout).toBe("mine\n");
    expect((await update(folder, list, `--kubeconfig=${join(folder, "c")}`)).stderr).toBe("");
  });

  it("one below a file is refused, as by kubectl", async () => {
    const folder = filesIn({ a: "" });
    const list = `${join(folder, "a")}:${join(folder, "a", "b")}`;
    expect((await update(folder, list)).stderr).toContain("(FILE_MISSING)");
    expect(theirs(folder, list, "config", "view").status).not.toBe(0);
  });

  it("one in UTF-16 is read, and one in no encoding of Unicode is refused, as by kubectl", async () => {
    const folder = filesIn({ a: "", b: "" });
    const list = `${join(folder, "a")}:${join(folder, "b")}`;
    for (const [bytes, code] of [
      [Buffer.from("\uFEFFkind: Config\n", "utf16le"), 0],
      [Buffer.from("\uFEFFkind: Config\n", "utf16le").swap16(), 0],
      [Buffer.from("users: [{name: \u00e9}]\n", "latin1"), 2],
    ] as const) {
      writeFileSync(join(folder, "b"), bytes);
      expect((await update(folder, list)).code).toBe(code);
      expect(theirs(folder, list, "config", "view").status === 0).toBe(code === 0);
    }
  });

  it.each<[string, object, string]>([
    [
      "context",
      { clusters: [cluster("old")], contexts: [contextFor("demo", "old", "u")], users: [runs("u", "aws")] },
      "https://other.example",
    ],
    ["user", { users: [runs(roleArn, "aws")] }, "https://example.gr7.us-west-2.eks.amazonaws.com"],
    ["cluster", { clusters: [cluster(`x509@${clusterArn}`)] }, "https://other.example"],
  ])("an earlier one's %s of the same name is named, and nothing is written", async (kind, parts, server) => {
    const folder = filesIn({ a: entries(parts), b: kind === "cluster" ? "" : holder });
    const list = `${join(folder, "a")}:${join(folder, "b")}`;
    const flags = ["--alias=demo", ...(kind === "cluster" ? [`--kubeconfig=${join(folder, "b")}`] : [])];
    const before = readFileSync(join(folder, "b"), "utf8");
    if (kind !== "cluster") {
      const { code, stderr } = await update(folder, list, ...flags);
      expect(code).toBe(2);
      expect(stderr).toContain(`${join(folder, "a")} has a ${kind} `);
      expect(stderr).toContain("(KUBECONFIG_HIDDEN)");
      expect(readFileSync(join(folder, "b"), "utf8")).toBe(before);
    }
    // What kubectl would have done: written into the second file by its own name.
    await update(folder, undefined, "--alias=demo", `--kubeconfig=${join(folder, "b")}`);
    const view = [
      "--context=demo",
      "config",
      "view",
      "--minify",
      "-o",
      "jsonpath={.clusters[0].cluster.server}",
    ];
    expect(theirs(folder, list, ...view).stdout).toBe(server);
  });

  it.each([
    ["clusters: [", "KUBECONFIG_INVALID"],
    ["clusters: [{name: a}, {name: a}]\n", "KUBECONFIG_NAME_TWICE"],
    ["users: [{name: 1}]\n", "KUBECONFIG_FIELD_INVALID"],
    ["kind: Pod\napiVersion: v1\n", "KUBECONFIG_KIND"],
    ["Kind: Pod\n", "KUBECONFIG_KIND"],
    ["kind: Config\n\u212aind: Pod\n", "KUBECONFIG_KIND"],
    ["kind: Config\nKIND: 5\n", "KUBECONFIG_FIELD_INVALID"],
  ])("one that kubectl refuses is named, wherever it stands: %j", async (text, failure) => {
    for (const names of [
      ["broken", "b"],
      ["b", "broken"],
    ]) {
      const folder = filesIn({ broken: text, b: holder });
      const list = names.map((name) => join(folder, name)).join(":");
      expect(theirs(folder, list, "config", "view").status).not.toBe(0);
      const { code, stdout, stderr } = await update(folder, list);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(join(folder, "broken"));
      expect(stderr).toContain(`(${failure})`);
      expect(readFileSync(join(folder, "b"), "utf8")).toBe(holder);
    }
  });

  it.each([":", "~/x"])("none that kubectl does not read is written: KUBECONFIG=%s", async (list) => {
    const folder = filesIn({ x: holder });
    expect((await update(folder, list)).code).toBe(2);
    expect(readFileSync(join(folder, "x"), "utf8")).toBe(holder);
    expect(theirs(folder, list, "config", "get-clusters").stdout).not.toContain("x509@");
  });
});

describe.skipIf(kubectl === "")("a file that kubectl refuses (kubectl)", () => {
  it.each(["clusters: [{name: a}, {name: a}]\n", "users: [{name: a, user: {client-key-data: x}}]\n"])(
    "is refused too, and left as it is: %j",
    async (text) => {
      const folder = filesIn({ config: text });
      expect(theirs(folder, join(folder, "config"), "config", "view").status).not.toBe(0);
      const { code, stdout } = await update(folder, join(folder, "config"));
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(readFileSync(join(folder, "config"), "utf8")).toBe(text);
    },
  );
});

describe("what others use", () => {
  const identity = [
    "get-token",
    "--certificate=/other/alice.pem",
    "--private-key=/other/alice.key",
    `--role-arn=${roleArn}`,
  ];
  const cases: [string, object, string[], string][] = [
    [
      "a user of another tool",
      {
        users: [runs("shared", "/usr/bin/aws", "secret-arg")],
        contexts: [contextFor("prod", "c", "shared")],
      },
      ["--user-alias=shared"],
      'the user "shared", which runs "/usr/bin/aws" and is used by context "prod"',
    ],
    [
      "a context of another cluster",
      { contexts: [contextFor("other", "c", "u")], clusters: [cluster("c")], users: [runs("u", "aws")] },
      ["--alias=other"],
      'the context "other", which uses cluster "c" and user "u"',
    ],
    [
      "a context of the same cluster and another user",
      { contexts: [contextFor("demo", `x509@${clusterArn}`, "admin")] },
      ["--alias=demo"],
      'the context "demo", which uses user "admin"',
    ],
    [
      "the same role with another certificate",
      { users: [runs(roleArn, "eks-x509", ...identity)], contexts: [contextFor("prod", "c", roleArn)] },
      [],
      `the user "${roleArn}", which signs in with another --certificate and is used by context "prod"`,
    ],
    [
      "the same, written in two words each",
      {
        users: [runs(roleArn, "/opt/eks-x509", "get-token", "--certificate", "/other/alice.pem")],
        contexts: [contextFor("prod", "c", roleArn)],
      },
      [],
      "signs in with another --certificate",
    ],
  ];

  it.each(cases)("is not replaced in silence: %s", async (_name, parts, flags, message) => {
    const text = entries(parts);
    const folder = filesIn({ config: text });
    const path = join(folder, "config");
    for (const more of [[], ["--dry-run"]]) {
      const { code, stdout, stderr } = await update(folder, path, ...flags, ...more);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(message);
      expect(stderr).toContain("--overwrite");
      expect(stderr).not.toContain("secret-arg");
      expect(readFileSync(path, "utf8")).toBe(text);
    }
    expect((await update(folder, path, ...flags, "--overwrite")).code).toBe(0);
    expect((await update(folder, path, ...flags)).code).toBe(0);
  });

  it("in a later file of KUBECONFIG neither, which an entry of the same name would hide", async () => {
    const folder = filesIn({
      a: "",
      b: entries({ contexts: [contextFor("other", "c", "u")], clusters: [cluster("c")] }),
    });
    const { code, stderr } = await update(
      folder,
      `${join(folder, "a")}:${join(folder, "b")}`,
      "--alias=other",
    );
    expect(code).toBe(2);
    expect(stderr).toContain("(KUBECONFIG_REPLACES)");
  });

  it("in a later file of KUBECONFIG neither, if it signs in without an exec entry", async () => {
    const token = { name: "shared", user: { token: "secret-token" } };
    const folder = filesIn({
      a: "",
      b: entries({ users: [token], contexts: [contextFor("prod", "c", "shared")] }),
    });
    const list = `${join(folder, "a")}:${join(folder, "b")}`;
    const { code, stderr } = await update(folder, list, "--user-alias=shared");
    expect(code).toBe(2);
    expect(stderr).toContain('the user "shared", which signs in with token and is used by context "prod"');
    expect(stderr).not.toContain("secret-token");
    expect((await update(folder, list, "--user-alias=shared", "--overwrite")).code).toBe(0);
  });

  it.each([
    [["--inline-args"], ["--inline-args"]],
    [["--inline-args"], []],
    [[], ["--inline-args"]],
  ])("is not given to another cluster: %j, then %j", async (first, second) => {
    const folder = filesIn({});
    const path = join(folder, "config");
    const shared = ["--user-alias=shared", "--alias=demo"];
    expect((await update(folder, path, ...shared, ...first)).code).toBe(0);
    expect((await update(folder, path, ...shared, ...second)).code).toBe(0);
    await update(folder, path, ...shared, ...first, "--overwrite");
    const { code, stderr } = await update(folder, path, ...shared, ...second, "--name=b", "--alias=b");
    expect(code).toBe(2);
    expect(stderr).toContain('which signs in with another --cluster-name and is used by context "demo"');
  });

  it("is updated by the same command, by other options, and by a path of the other form", async () => {
    const folder = filesIn({});
    const path = join(folder, "config");
    expect((await update(folder, path)).stdout).toBe(`Added new context ${context} to ${path}\n`);
    const text = readFileSync(path, "utf8");
    expect(await update(folder, path)).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(path, "utf8")).toBe(text);
    writeFileSync(path, text.replace("~/alice.pem", `${folder}/alice.pem`));
    expect((await update(folder, path, "--cache=none", "--region=us-west-2")).code).toBe(0);
  });
});

describe.skipIf(kubectl === "" || process.platform !== "linux")("a CA bundle (kubectl)", () => {
  const bundle = (bytes: number) => ca.repeat(Math.ceil(bytes / ca.length));
  const plugin = (folder: string): string => {
    writeFileSync(
      join(folder, "plugin"),
      '#!/bin/sh\nprintf %s "$KUBERNETES_EXEC_INFO" | wc -c >&2\nexit 7\n',
    );
    chmodSync(join(folder, "plugin"), 0o755);
    return `--command=${join(folder, "plugin")}`;
  };

  it("that the system hands over is written without a word, and kubectl starts the plugin", async () => {
    const folder = filesIn({ "ca.pem": bundle(60_000) });
    const path = join(folder, "config");
    expect((await update(folder, path, plugin(folder))).stderr).toBe("");
    expect(theirs(folder, path, "get", "--raw", "/version").stderr).toContain("exit code 7");
  });

  it("that it does not is named when it is written, and --inline-args is what helps", async () => {
    const folder = filesIn({ "ca.pem": bundle(220_000) });
    const path = join(folder, "config");
    const { code, stderr } = await update(folder, path, plugin(folder));
    expect(code).toBe(0);
    expect(stderr).toContain("eks-x509: warning: kubectl cannot start the plugin in the context");
    expect(stderr).toContain("--inline-args");
    expect(theirs(folder, path, "get", "--raw", "/version").stderr).toContain("argument list too long");
    expect((await update(folder, path, plugin(folder), "--inline-args", "--overwrite")).stderr).toBe("");
    expect(theirs(folder, path, "get", "--raw", "/version").stderr).toContain("exit code 7");
  });
});

describe("a name that is not on PATH", () => {
  it.skipIf(!kubectl)("is warned of, and kubectl fails until the command is the program's path", async () => {
    const folder = filesIn({});
    const path = join(folder, "config");
    const { code, stderr } = await updateWith("/nowhere", folder, path, "--command=eks-x509-absent");
    expect(code).toBe(0);
    expect(stderr).toContain(
      "warning: kubectl cannot start the plugin: the exec entry's command eks-x509-absent",
    );
    expect(stderr).toContain(`--command="${ownProgram}"`);
    expect(theirs(folder, path, "get", "--raw", "/version").stderr).toContain("eks-x509-absent not found");
    expect((await update(folder, path, `--command=${ownProgram}`, "--overwrite")).stderr).toBe("");
    expect(theirs(folder, path, "get", "--raw", "/version").stderr).toContain("exit code 7");
  });

  it("of another installation or program is warned of with its path", async () => {
    const other = filesIn({ "eks-x509": "#!/bin/sh\n", other: "#!/bin/sh\n" });
    for (const [name, kind] of [
      ["eks-x509", "another eks-x509"],
      ["other", "another program"],
    ] as const) {
      chmodSync(join(other, name), 0o755);
      const { stderr } = await updateWith(
        other,
        filesIn({}),
        join(other, name + ".yaml"),
        `--command=${name}`,
      );
      expect(stderr).toContain(`kubectl starts ${join(other, name)}, which is ${kind}. `);
    }
  });
});

describe("--home-relative", () => {
  const argsIn = (path: string) => readFileSync(path, "utf8").match(/--(certificate|private-key)=\S+/g);

  it("finds the home folder by both of its names where it is a link", async () => {
    const folder = filesIn({ "real/ca.pem": ca, "real/pki/alice.pem": "" });
    const home = join(folder, "home");
    symlinkSync("real", home);
    for (const start of ["~", home, join(folder, "real")]) {
      const path = join(folder, `config-${start.length}`);
      const flags = [`--certificate=${start}/pki/alice.pem`, `--private-key=${start}/pki/alice.key`];
      const { code, stderr } = await update(home, path, ...flags);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(argsIn(path)).toEqual(["--certificate=~/pki/alice.pem", "--private-key=~/pki/alice.key"]);
    }
  });

  it("says which path it has to write in full", async () => {
    const folder = filesIn({});
    mkdirSync(join(folder, "home"));
    const home = join(folder, "home");
    const { code, stderr } = await update(home, join(folder, "config"), "--certificate=/etc/pki/alice.pem");
    expect(code).toBe(0);
    expect(stderr).toBe(
      "eks-x509: warning: --certificate /etc/pki/alice.pem is not below the home folder: --home-relative writes the complete path\n",
    );
  });
});
