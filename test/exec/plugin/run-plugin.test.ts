/** Programs as exec entries, really run; and their answers, judged beside a real kubectl's judgement. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Secrets } from "../../../src/foundation/secrets.ts";
import { EksX509Error } from "../../../src/foundation/errors.ts";
import { execOf } from "../../../src/kubeconfig/read/user.ts";
import { findExecutable } from "../../../src/exec/plugin/executable.ts";
import { plugins, type PluginOutcome, type PluginPorts } from "../../../src/exec/plugin/run-plugin.ts";
import { kubectls } from "../../e2e/sandbox-process.ts";
import { fromJson } from "../../json.ts";
import { exec, kubeconfigText, target } from "../../kubeconfig/read/kubeconfig-files.ts";
import { timeOutAfter } from "../../patience.ts";
import { programsIn, shell } from "./programs.ts";

const v1 = "client.authentication.k8s.io/v1";
const answer = (fields: object = {}) =>
  JSON.stringify({ apiVersion: v1, kind: "ExecCredential", status: { token: "t" }, ...fields });
const env = { PATH: process.env["PATH"], HOME: "/nowhere" };

/** Runs a script as the entry's command `tool`. */
async function run(
  script: string,
  fields: object = {},
  ports: Partial<PluginPorts> = {},
): Promise<PluginOutcome & { folder: string }> {
  const folder = programsIn({ tool: script });
  const command = join(folder, "tool");
  const { user, cluster, credential } = target({ user: { exec: { ...exec, args: [], command, ...fields } } });
  const entry = execOf(user, credential);
  const executable = await findExecutable(entry, { env, platform: "linux", program: "" });
  const outcome = await plugins.run(
    { entry, executable, cluster, certificateAuthority: undefined },
    {
      env,
      platform: "linux",
      interruptible: (work) => work(new AbortController().signal),
      secrets: new Secrets(),
      ...ports,
    },
  );
  return { ...outcome, folder };
}

function failureIn({ result }: PluginOutcome): EksX509Error {
  if (result instanceof EksX509Error) return result;
  expect.fail("it succeeded");
}

/** What a script was run with. */
const received = (name: string) => `> "\${0%/*}/received"; echo '${answer()}'; : "${name}"`;
const receivedIn = (folder: string) => readFileSync(join(folder, "received"), "utf8");

it.skipIf(process.platform !== "linux")(
  "a binary that the kernel does not run is not blamed for a shell's words",
  async () => {
    for (const text of ["\u007fELF\0\u0001", "\0exit 0\n", "\0echo hello\n"])
      expect(failureIn(await run(text))).toMatchObject({
        code: "PLUGIN_CANNOT_START",
        message: "tool cannot be started: exec format error",
      });
  },
);

describe("a plugin is run as client-go runs it", () => {
  it("and its credential goes on, with what it said and how long it took", async () => {
    const outcome = await run(shell(`echo Signing in >&2; echo '${answer()}'`));
    expect(outcome).toMatchObject({
      result: { token: "t", clientCertificate: undefined, expiration: undefined },
      stderr: ["Signing in"],
    });
    expect(outcome.duration).toBeGreaterThan(0);
  });

  it("with its args, and the name that the entry calls it by", async () => {
    const { folder } = await run(shell(`printf '%s\\n' "$@" ${received("args")}`), {
      args: ["a b", "$HOME", "", "'"],
    });
    expect(receivedIn(folder)).toBe("a b\n$HOME\n\n'\n");
  });

  it("with the caller's environment, the entry's over it, and KUBERNETES_EXEC_INFO over both", async () => {
    const entryEnv = [
      { name: "HOME", value: "/first" },
      { name: "HOME", value: "/last" },
      { name: "KUBERNETES_EXEC_INFO", value: "mine" },
      { name: "EMPTY", value: "" },
    ];
    const { folder } = await run(shell(`env ${received("env")}`), { env: entryEnv });
    const lines = receivedIn(folder).split("\n");
    expect(lines).toContain("HOME=/last");
    expect(lines).toContain("EMPTY=");
    expect(lines).toContain(`PATH=${env.PATH ?? ""}`);
    const info = lines.find((line) => line.startsWith("KUBERNETES_EXEC_INFO=")) ?? "";
    expect(fromJson(info.slice("KUBERNETES_EXEC_INFO=".length))).toEqual({
      kind: "ExecCredential",
      apiVersion: v1,
      spec: { interactive: false },
    });
  });

  it("with nothing on stdin", async () => {
    const { folder } = await run(shell(`cat ${received("stdin")}`), { interactiveMode: "IfAvailable" });
    expect(receivedIn(folder)).toBe("");
  });
});

