/** Runs a program to its end, in bounded time and with bounded output. Its children end with it. */
import { spawn, type ChildProcess } from "node:child_process";
import { kill } from "node:process";
import type { Readable } from "node:stream";

export interface Command {
  path: string;
  /** argv[0]. */
  name: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Runs it in a process group of its own, which is ended as a whole. */
  ownGroup: boolean;
  /** Milliseconds. */
  timeLimit: number;
  cancel?: AbortSignal | undefined;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why this process ended it; undefined if it ended by itself. */
  stopped: "time" | "cancelled" | "output" | undefined;
  stdout: Buffer;
  /** The last of it. */
  stderr: { text: string; isCut: boolean };
  /** Milliseconds. */
  duration: number;
}

const largestOutput = 1024 * 1024;
const keptOfStderr = 65_536;
/** Milliseconds between SIGTERM and SIGKILL, and again until the streams of what is left are closed. */
const grace = { time: 1_000, output: 1_000, cancelled: 350 } as const;

/** Milliseconds to read the last of stderr, which is in the pipe already. */
const restOfStderr = 50;

export function runToEnd(command: Command): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command.path, [...command.args], {
      argv0: command.name,
      env: command.env,
      stdio: ["ignore", "pipe", "pipe"],
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
 * Like client-go, this waits for the program's exit and until no process holds its stdout open. An agent that the program
 * left running can keep its stderr, so only the text that it has printed by then is read.
 */
function afterEnd(child: ChildProcess, onEnd: OnEnd): void {
  const exit = new Promise<Parameters<OnEnd>>((resolve) => {
    child.on("exit", (...how) => {
      resolve(how);
    });
  });
  void Promise.all([exit, closed(child.stdout)]).then(async ([how]) => {
    await Promise.race([closed(child.stderr), new Promise((resolve) => setTimeout(resolve, restOfStderr))]);
    child.stderr?.destroy();
    onEnd(...how);
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

  begin(reason: NonNullable<Ended["stopped"]>): void {
    if (this.reason) return;
    this.reason = reason;
    this.#send("SIGTERM");
    this.#after(grace[reason], () => {
      this.#send("SIGKILL");
    });
    this.#after(2 * grace[reason], () => {
      for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.destroy();
    });
  }

  /** Ends its children too, if it was ended from here: some may ignore the first signal. */
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
      // It has ended in the meantime.
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
  return () => ({ stdout: Buffer.concat(stdout), stderr: { text: stderr.toString("utf8"), isCut } });
}
