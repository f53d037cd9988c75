/** What a program has said. */
import { readFile } from "node:fs/promises";

const longestLine = 240;

/** The last few lines, none of them longer than a message can bear; none when there is no such file. */
export async function lastLines(path: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-4).map((line) => line.slice(0, longestLine));
}

/** Whether a program ended because it could not have the address that it was told to listen at. */
export async function saysAddressTaken(path: string): Promise<boolean> {
  return (await lastLines(path)).some((line) => line.includes("address already in use"));
}
