/** The sandbox as a command: COMMAND and its exit code, what it leaves behind, a rehearsal of the user's own set-up. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  cleanEnvironment,
  emptyHome,
  kubectls,
  program,
  run,
  startSandboxProcess,
  type Outcome,
} from "./sandbox-process.ts";

function sandbox(args: readonly string[], home = emptyHome()): Promise<Outcome> {
  return run(process.execPath, [program, "sandbox", ...args], cleanEnvironment(home));
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
    60_000,
  );

  it.each([
    [["--certificate", "a.pem"], "SANDBOX_IDENTITY_INCOMPLETE"],
    [["--aws-auth", "no-such-file"], "FILE_MISSING"],
    [["--nonsense"], "USAGE"],
    [["--region"], "USAGE"],
    [["--region", "../.."], "REGION_INVALID"],
    [["--role-arn", "foo"], "ARN_INVALID"],
    [["--region", "us-west-2", "--region", "nowhere"], "REGION_INVALID"],
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

describe("eks-x509 sandbox, told to end while it starts", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
    "leaves nothing behind: %s",
    async (signal) => {
      const home = emptyHome();
      for (const delay of [120, 160, 200, 240, 400]) {
        const child = spawn(process.execPath, [program, "sandbox"], {
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
