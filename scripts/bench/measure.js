// Runs programs in turn, so that whatever else the machine does is spread over all of them.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** @returns for each subject its name, the median of its milliseconds, and its peak KiB in one more run */
export async function compare(subjects, rounds) {
  const times = subjects.map(() => []);
  for (let round = -2; round < rounds; round += 1)
    for (const [index, subject] of subjects.entries()) {
      const { milliseconds } = await run(subject);
      if (round >= 0) times[index].push(milliseconds);
    }
  const results = [];
  for (const [index, subject] of subjects.entries()) {
    const { kibibytes } = await run(subject, { withMemory: true });
    results.push({ name: subject.name, milliseconds: median(times[index]), kibibytes });
  }
  return results;
}

export function run({ name, command, env, after }, { withMemory = false } = {}) {
  const [file, ...args] = command();
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(file, args, { env, stdio: ["ignore", "ignore", "inherit"] });
    let kibibytes = 0;
    const timer = withMemory
      ? setInterval(() => (kibibytes = Math.max(kibibytes, peak(child.pid) ?? 0)), 1)
      : undefined;
    child.on("error", reject);
    child.on("exit", (code) => {
      const milliseconds = performance.now() - start;
      clearInterval(timer);
      after?.();
      if (code === 0) resolve({ milliseconds, kibibytes });
      else reject(new Error(`${name} ended with ${code}`));
    });
  });
}

/** The high-water mark of the resident set, which the kernel keeps: Linux only. */
function peak(pid) {
  try {
    const mark = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return mark && Number(mark);
  } catch {
    return undefined;
  }
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
