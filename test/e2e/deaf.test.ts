/** Whatever the environment and the folders say, `eks-x509` runs eks-x509: the variables and files of its runtime are planted. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  reworded,
  silenced,
  silencedOptions,
  silencedWhereRead,
  trusted,
} from "../../scripts/executable/silence.js";
import { version } from "../../src/foundation/version.ts";
import { executable, noExecutable } from "../program-under-test.ts";
import { folder as filesOfCalls } from "./program.ts";
import { getToken } from "./world.ts";

const folder = mkdtempSync(join(tmpdir(), "eks-x509-deaf-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const mark = join(folder, "ran");
/** Code that leaves a file behind if it runs. */
const code = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, ""); console.log("planted");`;
const planted = put(folder, "planted.js", code);
const home = plant("home");
const cwd = plant("cwd");

function put(place: string, name: string, text: string): string {
  const path = join(place, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Files that runtimes look for in the current folder and in the home. */
function plant(name: string): string {
  const place = join(folder, name);
  const settings = `preload = [${JSON.stringify(planted)}]\n`;
  for (const file of ["bunfig.toml", ".bunfig.toml", ".config/.bunfig.toml"]) put(place, file, settings);
  for (const file of [".env", ".env.local", ".env.production"])
    put(place, file, `BUN_OPTIONS=--preload=${planted}\nEKS_X509_REGION=planted\n`);
  const imports = { "#a": "./planted.js" };
  put(place, "package.json", JSON.stringify({ type: "module", imports, bun: { preload: [planted] } }));
  put(
    place,
    "tsconfig.json",
    JSON.stringify({ compilerOptions: { paths: { "*": [planted] }, jsx: "react" } }),
  );
  put(place, "planted.js", code);
  for (const module of ["keytar", "@napi-rs/keyring", "yargs", "koffi", "node:fs", "fs", "path", "rolldown"])
    put(place, `node_modules/${module}/index.js`, code);
  return place;
}

const overrides = put(folder, "overrides", "override !@#$\n{ }\nwith !@#$\n{ }\n");
const away = join(folder, "written");
/** Values by which a variable would have an effect. */
const flags = [`--preload=${planted}`, `--require=${planted}`, `--import=${planted}`, `-e "${code}"`];
const values: Record<string, readonly string[]> = {
  BUN_BE_BUN: ["1"],
  BUN_OPTIONS: flags,
  BUN_INSPECT: ["127.0.0.1:0?break=1", "1"],
  BUN_INSPECT_CONNECT_TO: ["127.0.0.1:1"],
  BUN_INSPECT_NOTIFY: [`unix://${away}`],
  NODE_OPTIONS: flags,
  NODE_PATH: [join(home, "node_modules")],
  NODE_CHANNEL_FD: ["1", "3"],
  NODE_REPL_EXTERNAL_MODULE: [planted],
  NODE_V8_COVERAGE: [away],
  NODE_COMPILE_CACHE: [away],
  NODE_TLS_REJECT_UNAUTHORIZED: ["1"],
  NODE_UNIQUE_ID: ["1"],
  NODE_ICU_DATA: [away],
  NODE_REDIRECT_WARNINGS: [away],
  OPENSSL_CONF: [planted],
  OPENSSL_MODULES: [folder],
  DENO_DIR: [folder],
  JSC_SIGNAL_FOR_GC: ["0"],
  SIMDUTF_FORCE_IMPLEMENTATION: ["none"],
  WTF_numberOfProcessorCores: ["none"],
};
/** By which the runtime prints texts of its own or does not start. Where there is a front, it removes them. */
const removed: readonly (readonly [string, string])[] = [
  ["NODE_ENV", "\\"],
  ["NODE_ENV", "a\nb"],
  ["MIMALLOC_VERBOSE", "1"],
  ["mimalloc_limit_os_alloc", "1"],
];

const variables = [...new Set([...silenced, ...silencedWhereRead, ...Object.keys(values)])].flatMap((name) =>
  (values[name] ?? [name.endsWith("PRELOAD") ? planted : away]).map((value) => [name, value] as const),
);

