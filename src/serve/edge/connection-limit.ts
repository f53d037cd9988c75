/** How many connections a server accepts: each takes a descriptor of the process, and a renewal of the session needs some too. */
import { readFileSync } from "node:fs";

const most = 512;
const fewest = 8;
/** For the runtime, and for what a renewal opens at once: files, native code, connections and programs. */
const reserved = 64;
/** That of --health-listen is the second one. */
const servers = 2;

/** @param descriptors the most that the process can open; undefined if it is not known */
export function connectionLimit(descriptors = descriptorLimit()): number {
  if (descriptors === undefined) return most;
  return Math.min(most, Math.max(fewest, Math.floor((descriptors - reserved) / servers)));
}

/** proc_pid_limits(5). On macOS, the runtime raises the limit at its start, because the hard limit is far above the soft one of 256. */
function descriptorLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
