/** The front of the executable that EKS_X509_PROGRAM names, with a stand-in for the full program beside it. */
import { spawn, type StdioOptions } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outputOf } from "../e2e/output-of.ts";
import { executable, noExecutable } from "../program-under-test.ts";

/** Why there is no front to test; undefined if there is one. Building it takes a minute, so the ordinary run leaves it out. */
export function noFront(): string | undefined {
  if (process.platform !== "linux") return "only the front for Linux runs the script";
  return noExecutable;
}

/** Prints its arguments and environment, each closed by NUL, and ends with a code that nothing else has. */
const standIn = `#!/bin/sh
printf 'full program\\0'
for arg; do printf '%s\\0' "$arg"; done
printf '\\n'
/usr/bin/tr '\\0' '\\n' </proc/self/environ >&2
exit 77
`;

export interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The arguments that the full program got; undefined if it was not started. */
  handedOver: string[] | undefined;
}

export interface Call {
  env: Record<string, string>;
  cwd?: string;
  stdio?: StdioOptions;
  /** The name by which it is called. */
  argv0?: string;
}

export class Front {
  readonly folder = mkdtempSync(join(tmpdir(), "eks-x509-front-"));
  readonly program = join(this.folder, "eks-x509");
  readonly libexec = join(this.folder, "libexec");
  readonly full = join(this.libexec, "eks-x509");

  constructor() {
    copyFileSync(executable ?? "", this.program);
    this.restore();
  }

  /** The folder of the full program as it is installed. */
  restore(): void {
    rmSync(this.libexec, { recursive: true, force: true });
    mkdirSync(this.libexec);
    writeFileSync(this.full, standIn);
    chmodSync(this.libexec, 0o755);
    chmodSync(this.full, 0o755);
  }

  async run(
    args: readonly string[],
    { env, cwd, stdio, argv0 }: Call,
    program = this.program,
  ): Promise<Answer> {
    const child = spawn(program, args, {
      env,
      stdio: stdio ?? ["ignore", "pipe", "pipe"],
      ...(cwd !== undefined && { cwd }),
      ...(argv0 !== undefined && { argv0 }),
    });
    const output = outputOf(child);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject).on("close", resolve);
    });
    const { stdout, stderr } = output;
    const [mark, ...rest] = stdout.replace(/\n$/, "").split("\0").slice(0, -1);
    return { code, stdout, stderr, handedOver: mark === "full program" ? rest : undefined };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
