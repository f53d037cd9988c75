/** Programs, run to their end. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** @returns {Promise<{code: number | null, stdout: string, stderr: string}>} Never rejects: code 127 where it cannot be started. */
export function run(file, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 120_000, ...options });
    const text = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk) => (text.stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk) => (text.stderr += chunk));
    child.on("error", (error) => resolve({ code: 127, ...text, stderr: error.message }));
    child.on("close", (code) => resolve({ code, ...text }));
  });
}

/** A step of a build: its end is success, or an error that tells what it said last. */
export async function ran(file, args, options = {}) {
  const { code, stdout, stderr } = await run(file, args, { timeout: 900_000, ...options });
  if (code === 0) return;
  const said = `${stdout}\n${stderr}`.trim().split("\n").slice(-8).join("\n");
  throw new Error(`${file} ${args.slice(0, 3).join(" ")} … ended with ${code}:\n${said}`);
}

export function onPath(name) {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(existsSync);
}