describe("a plugin that fails is reported with its reason", () => {
  it("by its exit code and the last line of its stderr", async () => {
    const outcome = await run(shell("echo one >&2; echo The profile could not be found >&2; exit 253"));
    expect(failureIn(outcome)).toMatchObject({
      code: "PLUGIN_FAILED",
      hop: "plugin",
      message: "tool failed with exit code 253: The profile could not be found",
    });
    expect(outcome.stderr).toEqual(["one", "The profile could not be found"]);
  });

  it("without a secret, neither of the entry's env nor of its own", async () => {
    const outcome = await run(shell('echo "token $MY_TOKEN, k8s-aws-v1.abc refused" >&2; exit 1'), {
      env: [{ name: "MY_TOKEN", value: "hunter2" }],
    });
    expect(failureIn(outcome).message).toBe("tool failed with exit code 1: token …, … refused");
  });

  it.each([
    ["silent", "exit 3", {}, "PLUGIN_FAILED", "tool failed with exit code 3, and printed nothing on stderr"],
    ["killed", "kill -9 $$", {}, "PLUGIN_KILLED", "tool was ended by SIGKILL"],
    ["without an answer", "exit 0", {}, "PLUGIN_OUTPUT_EMPTY", "tool succeeded but printed nothing"],
    ["too talkative", "exec cat /dev/zero", {}, "PLUGIN_OUTPUT_TOO_LARGE", "tool printed more than 1 MiB"],
    [
      "asking for a terminal",
      "exit 0",
      { interactiveMode: "Always" },
      "PLUGIN_NEEDS_TERMINAL",
      "tool has interactiveMode Always, and stdin is not a terminal",
    ],
    [
      "given too much",
      "exit 0",
      { args: ["x".repeat(200_000)] },
      "PLUGIN_ARGUMENTS_TOO_LONG",
      "tool cannot be started: its arguments or environment exceed the limit of the system",
    ],
    [
      "given an argument that no program can be given",
      "exit 0",
      { args: ["a\0b"] },
      "PLUGIN_CANNOT_START",
      "tool cannot be started: the exec entry's args or env have a NUL character",
    ],
    [
      "given a variable that no program can be given",
      "exit 0",
      { env: [{ name: "A", value: "a\0b" }] },
      "PLUGIN_CANNOT_START",
      "tool cannot be started: the exec entry's args or env have a NUL character",
    ],
  ])("%s", async (_, script, fields, code, message) => {
    const failure = failureIn(await run(shell(script), fields));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
  });

  it("that finds no terminal", async () => {
    const outcome = await run(shell("read pin </dev/tty"), { interactiveMode: "Never" });
    expect(failureIn(outcome).code).toBe("PLUGIN_WANTS_TERMINAL");
  });

  it("by the reason, and not the hint, of an error like our own", async () => {
    const said = "echo 'eks-x509: no such command (USAGE)' >&2; echo '  See: eks-x509 --help' >&2; exit 2";
    expect(failureIn(await run(shell(said))).message).toBe(
      "tool failed with exit code 2: eks-x509: no such command (USAGE)",
    );
  });

  it("whose interpreter is not there", async () => {
    expect(failureIn(await run("#!/does/not/exist\n")).code).toBe("PLUGIN_INTERPRETER_MISSING");
  });

  it("that takes too long: it ends, with what it has started", async () => {
    const file = join(programsIn({}), "child");
    const script = `trap "" TERM; sleep 60 & echo $! >'${file}.new'; mv '${file}.new' '${file}'; wait; wait`;
    const outcome = await timeOutAfter(
      () => existsSync(file),
      300,
      () => run(shell(script), {}, { timeLimit: 300 }),
    );
    expect(failureIn(outcome)).toMatchObject({
      code: "PLUGIN_TIMED_OUT",
      message: "tool did not end within 0.3 seconds",
    });
    expect(isRunning(readFileSync(file, "utf8").trim())).toBe(false);
  });

  it("that will not end, or leaves its stdout to somebody out of reach: neither is waited for", async () => {
    const [deaf, handed] = await Promise.all([
      run(shell('trap "" TERM; sleep 60'), {}, { timeLimit: 100 }),
      // What has left the process group is not ours to end.
      run(shell("setsid sleep 5 & exit 0"), {}, { timeLimit: 100 }),
    ]);
    expect(failureIn(deaf).code).toBe("PLUGIN_TIMED_OUT");
    expect(failureIn(handed).code).toBe("PLUGIN_TIMED_OUT");
  });

  it("that leaves its stdout to somebody else: kubectl would wait", async () => {
    const outcome = await run(shell(`sleep 60 & echo '${answer()}'`), {}, { timeLimit: 300 });
    expect(failureIn(outcome).code).toBe("PLUGIN_TIMED_OUT");
  });

  it("that leaves its stderr to an agent: kubectl goes on at once, and the agent lives", async () => {
    const outcome = await run(
      shell(`sleep 60 </dev/null >/dev/null & echo $! > "\${0%/*}/agent"; echo said >&2; echo '${answer()}'`),
      {},
      { timeLimit: 60_000 },
    );
    expect(outcome).toMatchObject({ result: { token: "t" }, stderr: ["said"] });
    const agent = readFileSync(join(outcome.folder, "agent"), "utf8").trim();
    expect(isRunning(agent)).toBe(true);
    process.kill(Number(agent));
  });

  it("that is cancelled", async () => {
    const cancelling = new AbortController();
    const running = run(shell("exec sleep 60"), {}, { interruptible: (work) => work(cancelling.signal) });
    setTimeout(() => {
      cancelling.abort();
    }, 100);
    expect(failureIn(await running).code).toBe("PLUGIN_CANCELLED");
    const before = await run(
      shell("exec sleep 60"),
      {},
      { interruptible: (work) => work(AbortSignal.abort()) },
    );
    expect(failureIn(before).code).toBe("PLUGIN_CANCELLED");
  });
});

