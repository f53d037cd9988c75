/** bin/eks-x509 where Node is not on PATH, as for clients that a desktop starts, and where it is too old. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Linter } from "eslint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromJson } from "../json.ts";
import { matching } from "../matching.ts";
import { install, type Installation } from "./plugin.ts";
import { run } from "./sandbox-process.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const launchers = ["eks-x509", "kubectl_complete-eks_x509"];

/** A folder with the shell's own tools and no Node: what a desktop's PATH is like. */
let tools: string;
let installation: Installation;
let folder: string;

beforeAll(() => {
  installation = install();
  folder = mkdtempSync(join(tmpdir(), "eks-x509 launcher's-"));
  tools = join(folder, "tools");
  mkdirSync(tools);
  for (const name of ["sh", "readlink"])
    symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(tools, name));
});

afterAll(() => {
  installation.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** As npm installs globally: PREFIX/bin/NAME leads to PREFIX/lib/node_modules/eks-x509/bin/NAME. */
function prefixWith(name: string): string {
  const prefix = join(folder, name);
  const target = join(prefix, "lib/node_modules/eks-x509");
  mkdirSync(dirname(target), { recursive: true });
  cpSync(installation.folder, target, { recursive: true });
  mkdirSync(join(prefix, "bin"));
  for (const launcher of launchers)
    symlinkSync(`../lib/node_modules/eks-x509/bin/${launcher}`, join(prefix, "bin", launcher));
  symlinkSync("../lib/node_modules/eks-x509/bin/eks-x509", join(prefix, "bin/kubectl-eks_x509"));
  return prefix;
}

function withNode(at: string): string {
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(process.execPath, at);
  return at;
}

const version = { code: 0, stdout: matching(/^\d+\.\d+\.\d+\n$/), stderr: "" };

describe("without node on PATH", () => {
  it("finds the one in the same prefix, under each of its names and through links", async () => {
    const prefix = prefixWith("same prefix");
    withNode(join(prefix, "bin/node"));
    const home = join(folder, "home bin");
    mkdirSync(home);
    symlinkSync(join(prefix, "bin/eks-x509"), join(home, "first"));
    symlinkSync("first", join(home, "second"));
    const programs = ["bin/eks-x509", "bin/kubectl-eks_x509", "lib/node_modules/eks-x509/bin/eks-x509"];
    for (const program of [...programs.map((path) => join(prefix, path)), join(home, "second")])
      expect(await run(program, ["--version"], { PATH: tools }), program).toEqual(version);
  });

  it("finds the one beside it", async () => {
    const bin = join(folder, "beside");
    mkdirSync(bin);
    withNode(join(bin, "node"));
    symlinkSync(installation.program, join(bin, "eks-x509"));
    expect(await run(join(bin, "eks-x509"), ["--version"], { PATH: tools })).toEqual(version);
    expect(await run("./eks-x509", ["--version"], { PATH: tools }, bin)).toEqual(version);
    expect(await run("eks-x509", ["--version"], { PATH: `${tools}:${bin}` })).toEqual(version);
  });

  it("says in one line that there is none", async () => {
    const { code, stdout, stderr } = await run(installation.program, ["--version"], { PATH: tools });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      `eks-x509: needs Node 20.19; there is no node on PATH (${tools}) or beside ${installation.program}\n`,
    );
  });

  it.each([
    ["a control character", "\u001b]0;title\u0007"],
    ["a line break", "\n"],
  ])("prints no path with %s", async (_, character) => {
    const { stderr } = await run(installation.program, [], { PATH: `${tools}:/${character}` });
    expect(stderr).toBe("eks-x509: needs Node 20.19; there is no node on PATH or beside this program\n");
  });

  it("prints a backslash in a path as it is", async () => {
    const { stderr } = await run(installation.program, [], { PATH: `${tools}:/\\033[1m` });
    expect(stderr).toContain(`(${tools}:/\\033[1m)`);
  });

  it("completes for kubectl", async () => {
    const prefix = prefixWith("completing");
    withNode(join(prefix, "bin/node"));
    const completion = join(prefix, "bin/kubectl_complete-eks_x509");
    const { code, stdout } = await run(completion, ["get-tok"], { PATH: tools });
    expect({ code, first: stdout.split("\n", 1)[0] }).toEqual({
      code: 0,
      first: matching(/^get-token/),
    });
  });
});

describe("with node on PATH", () => {
  it("prefers it to the one beside", async () => {
    const bin = join(folder, "another");
    mkdirSync(bin);
    writeFileSync(join(bin, "node"), "#!/bin/sh\necho the wrong one\n", { mode: 0o755 });
    symlinkSync(installation.program, join(bin, "eks-x509"));
    const PATH = `${dirname(process.execPath)}:${tools}`;
    expect(await run(join(bin, "eks-x509"), ["--version"], { PATH })).toEqual(version);
  });

  it("hands over each argument as it is", async () => {
    const args = ["", "a b", "*", "$HOME", "`id`", "line\nbreak", "-e", "*/"];
    const hook = join(folder, "args.js");
    writeFileSync(hook, "console.log(JSON.stringify(process.argv.slice(2))); process.exit(0);");
    const env = { PATH: process.env["PATH"] ?? "", NODE_OPTIONS: `--require=${JSON.stringify(hook)}` };
    const { stdout } = await run(installation.program, args, env);
    expect(fromJson<string[]>(stdout)).toEqual(args);
  });

  it("leaves no shell behind: the process that kubectl started is Node", async () => {
    const hook = join(folder, "parent.js");
    writeFileSync(hook, "console.log(process.ppid); process.exit(0);");
    const env = { PATH: process.env["PATH"] ?? "", NODE_OPTIONS: `--require=${JSON.stringify(hook)}` };
    expect((await run(installation.program, [], env)).stdout).toBe(`${process.pid}\n`);
  });
});

/** Real ones, where somebody has put them: FOLDER/14/node, FOLDER/18/node. */
const oldNodes = process.env["OLD_NODES"] ?? "";

describe("a Node that is too old", () => {
  it.each(["0.10.48", "12.22.12", "14.21.3", "18.20.8", "20.18.3", "20.9.0"])(
    "%s gets one line, and loads nothing else",
    async (old) => {
      const hook = join(folder, `node-${old}.js`);
      writeFileSync(
        hook,
        `Object.defineProperty(process.versions, "node", { value: "${old}" });
        process.on("exit", () => { if (Object.keys(require.cache).some((file) => /dist/.test(file))) console.log("loaded"); });`,
      );
      const env = { PATH: process.env["PATH"] ?? "", NODE_OPTIONS: `--require=${JSON.stringify(hook)}` };
      const { code, stdout, stderr } = await run(installation.program, ["get-token"], env);
      expect({ code, stdout, stderr }).toEqual({
        code: 1,
        stdout: "",
        stderr: `eks-x509: needs Node 20.19; this is ${old} at ${process.execPath}\n`,
      });
    },
  );

  it("prints the path of that Node without control characters", async () => {
    const hook = join(folder, "hook-of-a-path.js");
    writeFileSync(
      hook,
      'Object.defineProperty(process.versions, "node", { value: "18.0.0" }); process.execPath = "/a\\u001b[1m\\n/node";',
    );
    const env = { PATH: process.env["PATH"] ?? "", NODE_OPTIONS: `--require=${JSON.stringify(hook)}` };
    const { stderr } = await run(installation.program, ["get-token"], env);
    expect(stderr).toBe("eks-x509: needs Node 20.19; this is 18.0.0 at /a?[1m?/node\n");
  });

  it.runIf(existsSync(oldNodes)).each(["12", "14", "18"])("%s itself says so", async (major) => {
    const node = realpathSync(join(oldNodes, major, "node"));
    for (const launcher of launchers) {
      const { code, stdout, stderr } = await run(node, [join(installation.folder, "bin", launcher)], {});
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(
        new RegExp(`^eks-x509: needs Node 20\\.19; this is ${major}\\.[\\d.]+ at ${node}\n$`),
      );
    }
  });

  it.each(launchers)("can read bin/%s: its JavaScript is that of 2009", (launcher) => {
    const text = readFileSync(join(repository, "bin", launcher), "utf8");
    const languageOptions = { ecmaVersion: 5, sourceType: "commonjs" } as const;
    expect(new Linter().verify(text, { languageOptions })).toEqual([]);
  });

  it("is what package.json says", () => {
    const { engines } = fromJson<{ engines: { node: string } }>(
      readFileSync(join(repository, "package.json"), "utf8"),
    );
    expect(engines.node).toBe(">=20.19");
  });
});