function run(program: string, env: Readonly<Record<string, string>>, args = ["--version"]) {
  const usual = {
    PATH: process.env["PATH"],
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    TMPDIR: folder,
  };
  const { status, stdout, stderr } = spawnSync(program, args, {
    ...{ cwd, encoding: "utf8", timeout: 60_000, input: code },
    env: { ...usual, ...env },
  });
  expect(existsSync(mark), stdout + stderr).toBe(false);
  expect(existsSync(away)).toBe(false);
  return { status, stdout, stderr };
}

const own = { status: 0, stdout: `${version}\n`, stderr: "" };
/** The front, and the full program without it. */
const programs = [executable ?? "", join(dirname(executable ?? ""), "libexec", "eks-x509")].filter(
  existsSync,
);

describe.skipIf(noExecutable).each(programs)("%s", (program) => {
  it.each(variables)("does not obey %s=%s", (name, value) => {
    expect(run(program, { [name]: value })).toEqual(own);
  });

  it("contacts the same server with each of them", () => {
    const settings = { AWS_MAX_ATTEMPTS: "1", EKS_X509_CACHE: "none", XDG_RUNTIME_DIR: filesOfCalls };
    const call = (env: Readonly<Record<string, string>>) => run(program, { ...settings, ...env }, getToken());
    const usual = call({});
    expect(usual).toMatchObject({ status: 4, stdout: "" });
    for (const [name, value] of variables) expect(call({ [name]: value }), name).toEqual(usual);
  });

  it.skipIf(programs.length === 1 || program !== programs[0]).each(removed)(
    "does not hand on %s=%j",
    (name, value) => {
      expect(run(program, { [name]: value })).toEqual(own);
    },
  );

  it("takes no code from a file in the current folder or the home", () => {
    expect(run(program, {})).toEqual(own);
    const { status, stderr } = run(program, {}, ["get-token", "--cache=keytar", "--verbose"]);
    expect(status).toBe(2);
    expect(stderr).not.toContain("planted");
  });

  it("is no other program under another name, and takes no flags of a runtime", () => {
    for (const args of [["-e", code], ["run", planted], [planted], ["--preload", planted, "--version"]])
      expect(run(program, {}, args).stdout).not.toContain("planted");
  });

  it.each(silencedOptions)("runs nothing else with the engine's option %s", (option) => {
    // The engine refuses an option that it does not know, and the front removes the variable.
    const { stdout } = run(program, { [`BUN_JSC_${option}`]: overrides });
    expect(["", own.stdout]).toContain(stdout);
    if (program === programs[0] && programs.length > 1) expect(stdout).toBe(own.stdout);
  });
});

describe.skipIf(noExecutable)("the variables that the runtime reads", () => {
  it("are all reviewed", () => {
    const reviewed = readFileSync(join(import.meta.dirname, "runtime-variables.txt"), "utf8");
    const known = new Set(reviewed.split("\n").filter((line) => line !== "" && !line.startsWith("#")));
    const file = programs.at(-1) ?? "";
    const text = readFileSync(file).toString("latin1");
    // Names stand between NUL bytes, or one after another without anything between them.
    const runs = [...text.matchAll(/(?:BUN|NODE)_[A-Z0-9_]{3,}/g)];
    const found = new Set(runs.flatMap(([run]) => run.split(/(?=BUN_|NODE_)/)));
    expect([...found].filter((name) => !known.has(name)).sort()).toEqual([]);
  });

  it("and its last words send nobody to the project of the runtime", () => {
    const text = readFileSync(programs.at(-1) ?? "").toString("latin1");
    for (const [theirs] of reworded) expect(text.includes(theirs), theirs).toBe(false);
  });

  it("and its TLS library trusts no certificates of the system beside Node's", () => {
    const text = readFileSync(programs.at(-1) ?? "").toString("latin1");
    for (const path of trusted) expect(text.includes(`\0\0${path.slice(1)}\0`), path).toBe(true);
  });

  it("leave nothing in the temporary folder", () => {
    expect(readdirSync(folder).sort()).toEqual(["cwd", "home", "overrides", "planted.js"]);
  });
});
