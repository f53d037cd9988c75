/** Whatever becomes of the sandbox, what it has started ends. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startGuard } from "../../src/sandbox/guard.ts";
import { leftOf, pids } from "./cluster/control-plane/processes.ts";
import { until } from "../until.ts";

let sandboxFolder: string;
let folder: string;

beforeEach(() => {
  sandboxFolder = mkdtempSync(join(tmpdir(), "guard-test-"));
  folder = join(sandboxFolder, "control-plane");
  mkdirSync(folder);
});

afterEach(() => {
  rmSync(sandboxFolder, { recursive: true, force: true });
});

const shell = (script: string): string[] => ["/bin/sh", "-c", script];

async function running(names: readonly string[]): Promise<Readonly<Record<string, number>>> {
  return until(() => {
    expect(Object.keys(pids(sandboxFolder))).toEqual(names);
    return pids(sandboxFolder);
  });
}

describe("a guard", () => {
  it("returns a program's exit code, and keeps its output", async () => {
    const guard = startGuard(sandboxFolder);
    expect(await guard.run("control-plane/one", shell("echo said; echo so >&2; exit 7"))).toBe(7);
    expect(await guard.run("control-plane/one", shell("kill -KILL $$"))).toBe(128 + 9);
    expect(readFileSync(join(folder, "one.log"), "utf8")).toBe("said\nso\n");
    await guard.close();
    expect(existsSync(folder)).toBe(true);
  });

  it("hands arguments over as they are, and nothing of the environment but PATH", async () => {
    const guard = startGuard(sandboxFolder);
    await guard.run("control-plane/one", [
      "/bin/sh",
      "-c",
      'printf "%s|" "$@"; env',
      "sh",
      "it's",
      "$HOME `id`\n",
      "",
      "a b",
    ]);
    await guard.close();
    const said = readFileSync(join(folder, "one.log"), "utf8");
    expect(said.startsWith("it's|$HOME `id`\n||a b|")).toBe(true);
    expect(said).toContain("PATH=");
    expect(said).not.toMatch(/(HOME|VITEST)=/);
  });

  it("ends the last first, by TERM", async () => {
    const guard = startGuard(sandboxFolder);
    const script = (name: string): string[] =>
      shell(`trap 'echo ${name} >>ended; exit 0' TERM; : >${name}.trap; while :; do sleep 0.05; done`);
    const ended = [
      guard.run("control-plane/one", script("one")),
      guard.run("control-plane/two", script("two")),
    ];
    const programs = await running(["one", "two"]);
    await until(() => ["one", "two"].every((name) => existsSync(join(folder, `${name}.trap`))));
    await guard.close();
    expect(await Promise.all(ended)).toEqual([0, 0]);
    expect(readFileSync(join(folder, "ended"), "utf8")).toBe("two\none\n");
    expect(leftOf(programs, sandboxFolder)).toEqual([]);
  });

  it("ends by KILL what does not heed TERM", async () => {
    const guard = startGuard(sandboxFolder, 2);
    const ended = guard.run(
      "control-plane/deaf",
      shell("trap '' TERM; : >trap; while :; do sleep 0.05; done"),
    );
    const programs = await running(["deaf"]);
    await until(() => existsSync(join(folder, "trap")));
    await guard.close();
    expect(await ended).toBe(128 + 9);
    expect(leftOf(programs, sandboxFolder)).toEqual([]);
  });

  it("that is itself killed has its programs ended by the sandbox", async () => {
    const guard = startGuard(sandboxFolder);
    const ended = guard.run("control-plane/one", ["/bin/sleep", "600"]);
    const programs = await running(["one"]);
    const shells = leftOf({}, sandboxFolder).map((line) => Number(line.trim().split(" ")[0]));
    for (const pid of shells) process.kill(pid, "SIGKILL");
    expect(await ended).not.toBe(0);
    await guard.close();
    await until(() => {
      expect(leftOf(programs, sandboxFolder)).toEqual([]);
    });
  });

  it("of a killed sandbox ends the programs in all folders, and removes the folder", async () => {
    const other = join(sandboxFolder, "control-plane-b");
    mkdirSync(other);
    const sandbox = await guardedProcess(`
      guard.run("control-plane/quick", ["/bin/sleep", "600"]);
      guard.run("control-plane-b/deaf", ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"]);`);
    const programs = await until(() => {
      const found = { ...pids(sandboxFolder), ...pids(sandboxFolder, "control-plane-b") };
      expect(Object.keys(found)).toEqual(["quick", "deaf"]);
      return found;
    });
    sandbox.kill("SIGKILL");
    await until(() => {
      expect(leftOf(programs, sandboxFolder)).toEqual([]);
      expect(existsSync(sandboxFolder)).toBe(false);
    });
  });

  it("of a killed sandbox without programs removes the folder", async () => {
    const sandbox = await guardedProcess("setInterval(() => undefined, 1000);");
    await until(() => {
      expect(leftOf({}, sandboxFolder)).toHaveLength(2);
    });
    sandbox.kill("SIGKILL");
    await until(() => {
      expect(leftOf({}, sandboxFolder)).toEqual([]);
      expect(existsSync(sandboxFolder)).toBe(false);
    });
  });

  /** A process that stands for the sandbox. */
  async function guardedProcess(body: string): Promise<ChildProcess> {
    const bundled = join(sandboxFolder, "guard.mjs");
    const input = fileURLToPath(new URL("../../src/sandbox/guard.ts", import.meta.url));
    await build({ input, platform: "node", write: true, output: { file: bundled, format: "esm" } });
    const script = `const { startGuard } = await import(process.argv[1]);
      const guard = startGuard(process.argv[2], 5);
      ${body}`;
    const args = ["--input-type=module", "-e", script, bundled, sandboxFolder];
    return spawn(process.execPath, args, { stdio: "ignore" });
  }
});
