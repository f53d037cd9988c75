/** What a child process prints, as far as it has printed it. */
import type { ChildProcess } from "node:child_process";

export function outputOf({ stdout, stderr }: Pick<ChildProcess, "stdout" | "stderr">) {
  const output = { stdout: "", stderr: "" };
  stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  return output;
}
