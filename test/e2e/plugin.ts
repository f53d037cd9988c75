/** The plugin as kubectl starts it: the kubeconfig's exec entry, run directly; and the sandbox that it talks to. */
import { spawn, type ChildProcess } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { fromJson } from "../json.ts";
import { executable, linkExecutable } from "../program-under-test.ts";
import { startSandboxProcess, type RunningSandbox } from "./sandbox-process.ts";

/** A copy of the program, with its native part: a build that runs meanwhile takes nothing away from a test. */
export interface Installation {
  folder: string;
  program: string;
  /** The native code of the keychain, or the folder that holds it. */
  nativeCode: string;
  remove: () => void;
}

/** @param path of the executable; without its front, where a test preloads code: the front is static */
export function install(path = executable): Installation {
  const repository = fileURLToPath(new URL("../..", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-installed-"));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  if (path !== undefined) {
    const installed = linkExecutable(path, folder);
    return { folder, program: installed, nativeCode: nativeCodeOf(installed), remove };
  }
  for (const part of ["bin", "dist", "package.json", ...nativePackages(repository)])
    cpSync(join(repository, part), join(folder, part), { recursive: true, dereference: true });
  return {
    folder,
    program: join(folder, "bin", "eks-x509"),
    nativeCode: join(folder, "node_modules"),
    remove,
  };
}

function nativeCodeOf(installed: string): string {
  const folders = [join(dirname(installed), "libexec"), dirname(installed)];
  const files = folders.filter(existsSync).flatMap((one) => readdirSync(one).map((name) => join(one, name)));
  return files.find((file) => basename(file).startsWith("keyring.")) ?? "";
}

function nativePackages(repository: string): string[] {
  return ["@napi-rs", "@koromix"]
    .map((name) => join("node_modules", name))
    .filter((scope) => existsSync(join(repository, scope)))
    .flatMap((scope) => readdirSync(join(repository, scope)).map((name) => join(scope, name)));
}

interface Kubeconfig {
  users: { name: string; user: { exec: ExecEntry } }[];
}

interface ExecEntry {
  command: string;
  args: string[];
  env: { name: string; value: string }[];
}

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A run that is under way. */
export interface Running {
  child: ChildProcess;
  stderr: () => string;
  ended: Promise<Outcome>;
  isHeld: () => boolean;
  release: () => void;
}

/** A client process, distinguished from all others by its process ID and start time. */
const client = 'runs=$1; shift; while [ $runs -gt 0 ]; do "$@" || exit $?; runs=$((runs - 1)); done';

function byClient(command: readonly string[], runs: number): string[] {
  return ["/bin/sh", "-c", client, "client", String(runs), ...command];
}

/** Waits for a byte, and becomes the program: what has no hook is not loaded before. */
const holdingShell = 'echo held >&2; read -r _; exec "$@"';

/** Loads the program, then waits for a byte: a crowd begins at once, however long the machine takes to start it. */
const holding = `require("../dist/main.js");
const { readSync, writeSync } = require("node:fs");
writeSync(2, "held\\n");
readSync(0, Buffer.alloc(1));
`;

export interface Run {
  /** The command of the program; of get-token's flags in the kubeconfig, those of the cluster are left out for the other. */
  command?: "get-token" | "credential-process";
  /** Further flags: the last of a name counts. */
  flags?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** `demo-admin` for the second role. */
  user?: string;
  /** A command that runs another: a keyring's session, another user. */
  within?: (command: readonly string[]) => string[];
  /** Node's own options. */
  node?: readonly string[];
  /** How often the client process runs it, one after another; each run() and start() is a client of its own. */
  runs?: number;
  /** Started, and held before its first step, until release(): by this process, so that a signal meets no other. */
  held?: boolean;
}

const usual = { flags: [], user: "demo", within: asIs, node: [], runs: 1 };

export class World {
  readonly installation: Installation;
  readonly sandbox: RunningSandbox;
  /** XDG_RUNTIME_DIR, where the locks are. */
  readonly runtime: string;
  /** Of every run, unless it says otherwise. */
  readonly always: Run;

  private constructor(installation: Installation, sandbox: RunningSandbox, always: Run) {
    this.installation = installation;
    this.sandbox = sandbox;
    this.always = always;
    this.runtime = join(sandbox.home, "run");
    if (executable === undefined) writeFileSync(this.#hook, holding);
    mkdirSync(this.runtime, { mode: 0o700 });
  }

  static async open(always: Run = {}, sandboxFlags: readonly string[] = []): Promise<World> {
    const installation = install();
    return new World(installation, await startSandboxProcess(sandboxFlags, installation.program), always);
  }

  async close(): Promise<void> {
    await this.sandbox.stop();
    this.installation.remove();
  }

  get #hook(): string {
    return join(this.installation.folder, "bin", "hold.js");
  }

  /** How many sessions Roles Anywhere was asked for: accepted, or refused. */
  requests(mark: "✓" | "✗" = "✓"): number {
    return this.sandbox.output().split(`${mark} rolesanywhere POST /sessions`).length - 1;
  }

  /** The flags that name certificate, key and role. */
  identity(): string[] {
    const { users } = kubeconfig(this.sandbox.env["KUBECONFIG"] ?? "");
    return users[0] ? argsOf(users[0].user.exec, { command: "credential-process" }).slice(1) : [];
  }

  start(run: Run = {}): Running {
    const { flags, env, user, within, node, held, runs } = { ...usual, ...this.always, ...run };
    const { users } = kubeconfig(this.sandbox.env["KUBECONFIG"] ?? "");
    const entry = users.find(({ name }) => name === user)?.user.exec;
    if (!entry) throw new Error(`the kubeconfig has no user ${user}`);
    const command = this.#command([...node], entry.command, held ?? false).concat(argsOf(entry, run), flags);
    const [file = "", ...args] = within(held ? command : byClient(command, runs));
    const child = spawn(file, args, {
      stdio: [held ? "pipe" : "ignore", "pipe", "pipe"],
      env: {
        ...this.sandbox.env,
        XDG_RUNTIME_DIR: this.runtime,
        ...Object.fromEntries(entry.env.map(({ name, value }) => [name, value])),
        ...this.always.env,
        ...env,
      },
    });
    return running(child);
  }

  #command(node: string[], program: string, held: boolean): string[] {
    if (executable === undefined)
      return [process.execPath, ...(held ? ["--require", this.#hook] : []), ...node, program];
    return held ? ["/bin/sh", "-c", holdingShell, "held", program] : [program];
  }

  run(run: Run = {}): Promise<Outcome> {
    return this.start(run).ended;
  }
}

function argsOf({ args }: ExecEntry, { command = "get-token" }: Run): string[] {
  if (command === "get-token") return args;
  return [command, ...args.slice(1).filter((arg) => !arg.startsWith("--cluster-name="))];
}

function kubeconfig(path: string): Kubeconfig {
  return fromJson(JSON.stringify(load(readFileSync(path, "utf8"))));
}

function asIs(command: readonly string[]): string[] {
  return [...command];
}

function running(child: ChildProcess): Running {
  const text = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  const stderr = (): string => text.stderr.replace(/^(Joined session keyring: .*|held)\n/gm, "");
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ code, signal, stdout: text.stdout, stderr: stderr() });
    });
  });
  const release = (): void => {
    child.stdin?.end("\n");
  };
  return { child, stderr, ended, release, isHeld: () => /^held$/m.test(text.stderr) };
}

/** The token of a run that has succeeded and said nothing else. */
export function tokenOf({ code, stdout }: Outcome): string {
  if (code !== 0) throw new Error(`it ended with ${String(code)}`);
  const { status } = fromJson<{ status: { token: string } }>(stdout);
  return status.token;
}

/** Of the session that a token is signed with. */
export function accessKeyOf(token: string): string {
  const url = Buffer.from(token.slice("k8s-aws-v1.".length), "base64url").toString();
  return /X-Amz-Credential=(ASIA\w+)/.exec(url)?.[1] ?? "";
}
