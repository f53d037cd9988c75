/** Real processes that change a kubeconfig. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { build } from "rolldown";
import type { Job } from "./update-worker.ts";

/** Node 20 runs no TypeScript. */
export async function bundleWorker(folder: string): Promise<string> {
  await build({
    input: join(import.meta.dirname, "update-worker.ts"),
    platform: "node",
    output: { dir: folder, format: "esm", entryFileNames: "worker.mjs", chunkFileNames: "[name].mjs" },
    logLevel: "silent",
  });
  return join(folder, "worker.mjs");
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export async function run(command: string, args: readonly string[]): Promise<Exit> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const exit = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      resolve([code, signal]);
    });
  });
  const [stdout, stderr, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, signal, stdout, stderr };
}

export function work(script: string, job: Job): Promise<Exit> {
  return run(process.execPath, [script, JSON.stringify(job)]);
}
