/** The real program as a child process: a minimal environment, an empty home folder, no cache, and an end if it hangs. */
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { commandOf, executable } from "../program-under-test.ts";
import { outputOf } from "./output-of.ts";

/** A folder for the files of one test file, or of several that share a process. It is removed when the run ends. */
export const folder = mkdtempSync(join(tmpdir(), "eks-x509-e2e-"));

/** A copy of what is published: it has no node_modules beside it, so that the bundle must be complete. */
export const program = installed();

function installed(): string {
  if (executable !== undefined) return executable;
  const repository = fileURLToPath(new URL("../..", import.meta.url));
  for (const part of ["bin", "dist", "package.json"])
    cpSync(join(repository, part), join(folder, "package", part), { recursive: true });
  return join(folder, "package", "bin", "eks-x509");
}

export interface Run {
  env?: Record<string, string>;
  /** Default: the program under test. */
  command?: readonly [string, ...string[]];
  stdio?: StdioOptions;
  uid?: number;
  /** Called once the child runs. */
  meanwhile?: (child: ChildProcess) => void;
}

export interface Result {
  /** Null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export async function run(args: readonly string[], options: Run = {}): Promise<Result> {
  const [file, ...before] = options.command ?? commandOf(program);
  const child = spawn(file, [...before, ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      EKS_X509_CACHE: "none",
      XDG_RUNTIME_DIR: alone(),
      ...options.env,
    },
    stdio: options.stdio ?? ["ignore", "pipe", "pipe"],
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  });
  const output = outputOf(child);
  options.meanwhile?.(child);
  const [code, signal] = await ended(child);
  return { code, signal, ...output };
}

/** A folder for locks that no other run has: those that run at the same time would share one session. */
function alone(): string {
  return mkdtempSync(join(folder, "run-"));
}

function ended(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve([code, signal]);
    });
  });
}

/** Exit codes as documented. */
export const exitCodes = { other: 1, usage: 2, identity: 3, network: 4, refused: 5 } as const;

/** One message and what to do, on stderr; nothing on stdout; the code of the category. */
export function expectFailure(
  { code, signal, stdout, stderr }: Result,
  category: keyof typeof exitCodes,
  failure: string,
): void {
  expect(stderr).toMatch(/^eks-x509: [a-z-]+: [^\n]+ \([A-Z][A-Z0-9_]+\)\n {2}[^\n]+\n$/);
  expect(stderr).toContain(`(${failure})\n`);
  expect(stderr).not.toMatch(/ {4}at |node:internal|PRIVATE KEY-----/);
  expect({ code, signal, stdout }).toEqual({ code: exitCodes[category], signal: null, stdout: "" });
}
