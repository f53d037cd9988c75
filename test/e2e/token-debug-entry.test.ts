/** What kubectl meets when it starts our own entry, and `token debug` has to report before kubectl does. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { iam, openCloud, type Cloud } from "./debug-cloud.ts";
import { Debugging, type SetUp, type DebugRun } from "./debug-run.ts";
import { install, type Installation } from "./plugin.ts";
import { noNode, started } from "../program-under-test.ts";

let installation: Installation;
let cloud: Cloud;
let debugging: Debugging;
/** The shell's tools without Node. */
let tools: string;

beforeAll(async () => {
  installation = install();
  cloud = await openCloud();
  debugging = new Debugging(cloud, installation.program);
  const mapRoles = `- rolearn: ${iam("eks-read-only")}\n  username: viewer\n  groups: [eks-x509:viewers]\n`;
  await cloud.addCluster({ name: "demo", awsAuth: { mapRoles } });
  tools = folder("tools");
  for (const name of ["sh", "readlink", "env"])
    symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(tools, name));
});

afterAll(async () => {
  await cloud.close();
  installation.remove();
});

function folder(name: string): string {
  const path = join(cloud.folder, name);
  mkdirSync(path);
  return path;
}

/** Our own entry with more in its env, which replaces the caller's. */
function withEnv(env: Readonly<Record<string, string>>, more: Readonly<Record<string, unknown>> = {}): SetUp {
  const own = { AWS_CA_BUNDLE: cloud.caFile, ...env };
  return { exec: { ...more, env: Object.entries(own).map(([name, value]) => ({ name, value })) } };
}

function script(path: string, text: string): string {
  writeFileSync(path, text, { mode: 0o700 });
  return path;
}

/** The folder of a `node` that claims to be another version. */
function nodeOf(version: string): string {
  const path = folder(`node-${version}`);
  const hook = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
  const preload = script(join(path, "hook.js"), hook);
  script(join(path, "node"), `#!/bin/sh\nexec '${process.execPath}' --require '${preload}' "$@"\n`);
  return path;
}

const plugin = ({ report }: DebugRun) => report.hops.find(({ name }) => name === "plugin");

describe.skipIf(noNode)("our own entry, which no node can start", () => {
  it("without node on the entry's PATH, and none beside it", async () => {
    const outcome = await debugging.look(withEnv({ PATH: tools }));
    expect(outcome.way).toBe("✓✓✗––––––––––––");
    expect(outcome.failed).toMatchObject([{ name: "plugin", code: "PLUGIN_INTERPRETER_MISSING" }]);
    expect(outcome.report.verdict).toBe("refused");
  });

  it("by an older installation, whose first line is env node", async () => {
    const older = folder("older");
    const command = script(join(older, "eks-x509"), "#!/usr/bin/env node\nconsole.log(1)\n");
    const outcome = await debugging.look(withEnv({ PATH: older }, { command }));
    expect(outcome.failed).toMatchObject([{ name: "plugin", code: "PLUGIN_INTERPRETER_MISSING" }]);
    expect(outcome.failed[0]?.detail).toMatch(/env: .*node/);
  });

  it.each(["14.21.3", "18.20.8", "20.18.0"])("by Node %s", async (version) => {
    const outcome = await debugging.look(withEnv({ PATH: `${nodeOf(version)}:${tools}` }));
    expect(outcome.failed).toMatchObject([{ name: "plugin", code: "PLUGIN_NODE_TOO_OLD" }]);
    expect(outcome.failed[0]?.detail).toContain(
      `needs Node 20.19; this is ${version} at ${process.execPath}`,
    );
  });
});

describe("our own entry, which cannot be started", () => {
  it("with a CA that no environment variable holds", async () => {
    const pem = cloud.ca.repeat(Math.ceil(220_000 / cloud.ca.length));
    const server = { "certificate-authority-data": Buffer.from(pem).toString("base64") };
    const outcome = await debugging.look({ server, exec: { provideClusterInfo: true } });
    expect(outcome.report.verdict).toBe("refused");
    expect(["PLUGIN_ARGUMENTS_TOO_LONG", "EXEC_INFO_INVALID"]).toContain(outcome.failed[0]?.code);
    expect((await debugging.look({ server })).report.verdict).toBe("accepted");
  });

  it("with an extension that no environment variable holds", async () => {
    const extension = { "cluster-name": "demo", more: "x".repeat(400_000) };
    const server = { extensions: [{ name: "client.authentication.k8s.io/exec", extension }] };
    const outcome = await debugging.look({ server, exec: { provideClusterInfo: true } });
    expect(outcome.report.verdict).toBe("refused");
    expect(outcome.failed.map(({ code }) => code)).toContain("PLUGIN_ARGUMENTS_TOO_LONG");
  });

  it("with arguments that are too long for the system", async () => {
    const long = `--role-session-name=${"x".repeat(140_000)}`;
    const args = ["get-token", ...debugging.flags({}), long, "--role-session-name=alice"];
    const outcome = await debugging.look({ exec: { args } });
    expect(outcome.failed).toMatchObject([{ name: "plugin", code: "PLUGIN_ARGUMENTS_TOO_LONG" }]);
  });
});

