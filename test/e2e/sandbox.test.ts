/** The sandbox as a command: COMMAND and its exit code, what it leaves behind, a rehearsal of the user's own set-up. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../certificates.ts";
import { matching } from "../matching.ts";
import { kubeconfigIn } from "./kubeconfig-writer.ts";
import {
  cleanEnvironment,
  emptyHome,
  kubectls,
  run,
  startSandboxProcess,
  type Outcome,
} from "./sandbox-process.ts";
import { leftOf } from "../sandbox/cluster/control-plane/processes.ts";
import { until } from "../until.ts";
import { program, started } from "../program-under-test.ts";

const anyKubectl = kubectls()[0]?.path;

function sandbox(args: readonly string[], home = emptyHome()): Promise<Outcome> {
  return run(...started(program, ["sandbox", ...args]), cleanEnvironment(home));
}

const script = (code: string): string[] => ["--", process.execPath, "-e", code];

describe.concurrent("eks-x509 sandbox -- COMMAND", () => {
  it("runs COMMAND with KUBECONFIG and the endpoints set, and stops with its exit code", async () => {
    const home = emptyHome();
    const code = `console.log(process.env.KUBECONFIG, process.env.AWS_ENDPOINT_URL_ROLESANYWHERE); process.exit(7)`;
    const { code: exitCode, stdout, stderr } = await sandbox(script(code), home);
    expect({ exitCode, stderr }).toEqual({ exitCode: 7, stderr: "" });
    expect(stdout).toMatch(/^\S+\/kubeconfig https:\/\/127\.0\.0\.1:\d+\n$/);
    expect(readdirSync(home).filter((name) => name.startsWith("eks-x509-sandbox"))).toEqual([]);
  });

  it("ends as the signal that ended COMMAND", async () => {
    expect((await sandbox(script("process.kill(process.pid, 'SIGKILL')"))).code).toBe(128 + 9);
  });

  it("says when COMMAND cannot be started, and leaves nothing behind", async () => {
    const home = emptyHome();
    const { code, stderr } = await sandbox(["--", "no-such-program"], home);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^eks-x509: sandbox: the command no-such-program cannot be started \(ENOENT\) \(SANDBOX_COMMAND\)\n {2}\S/,
    );
    expect(readdirSync(home)).toEqual([]);
  });

  it("has the plugin on PATH, under both of its names", async () => {
    const { code, stdout } = await sandbox([
      "--",
      "sh",
      "-c",
      "eks-x509 --version && kubectl-eks_x509 --version",
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(\d+\.\d+\.\d+\n){2}$/);
  });

  it.skipIf(kubectls()[0]?.path === undefined)(
    "shows each request with --verbose, and is silent without (kubectl)",
    async () => {
      expect((await sandbox(["--verbose", "--", "kubectl", "get", "ns"])).stderr).toMatch(
        /^✓ rolesanywhere POST \/sessions/m,
      );
      expect((await sandbox(["--", "kubectl", "get", "ns"])).stderr).toBe("");
    },
  );

  it.each([
    [["--certificate", "a.pem"], "SANDBOX_IDENTITY_INCOMPLETE"],
    [["--aws-auth", "no-such-file"], "FILE_MISSING"],
    [["--nonsense"], "USAGE"],
    [["--region"], "USAGE"],
    [["--region", "../.."], "REGION_INVALID"],
    [["--role-arn", "foo"], "ARN_INVALID"],
    [["--region", "us-west-2", "--region", "nowhere"], "REGION_INVALID"],
    [["--cluster-name", "a", "--cluster-name", "b/c"], "CLUSTER_NAME_INVALID"],
    [["--cluster-name", "a", "--cluster-name", "a-admin"], "SANDBOX_CONTEXT_SHARED"],
    [["--authentication-mode", "config_map"], "USAGE"],
  ])("refuses %j", async (args, code) => {
    const { code: exitCode, stderr, stdout } = await sandbox([...args, ...script("")]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(`(${code})\n`);
    expect(stderr).not.toContain("    at ");
  });
});

describe("eks-x509 sandbox, without a COMMAND", () => {
  it("keeps everything in one private folder, and removes it at Ctrl-C", async () => {
    const running = await startSandboxProcess();
    const folder = dirname(running.env["KUBECONFIG"] ?? "");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const modes = readdirSync(folder)
      .map((name) => statSync(join(folder, name)))
      .filter((entry) => entry.isFile())
      .map(({ mode }) => mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o600]));
    expect(await running.stop()).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });
});

describe("eks-x509 sandbox, killed with -9,", () => {
  it("leaves neither its folder, which contains a private key, nor a process", async () => {
    const running = await startSandboxProcess();
    const folder = dirname(running.env["KUBECONFIG"] ?? "");
    expect(existsSync(join(folder, "user.key"))).toBe(true);
    running.process.kill("SIGKILL");
    await until(() => {
      expect(existsSync(folder)).toBe(false);
      expect(leftOf({}, folder)).toEqual([]);
    });
  });
});

describe("eks-x509 sandbox, of several clusters", () => {
  it("prints where each is, and which user made a request (kubectl)", async () => {
    const running = await startSandboxProcess(["a", "b", "a"].map((name) => `--cluster-name=${name}`));
    const at = (name: string) => ` {2}cluster ${name} at https://127\\.0\\.0\\.1:\\d+ \\(.+\\)\n`;
    expect(running.output()).toMatch(
      new RegExp(`^The sandbox is up:\n${at("a")}${at("b")}In another terminal:\n {2}export `),
    );
    expect(running.output()).toContain("\n  kubectl --context b get ns\n");
    const { contexts, ...file } = kubeconfigIn(running.env["KUBECONFIG"] ?? "");
    expect(file).toMatchObject({ "current-context": "a" });
    expect(contexts.map(({ name, context }) => [name, context.cluster, context.user])).toEqual([
      ["a", "a", "a"],
      ["a-admin", "a", "a-admin"],
      ["b", "b", "b"],
      ["b-admin", "b", "b-admin"],
    ]);
    if (anyKubectl !== undefined) {
      expect((await run(anyKubectl, ["--context=b", "get", "ns"], running.env)).code).toBe(0);
      await until(() => {
        expect(running.output()).toMatch(/^✓ kubernetes {4}b: GET \/api\/v1\/namespaces — viewer:/m);
      });
    }
    await running.stop();
  });
});

describe.skipIf(anyKubectl === undefined)("eks-x509 sandbox --authentication-mode (kubectl)", () => {
  const whoami = ["--", "sh", "-c", "kubectl auth whoami -o jsonpath='{.status.userInfo.username}'"];

  it.each([
    ["CONFIG_MAP", /^viewer:\w+$/],
    ["API_AND_CONFIG_MAP", /^arn:aws:sts::111122223333:assumed-role\/eks-read-only\/\w+$/],
    ["API", /^arn:aws:sts::111122223333:assumed-role\/eks-read-only\/\w+$/],
  ])("%s: the user is by aws-auth, or by the access entry", async (mode, username) => {
    const { code, stdout } = await sandbox(["--authentication-mode", mode, ...whoami]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: matching(username) });
  });

  it("API: token debug prints the access entry, and that an aws-auth under rehearsal is not read", async () => {
    const awsAuth = join(emptyHome(), "aws-auth.yaml");
    writeFileSync(awsAuth, mapping("arn:aws:iam::111122223333:role/eks-read-only"));
    const debug = (...args: string[]) => ["--", "eks-x509", "token", "debug", "-o", "json", ...args];
    const api = ["--authentication-mode", "API"];
    const [byEntry, unread, none] = await Promise.all(
      [
        [...api, ...debug()],
        [...api, "--aws-auth", awsAuth, ...debug("--aws-auth", awsAuth)],
        [...api, "--aws-auth", awsAuth, ...debug()],
      ].map(async (args) => (await sandbox(args)).stdout),
    );
    expect(byEntry).toContain("access entry arn:aws:iam::111122223333:role/eks-read-only makes it");
    expect(unread).toContain('"MAPPING_CONFIG_MAP_NOT_READ"');
    expect(none).toContain('"MAPPING_NO_ACCESS_ENTRY"');
  });
});

describe("eks-x509 sandbox, ended while it starts", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
    "leaves nothing behind: %s",
    async (signal) => {
      const home = emptyHome();
      for (const delay of [120, 160, 200, 240, 400]) {
        const child = spawn(...started(program, ["sandbox"]), {
          env: cleanEnvironment(home),
          stdio: "ignore",
        });
        const ended = new Promise((resolve) => child.on("exit", resolve));
        await new Promise((resolve) => setTimeout(resolve, delay));
        child.kill(signal);
        await ended;
      }
      expect(readdirSync(home)).toEqual([]);
    },
  );
});

describe("a rehearsal", () => {
  it.each([
    ["a URI", ["--certificate=pkcs11:token=alice"], "pkcs11:token=alice", "IfAvailable"],
    ["an agent", ["--certificate=/a.pem", "--private-key=ssh-agent:"], "ssh-agent:", "Never"],
    ["a PKCS#12 file", ["--certificate=/a.p12"], "/a.p12", "IfAvailable"],
  ])("takes the key where get-token does: %s", async (_what, flags, key, interactiveMode) => {
    const anchor = join(emptyHome(), "root.pem");
    writeFileSync(anchor, root("Company Root").pem);
    const show = ["--", "sh", "-c", 'cat "$KUBECONFIG"'];
    const { code, stdout } = await sandbox([...flags, `--trust-anchor=${anchor}`, ...show]);
    expect(code).toBe(0);
    expect(stdout).toContain(`--private-key=${key}`);
    expect(stdout).toContain(`interactiveMode: ${interactiveMode}\n`);
  });

  it.skipIf(kubectls()[0]?.path === undefined)(
    "signs in with the user's own certificate, CA and mapping; a faulty mapping shows",
    async () => {
      // The first sandbox stands in for the company's CA.
      const company = await startSandboxProcess();
      const folder = dirname(company.env["KUBECONFIG"] ?? "");
      const roleArn = "arn:aws:iam::222233334444:role/developers";
      const identity = [
        ...["--certificate", join(folder, "user.pem"), "--private-key", join(folder, "user.key")],
        ...["--trust-anchor", join(folder, "trust-anchor.pem"), "--role-arn", roleArn],
      ];
      const awsAuth = join(company.home, "aws-auth.yaml");
      const kubectl = ["--", "sh", "-c", "kubectl auth whoami -o jsonpath='{.status.userInfo.username}'"];

      writeFileSync(awsAuth, mapping(roleArn));
      const good = await sandbox([...identity, "--aws-auth", awsAuth, ...kubectl]);
      const asAdmin = [
        "--",
        "kubectl",
        "--context",
        "demo-admin",
        "get",
        "cm",
        "aws-auth",
        "-n",
        "kube-system",
        "-o",
        "yaml",
      ];
      const admin = await sandbox([...identity, "--aws-auth", awsAuth, ...asAdmin]);
      writeFileSync(awsAuth, mapping(`${roleArn} `));
      const trailingSpace = await sandbox(["--verbose", ...identity, "--aws-auth", awsAuth, ...kubectl]);
      await company.stop();

      expect(good).toMatchObject({ code: 0, stdout: "dev" });
      expect(admin.stdout).toContain(roleArn);
      expect(trailingSpace.code).not.toBe(0);
      expect(trailingSpace.stderr).toMatch(/✗ authenticator/);
    },
    // Four of them, one after the other: a real API server takes its seconds.
    120_000,
  );
});

function mapping(roleArn: string): string {
  return [
    "apiVersion: v1",
    "kind: ConfigMap",
    "metadata: { name: aws-auth, namespace: kube-system }",
    "data:",
    "  mapRoles: |",
    `    - rolearn: "${roleArn}"`,
    "      username: dev",
    "      groups: [developers]",
    "",
  ].join("\n");
}
