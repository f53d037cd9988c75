/** The output of a program. */
import { readFile } from "node:fs/promises";

const longestLine = 240;

/** The last lines, shortened for a message; empty if the file does not exist. */
export async function lastLines(path: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-4).map((line) => line.slice(0, longestLine));
}

/** Whether a program ended because its listen address was in use. */
export async function saysAddressTaken(path: string): Promise<boolean> {
  return (await lastLines(path)).some((line) => line.includes("address already in use"));
}