/** A zombie that nobody has waited for is none. */
function isRunning(pid: string): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
}

const kubectl = kubectls().find(({ path }) => path)?.path ?? "";

describe.skipIf(kubectl === "")("what a plugin prints, kubectl takes when this does", () => {
  const status = (fields: object) => answer({ status: { token: "t", ...fields } });
  it.each([
    answer(),
    answer({ kind: undefined }),
    answer({ kind: "Pod" }),
    answer({ kind: null }),
    answer({ apiVersion: undefined }),
    answer({ apiVersion: "client.authentication.k8s.io/v1alpha1" }),
    answer({ apiVersion: "client.authentication.k8s.io/v1beta1" }),
    answer({ spec: { interactive: "no" } }),
    answer({ status: null }),
    answer({ status: "t" }),
    answer({ Status: {} }),
    status({ token: 1 }),
    status({ token: "a\nb" }),
    status({ token: "é" }),
    status({ token: "a\u0001" }),
    status({ token: "a\u007f" }),
    status({ expirationTimestamp: null }),
    status({ expirationTimestamp: "2099-01-01T00:00:00" }),
    status({ expirationTimestamp: "2099-01-01T00:00:00.123456789+02:00" }),
    status({ expirationTimestamp: "2099-01-01t00:00:00z" }),
    status({ expirationTimestamp: "2099-02-30T00:00:00Z" }),
    status({ expirationTimestamp: "2099-01-01T24:00:00Z" }),
    status({ clientCertificateData: "c", clientKeyData: "k" }),
    "",
    "\n",
    "null",
    `text\n${answer()}`,
    `${answer()}\ntext`,
    `${answer()}${answer()}`,
    `\ufeff${answer()}`,
    `apiVersion: ${v1}\nkind: ExecCredential\nstatus:\n  token: t\n`,
    `apiVersion: ${v1}\nkind: ExecCredential\nstatus:\n  token: 5\n`,
    `# comment\n${answer()}`,
    answer({ status: { token: "one-two" } }).replace("-", "\n"),
    answer({ status: { token: "one-two" } }).replace("-", "\t"),
    'note: {"token": "t"}\n',
  ])("%j", async (stdout) => {
    const outcome = await run(shell('cat "$ANSWER"'), {
      env: [{ name: "ANSWER", value: answerFile(stdout) }],
    });
    const theirs = spawnSync(
      kubectl,
      ["get", "--raw", "/version", "--kubeconfig", kubeconfigFor(outcome.folder, stdout)],
      {
        env,
        encoding: "utf8",
      },
    );
    // Nobody listens there: a credential that kubectl takes brings it as far as the connection.
    expect(theirs.stderr).toMatch(/getting credentials|was refused|invalid header field/);
    expect(outcome.result instanceof EksX509Error ? outcome.result.code : "taken").toMatch(
      theirs.stderr.includes("was refused") ? /^taken$/ : /^PLUGIN_/,
    );
  });
});

function answerFile(stdout: string): string {
  const folder = programsIn({});
  writeFileSync(join(folder, "answer"), stdout);
  return join(folder, "answer");
}

function kubeconfigFor(folder: string, stdout: string): string {
  const entry = {
    ...exec,
    args: [],
    command: "./tool",
    env: [{ name: "ANSWER", value: answerFile(stdout) }],
  };
  const path = join(folder, "config");
  writeFileSync(path, kubeconfigText({ cluster: { server: "https://127.0.0.1:1" }, user: { exec: entry } }));
  return path;
}
