/** Real processes that contend for a lock, and the order in which things happen to them. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "rolldown";
import { isObject, parseJson } from "../../../src/foundation/json.ts";
import type { Command, WorkerEvent } from "./flight-worker.ts";

/** Node 20 runs no TypeScript. */
export async function bundleWorker(folder: string): Promise<string> {
  const file = join(folder, "worker.mjs");
  await build({
    input: join(import.meta.dirname, "flight-worker.ts"),
    platform: "node",
    output: { file, format: "esm" },
    logLevel: "silent",
  });
  return file;
}

export interface Happening extends WorkerEvent {
  worker: Worker;
}

export class Worker {
  readonly process: ChildProcess;
  constructor(process: ChildProcess) {
    this.process = process;
  }
  send(command: Command): void {
    this.process.stdin?.write(`${JSON.stringify(command)}\n`);
  }
  /** Resolves when the kernel has ended it, its sockets included. */
  async kill(): Promise<void> {
    const exit = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await exit;
  }
}

export class Crowd {
  readonly workers: Worker[] = [];
  happenings: Happening[] = [];
  #check: () => void = () => undefined;
  readonly #script: string;

  constructor(script: string) {
    this.#script = script;
  }

  async grow(size: number): Promise<void> {
    while (this.workers.length < size) this.workers.push(this.#start());
    await this.until(() => this.count("ready") === size);
  }

  #start(): Worker {
    const child = spawn(process.execPath, [this.#script], { stdio: ["pipe", "pipe", "inherit"] });
    const worker = new Worker(child);
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = parseJson(line);
      if (isEvent(event)) this.happenings.push({ worker, ...event });
      this.#check();
    });
    return worker;
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (condition()) resolve();
      };
      this.#check();
    });
  }

  all(kind: WorkerEvent["kind"], value = ""): Happening[] {
    return this.happenings.filter((event) => event.kind === kind && event.value.includes(value));
  }

  count(kind: WorkerEvent["kind"], value = ""): number {
    return this.all(kind, value).length;
  }

  /** How often anyone began to wait at a holder's socket. */
  get waits(): number {
    return this.count("logged", "waiting");
  }

  forget(): void {
    this.happenings = [];
  }

  async disperse(): Promise<void> {
    const living = this.workers.filter(
      ({ process }) => process.exitCode === null && process.signalCode === null,
    );
    await Promise.all(living.map((worker) => worker.kill()));
  }
}

/** The worker was compiled against the same type. */
function isEvent(value: unknown): value is WorkerEvent {
  return isObject(value);
}

/** A private folder of its own for one test. */
export async function withFolder<Result>(use: (folder: string) => Result | Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-test-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything in a folder, with what it is. */
export function entriesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((entry) => {
      const found = lstatSync(join(folder, entry));
      const kind = found.isDirectory() ? "folder" : found.isSocket() ? "socket" : "file";
      return `${kind} ${entry}`;
    });
}
