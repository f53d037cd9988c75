/** A program, run to its end: bounded in time and output, and ended with all that it has started. */
import { spawn, type ChildProcess } from "node:child_process";
import { kill } from "node:process";
import type { Readable } from "node:stream";

export interface Command {
  path: string;
  /** What the program is told that it is called. */
  name: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** stdin and stderr are the terminal's. */
  interactive: boolean;
  /**
   * In a process group of its own, which is ended as a whole. That takes the terminal away from it, from which a program may
   * want to read a PIN by itself; without it, Ctrl-C reaches the program anyway.
   */
  ownGroup: boolean;
  /** Milliseconds. */
  timeLimit: number;
  /** Ends it. */
  cancel?: AbortSignal | undefined;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why it was ended from here; undefined when it ended by itself. */
  stopped: "time" | "cancelled" | "output" | undefined;
  stdout: Buffer;
  /** Its end; empty when it went to the terminal. */
  stderr: { stderr: string; isCut: boolean };
  /** Milliseconds. */
  duration: number;
}

const largestOutput = 1024 * 1024;
const keptOfStderr = 65_536;
/** Milliseconds between asking and forcing a program to end, and again until what it has left behind is not waited for. */
const grace = 1_000;

/** Milliseconds for what was said on stderr last: it is in the pipe already. */
const restOfStderr = 50;

/** @throws Node's error when the program cannot be started */
export function runToEnd(command: Command): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command.path, [...command.args], {
      argv0: command.name,
      env: command.env,
      stdio: command.interactive ? ["inherit", "pipe", "inherit"] : ["ignore", "pipe", "pipe"],
      detached: command.ownGroup,
      windowsHide: true,
    });
    const stopping = new Stopping(child, command);
    const output = collected(child, () => {
      stopping.begin("output");
    });
    child.on("error", (error) => {
      stopping.end();
      reject(error);
    });
    afterEnd(child, (code, signal) => {
      stopping.end();
      resolve({ code, signal, stopped: stopping.reason, ...output(), duration: performance.now() - began });
    });
  });
}

type OnEnd = (code: number | null, signal: NodeJS.Signals | null) => void;

/**
 * As client-go, this waits for the program's exit, and until nobody holds its stdout open any more. Its stderr, which is kubectl's own
 * there, may stay with an agent that the program has left running: of that, what has been said by then is read.
 */
function afterEnd(child: ChildProcess, tell: OnEnd): void {
  const exit = new Promise<Parameters<OnEnd>>((resolve) => {
    child.on("exit", (...how) => {
      resolve(how);
    });
  });
  void Promise.all([exit, closed(child.stdout)]).then(async ([how]) => {
    await Promise.race([closed(child.stderr), new Promise((resolve) => setTimeout(resolve, restOfStderr))]);
    child.stderr?.destroy();
    tell(...how);
  });
}

async function closed(stream: Readable | null): Promise<void> {
  if (stream && !stream.closed) await new Promise((resolve) => stream.on("close", resolve));
}

class Stopping {
  reason: Ended["stopped"];
  readonly #child: ChildProcess;
  readonly #command: Command;
  #timers: NodeJS.Timeout[] = [];

  constructor(child: ChildProcess, command: Command) {
    this.#child = child;
    this.#command = command;
    this.#after(command.timeLimit, () => {
      this.begin("time");
    });
    command.cancel?.addEventListener("abort", this.#cancel);
    if (command.cancel?.aborted) this.#cancel();
  }

  readonly #cancel = (): void => {
    this.begin("cancelled");
  };

  begin(reason: Ended["stopped"]): void {
    if (this.reason) return;
    this.reason = reason;
    this.#send("SIGTERM");
    this.#after(grace, () => {
      this.#send("SIGKILL");
    });
    this.#after(2 * grace, () => {
      for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.destroy();
    });
  }

  /** What it has started goes too, when it was ended from here: some of it may have been deaf to the first signal. */
  end(): void {
    if (this.reason && this.#command.ownGroup) this.#send("SIGKILL");
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    this.#command.cancel?.removeEventListener("abort", this.#cancel);
  }

  #after(milliseconds: number, work: () => void): void {
    this.#timers.push(setTimeout(work, milliseconds));
  }

  #send(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (this.#command.ownGroup) kill(-pid, signal);
      else this.#child.kill(signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

function collected(child: ChildProcess, onOverflow: () => void): () => Pick<Ended, "stdout" | "stderr"> {
  const stdout: Buffer[] = [];
  let size = 0;
  let stderr = Buffer.alloc(0);
  let isCut = false;
  child.stdout?.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > largestOutput) onOverflow();
    else stdout.push(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]);
    isCut ||= stderr.length > keptOfStderr;
    stderr = stderr.subarray(-keptOfStderr);
  });
  return () => ({ stdout: Buffer.concat(stdout), stderr: { stderr: stderr.toString("utf8"), isCut } });
}
