// Runs programs in turn, so that whatever else the machine does is spread over all of them.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns for each subject its name and key, the median of its milliseconds, and its peak KiB in one more run */
export async function compare(subjects, rounds) {
  const times = subjects.map(() => []);
  for (let round = -2; round < rounds; round += 1)
    for (const [index, subject] of inRandomOrder([...subjects.entries()])) {
      const milliseconds = await run(subject);
      if (round >= 0) times[index].push(milliseconds);
    }
  return subjects.map((subject, index) => {
    const { name, key } = subject;
    return { name, key, milliseconds: median(times[index]), kibibytes: peak(subject) };
  });
}

/** A program runs faster after one that shares its files: none always comes after the same one. (Fisher and Yates) */
function inRandomOrder(list) {
  for (let last = list.length - 1; last > 0; last -= 1) {
    const chosen = randomInt(last + 1);
    [list[last], list[chosen]] = [list[chosen], list[last]];
  }
  return list;
}

/** @returns milliseconds from the start of the process until its end is known */
export function run({ name, command, env, after }) {
  const [file, ...args] = command();
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(file, args, { env, stdio: ["ignore", "ignore", "inherit"] });
    child.on("error", reject);
    child.on("exit", (code) => {
      const milliseconds = performance.now() - start;
      after?.();
      if (code === 0) resolve(milliseconds);
      else reject(new Error(`${name} ended with ${code}`));
    });
  });
}

const hasTime = spawnSync("/usr/bin/time", ["--version"]).status === 0;
if (!hasTime) console.log("  There is no GNU time: peak memory is left out.");

/**
 * The peak of the resident set, of the process and of those that it waits for. Between fork and exec, a process counts the memory of
 * its parent as its own, and keeps that peak: the parent is GNU time, which is small, and not this one.
 */
function peak({ command, env, after }) {
  if (!hasTime) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-bench-"));
  try {
    const file = join(folder, "peak");
    const args = ["--quiet", "--format=%M", `--output=${file}`, ...command()];
    execFileSync("/usr/bin/time", args, { env, stdio: ["ignore", "ignore", "inherit"] });
    after?.();
    return Number(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