describe("our own entry is judged as kubectl finds it", () => {
  it("with -- at its end, which get-token passes over", async () => {
    const args = ["get-token", ...debugging.flags({}), "--"];
    expect((await debugging.look({ exec: { args } })).report.verdict).toBe("accepted");
  });

  it("with a version that get-token refuses", async () => {
    const outcome = await debugging.look({ flags: { "exec-api-version": "v2" } });
    expect(outcome.failed[0]).toMatchObject({ name: "configuration", code: "EXEC_API_VERSION_INVALID" });
    expect(outcome.report.verdict).toBe("refused");
  });
});

describe("our own entry, which a client that a desktop starts cannot run", () => {
  it("found by name in a folder of the terminal's PATH", async () => {
    const bin = folder("login bin");
    symlinkSync(installation.program, join(bin, "eks-x509"));
    const outcome = await debugging.look({
      exec: { command: "eks-x509" },
      env: { PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin` },
    });
    expect(outcome.report.verdict).toBe("accepted");
    expect(plugin(outcome)).toMatchObject({ status: "warning", code: "PLUGIN_PATH_OF_SHELL" });
    expect(plugin(outcome)?.hint).toContain(join(bin, "eks-x509"));
  });

  it("is no warning for a path", async () => {
    expect(plugin(await debugging.look({}))).toMatchObject({ status: "ok" });
  });
});

describe("an entry whose env loads code into the plugin", () => {
  it.each(["NODE_OPTIONS", "LD_PRELOAD"])("%s is a warning, and its value is not printed", async (name) => {
    const outcome = await debugging.look(withEnv({ [name]: "", LANG: "C" }));
    expect(plugin(outcome), "empty").toMatchObject({ status: "ok" });
    const value = name === "NODE_OPTIONS" ? "--max-old-space-size=397" : "/nowhere/397";
    const warned = await debugging.look(withEnv({ [name]: value }));
    expect(plugin(warned)).toMatchObject({ status: "warning", code: "PLUGIN_ENV_LOADS_CODE" });
    expect(warned.text.stdout).toContain(name);
    const printed = warned.text.stdout + warned.json.stdout;
    for (const part of ["max-old-space", "=397", "/397", "nowhere"]) expect(printed).not.toContain(part);
  });

  it("of another tool, too", async () => {
    const command = cloud.input("tool", "#!/bin/sh\nexit 1\n", 0o700);
    const outcome = await debugging.look({
      exec: { command, args: [], env: [{ name: "PYTHONPATH", value: "/x" }] },
    });
    expect(outcome.failed).toMatchObject([{ name: "plugin", code: "PLUGIN_FAILED" }]);
  });
});

describe("a signal", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s ends a plugin that is deaf to it, and then this",
    async (signal) => {
      const bin = folder(`deaf-${signal}`);
      const pidFile = join(bin, "pid");
      const body = `trap '' INT TERM HUP\necho $$ > '${pidFile}.new' && mv '${pidFile}.new' '${pidFile}'\nwhile :; do sleep 1; done\n`;
      const command = script(join(bin, "tool"), `#!/bin/sh\n${body}`);
      const kubeconfig = join(bin, "kubeconfig");
      writeFileSync(kubeconfig, JSON.stringify(debugging.kubeconfig({ exec: { command, args: [] } })));
      const args = ["token", "debug", "--kubeconfig", kubeconfig];
      const child = spawn(...started(installation.program, args), {
        stdio: "ignore",
        env: { PATH: process.env["PATH"] },
      });
      const ended = new Promise((resolve) =>
        child.on("exit", (_code, how) => {
          resolve(how);
        }),
      );
      while (!existsSync(pidFile)) await new Promise((resolve) => setTimeout(resolve, 10));
      child.kill(signal);
      expect(await ended).toBe(signal);
      expect(existsSync(`/proc/${readFileSync(pidFile, "utf8").trim()}`)).toBe(false);
    },
  );

  it.skipIf(noNode)(
    "ends this at once, with no listener in the way, while a server does not answer",
    async () => {
      const listeners = new Set<string>();
      const hook = script(
        join(folder("listeners"), "hook.js"),
        `for (const name of ["on", "addListener", "once"]) { const was = process[name]; process[name] = function (event, ...rest) { if (/^SIG/.test(event)) require("fs").writeSync(2, event + "\\n"); return was.call(this, event, ...rest); }; }`,
      );
      const server = createServer(() => undefined).listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      const kubeconfig = join(dirname(hook), "kubeconfig");
      const flags = { endpoint: `http://127.0.0.1:${port}` };
      writeFileSync(kubeconfig, JSON.stringify(debugging.kubeconfig({ flags })));
      const child = spawn(
        process.execPath,
        ["--require", hook, installation.program, "token", "debug", "--kubeconfig", kubeconfig],
        { stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env["PATH"] } },
      );
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        for (const name of text.split("\n").filter(Boolean)) listeners.add(name);
      });
      const ended = once(child, "exit");
      await once(server, "request");
      child.kill("SIGTERM");
      expect(await ended).toEqual([null, "SIGTERM"]);
      server.close();
      // Only while the entry's program was started.
      expect([...listeners].sort()).toEqual(["SIGHUP", "SIGINT", "SIGTERM"]);
    },
  );
});
