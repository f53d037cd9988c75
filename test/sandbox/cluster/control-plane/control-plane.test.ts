/** The sandbox on a real kube-apiserver and etcd, over the command line, as a user has it. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { fromJson } from "../../../json.ts";
import { matching } from "../../../matching.ts";
import {
  assets,
  cleanEnvironment,
  emptyHome,
  kubectls,
  run,
  startSandboxProcess,
  type Outcome,
  type RunningSandbox,
} from "../../../e2e/sandbox-process.ts";
import { leftOf, pids } from "./processes.ts";
import { standIns } from "./stand-ins.ts";
import { until } from "../../../until.ts";
import { program, started } from "../../../program-under-test.ts";

// Every one of these starts a real API server, on a machine that may do much else.
vi.setConfig({ testTimeout: 90_000 });
const kubectlPath = kubectls()[0]?.path;
const folderOf = (sandbox: RunningSandbox): string => dirname(sandbox.env["KUBECONFIG"] ?? "");

describe.skipIf(!assets || !kubectlPath)("a real API server (needs KUBEBUILDER_ASSETS, and kubectl)", () => {
  let sandbox: RunningSandbox;
  const kubectl = (...args: string[]): Promise<Outcome> => run(kubectlPath ?? "", args, sandbox.env);
  const asAdmin = (...args: string[]): Promise<Outcome> => kubectl("--context", "demo-admin", ...args);

  beforeAll(async () => {
    sandbox = await startSandboxProcess();
  });
  afterAll(async () => {
    await sandbox.stop();
  });

  it("says so", () => {
    expect(sandbox.output()).toMatch(/^The sandbox is up: .*\(kube-apiserver v1\.\d+\.\d+\)/);
  });

  it("get ns: allowed", async () => {
    const { code, stdout, stderr } = await kubectl("get", "ns");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^kube-system +Active/m);
  });

  it("create ns: Forbidden, and reported like any request", async () => {
    const { code, stderr } = await kubectl("create", "ns", "forbidden");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error from server \(Forbidden\): namespaces is forbidden: User "viewer:/);
    await until(() => {
      expect(sandbox.output()).toMatch(
        /^✗ kubernetes {4}POST \/api\/v1\/namespaces — viewer:\w+ \(namespaces/m,
      );
    });
  });

  it("auth whoami: username, groups, uid and extra from the webhook", async () => {
    const { stdout } = await kubectl("auth", "whoami", "-o", "json");
    const { userInfo } = fromJson<{ status: { userInfo: object } }>(stdout).status;
    const arn = "arn:aws:iam::111122223333:role/eks-read-only";
    expect(userInfo).toEqual({
      username: matching(/^viewer:[0-9a-f]+$/),
      groups: ["eks-x509:viewers", "system:authenticated"],
      uid: "aws-iam-authenticator:111122223333:AROASANDBOXROLE000001",
      extra: {
        accessKeyId: [matching(/^ASIA/)],
        arn: [matching(/^arn:aws:sts::111122223333:assumed-role\/eks-read-only\//)],
        canonicalArn: [arn],
        principalId: ["AROASANDBOXROLE000001"],
        sessionName: [matching(/^[0-9a-f]+$/)],
        "sigs.k8s.io/aws-iam-authenticator/principalId": ["AROASANDBOXROLE000001"],
      },
    });
  });

  it("has the rules that view, edit and admin collect, which is a controller's work", async () => {
    const rules = await asAdmin("auth", "can-i", "list", "pods", "--as=dev", "--as-group=devs");
    expect(rules.stdout).toBe("no\n");
    await asAdmin("create", "clusterrolebinding", "devs", "--clusterrole=view", "--group=devs");
    const bound = await asAdmin("auth", "can-i", "list", "pods", "--as=dev", "--as-group=devs");
    expect(bound.stdout).toBe("yes\n");
  });

  it("keeps an audit log: who the certificate's holder was to the API server", () => {
    const audit = readFileSync(join(folderOf(sandbox), "control-plane", "audit.log"), "utf8");
    expect(audit).toMatch(/"verb":"list","user":\{"username":"viewer:\w+","uid":"aws-iam-authenticator:/);
    expect(audit).not.toMatch(/k8s-aws-v1|"eks-x509-sandbox"|system:apiserver/);
  });

  it("an edit of aws-auth takes effect, and so does its deletion", async () => {
    const whoami = async (): Promise<string> => (await kubectl("auth", "whoami")).stdout;
    const at = ["cm", "aws-auth", "-n", "kube-system"];
    const before = (await asAdmin("get", ...at, "-o", "jsonpath={.data.mapRoles}")).stdout;
    const mapRoles = before.replace("viewer:{{SessionName}}", "edited");
    const patch = JSON.stringify({ data: { mapRoles } });
    expect((await asAdmin("patch", ...at, "--type=merge", "-p", patch)).stderr).toBe("");
    await until(async () => {
      expect(await whoami()).toMatch(/^Username +edited$/m);
    });
    expect((await asAdmin("delete", ...at)).stderr).toBe("");
    await until(async () => {
      expect((await kubectl("get", "ns")).stderr).toContain("Unauthorized");
    });
  });
});

describe.skipIf(!assets || !kubectlPath)(
  "its life and its end (needs KUBEBUILDER_ASSETS, and kubectl)",
  () => {
    it("starts what has ended again, and aws-auth is still followed", async () => {
      const sandbox = await startSandboxProcess();
      const folder = folderOf(sandbox);
      const kubectl = (...args: string[]): Promise<Outcome> => run(kubectlPath ?? "", args, sandbox.env);
      const asAdmin = (...args: string[]): Promise<Outcome> => kubectl("--context", "demo-admin", ...args);
      const before = pids(folder);
      process.kill(before["kube-apiserver"] ?? 0, "SIGKILL");
      await until(async () => {
        expect(pids(folder)["kube-apiserver"]).not.toBe(before["kube-apiserver"]);
        expect((await kubectl("get", "ns")).code).toBe(0);
      });
      const mapRoles = "- rolearn: arn:aws:iam::111122223333:role/eks-read-only\n  username: edited\n";
      const patch = JSON.stringify({ data: { mapRoles } });
      const patched = await asAdmin(
        "patch",
        "cm",
        "aws-auth",
        "-n",
        "kube-system",
        "--type=merge",
        "-p",
        patch,
      );
      expect(patched.stderr).toBe("");
      await until(async () => {
        expect((await kubectl("auth", "whoami")).stdout).toMatch(/^Username +edited$/m);
      });
      await sandbox.stop();
      expect(leftOf({ ...before }, folder)).toEqual([]);
    });

    it("Ctrl-C leaves no process and no folder, though a watch is open", async () => {
      const sandbox = await startSandboxProcess();
      const folder = folderOf(sandbox);
      const programs = pids(folder);
      expect(Object.keys(programs)).toEqual(["etcd", "kube-apiserver"]);
      const watching = run(kubectlPath ?? "", ["get", "ns", "-w"], sandbox.env);
      await until(() => {
        expect(sandbox.output()).toMatch(
          /GET \/api\/v1\/namespaces — viewer:\w+\n(.*\n)*.*GET \/api\/v1\/namespaces/,
        );
      });
      expect(await sandbox.stop()).toBe(0);
      expect(leftOf(programs, folder)).toEqual([]);
      expect(existsSync(folder)).toBe(false);
      await watching;
    });

    it("kill -9 leaves no process and no folder", async () => {
      const sandbox = await startSandboxProcess();
      const folder = folderOf(sandbox);
      const programs = pids(folder);
      expect(leftOf(programs, folder)).toHaveLength(5);
      sandbox.process.kill("SIGKILL");
      await until(() => {
        expect(leftOf(programs, folder)).toEqual([]);
        expect(existsSync(folder)).toBe(false);
      });
    });

    it("of several clusters, each its own; kill -9 leaves no process and no folder", async () => {
      const sandbox = await startSandboxProcess(["--cluster-name=a", "--cluster-name=b"]);
      const folder = folderOf(sandbox);
      const kubectl = (...args: string[]): Promise<Outcome> => run(kubectlPath ?? "", args, sandbox.env);
      expect((await kubectl("--context=a-admin", "create", "ns", "only-in-a")).code).toBe(0);
      expect((await kubectl("--context=a", "get", "ns", "-o", "name")).stdout).toContain("only-in-a");
      expect((await kubectl("--context=b", "get", "ns", "-o", "name")).stdout).not.toContain("only-in-a");
      const programs = Object.fromEntries(
        ["a", "b"].flatMap((name) =>
          Object.entries(pids(folder, `control-plane-${name}`)).map(([each, pid]) => [name + each, pid]),
        ),
      );
      expect(Object.keys(programs)).toHaveLength(4);
      sandbox.process.kill("SIGKILL");
      await until(() => {
        expect(leftOf(programs, folder)).toEqual([]);
        expect(existsSync(folder)).toBe(false);
      });
    });

    it("takes another port when somebody was quicker", async () => {
      const taken = createServer().listen(0, "127.0.0.1");
      onTestFinished(() => {
        taken.close();
      });
      await until(() => {
        expect(taken.listening).toBe(true);
      });
      const address = taken.address();
      const port = typeof address === "object" ? address?.port : undefined;
      const onTaken = `for flag; do case $flag in --secure-port=*) flag=--secure-port=${String(port)};; esac; set -- "$@" "$flag"; shift; done`;
      const folder = standIns({
        etcd: `exec ${assets ?? ""}/etcd "$@"`,
        "kube-apiserver": `if mkdir "\${0%/*}/first" 2>/dev/null; then ${onTaken}; fi; exec ${assets ?? ""}/kube-apiserver "$@"`,
      });
      const sandbox = await startSandboxProcess([], program, { KUBEBUILDER_ASSETS: folder });
      expect(readdirSync(folder)).toContain("first");
      const log = readFileSync(join(folderOf(sandbox), "control-plane", "kube-apiserver.log"), "utf8");
      expect(log).toContain("address already in use");
      expect((await run(kubectlPath ?? "", ["get", "ns"], sandbox.env)).code).toBe(0);
      await sandbox.stop();
    });

    it("names the program that does not start", async () => {
      const home = emptyHome();
      const folder = standIns({
        etcd: `exec ${assets ?? ""}/etcd "$@"`,
        "kube-apiserver": `exec ${assets ?? ""}/kube-apiserver "$@" --no-such-flag`,
      });
      const env = { ...cleanEnvironment(home), KUBEBUILDER_ASSETS: folder };
      const { code, stderr } = await run(...started(program, ["sandbox"]), env);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /kube-apiserver ended with code 1 .*\(SANDBOX_CONTROL_PLANE_FAILED\)\n.*unknown flag: --no-such-flag/,
      );
      expect(readdirSync(home)).toEqual([]);
    });
  },
);
