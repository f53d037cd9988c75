/**
 * The lock of client-go (tools/clientcmd/loader.go, lockFile): FILE.lock, made anew or not at all, without content and mode,
 * and removed afterwards. kubectl gives up at once when it is there; this waits.
 *
 * It says nothing of its holder, so nobody can tell a slow one from a dead one: it is never taken away from anybody.
 */
import { kubeconfigProblem } from "../read/problem.ts";
import { attempt } from "../../foundation/system-error.ts";
import type { EksX509Error } from "../../foundation/errors.ts";
import { writeFailure, type Disk } from "./disk.ts";
import { uninterrupted, type SignalPorts } from "./uninterrupted.ts";

export interface LockPorts extends SignalPorts {
  disk: Disk;
  clock: () => Date;
  pause: (milliseconds: number) => Promise<void>;
  /** From 0 to 1, as Math.random(). */
  random: () => number;
  /** For --verbose. */
  tell: (line: string) => void;
}

/** Milliseconds. */
export const patience = {
  /** For one and the same holder: kubectl takes a few hundredths of a second. */
  holder: 10_000,
  /** For all of them together. */
  crowd: 60_000,
  /** A lock of that age is one that a killed process left. */
  stale: 60_000,
  /** Between two attempts, at least and at most. */
  pause: [20, 120],
} as const;

/** Milliseconds by which a file server's clock may well be ahead. */
const clockSkew = 2_000;

export interface LockedWork<Result> {
  /** Before each attempt to take the locks. */
  prepare: () => void;
  /** Synchronous: no lock is held while the event loop turns. Undefined when it has to be prepared again. */
  whileLocked: () => Result | undefined;
}

/**
 * @param locks all of them, or none is held; in an order that everybody keeps
 * @throws EksX509Error KUBECONFIG_LOCKED, KUBECONFIG_BUSY, those of writeFailure(), and what the work throws
 */
export async function withLocks<Result>(
  locks: readonly string[],
  { prepare, whileLocked }: LockedWork<Result>,
  ports: LockPorts,
): Promise<Result> {
  const { clock, pause, random, tell } = ports;
  const began = clock().getTime();
  let holder = { lock: "", state: "", since: began };
  for (;;) {
    prepare();
    const outcome = await uninterrupted(() => runLocked(locks, whileLocked, ports.disk), ports);
    if (outcome.result !== undefined) return outcome.result;
    if (outcome.lock === undefined) continue;
    const now = clock().getTime();
    const found = stateOf(outcome.lock, ports.disk);
    if (found && (found.state !== holder.state || outcome.lock !== holder.lock)) {
      tell(`waiting for ${outcome.lock}`);
      holder = { lock: outcome.lock, state: found.state, since: now };
    }
    const age = found ? now - found.made : 0;
    const waited = now - holder.since;
    if (age >= patience.stale || waited >= patience.holder) throw locked(outcome.lock, age, waited);
    if (now - began >= patience.crowd) throw busy(outcome.lock);
    await pause(patience.pause[0] + random() * (patience.pause[1] - patience.pause[0]));
  }
}

/** @returns the result, or the lock that somebody else holds */
function runLocked<Result>(
  locks: readonly string[],
  work: () => Result | undefined,
  disk: Disk,
): { result?: Result | undefined; lock?: string } {
  const held: string[] = [];
  try {
    for (const lock of locks) {
      if (!take(lock, disk)) return { lock };
      held.push(lock);
    }
    return { result: work() };
  } finally {
    for (const lock of held) giveBack(lock, disk);
  }
}

function take(lock: string, disk: Disk): boolean {
  try {
    return attempt(() => {
      disk.closeSync(disk.openSync(lock, "wx", 0));
    }, ["EEXIST"]);
  } catch (error) {
    throw writeFailure(lock, error);
  }
}

function giveBack(lock: string, disk: Disk): void {
  attempt(() => {
    disk.unlinkSync(lock);
  }, ["ENOENT"]);
}

/** Undefined when it has just gone. */
function stateOf(lock: string, disk: Disk): { state: string; made: number } | undefined {
  let found: { state: string; made: number } | undefined;
  attempt(() => {
    const { ino, mtimeMs } = disk.lstatSync(lock);
    found = { state: `${ino} ${mtimeMs}`, made: mtimeMs };
  }, ["ENOENT"]);
  return found;
}

/** @param age negative when this machine's clock, or a file server's, was changed */
function locked(lock: string, age: number, waited: number): EksX509Error {
  const future = age < -clockSkew ? ", and is dated in the future" : "";
  return kubeconfigProblem(
    "KUBECONFIG_LOCKED",
    `${lock} has been there for ${ageText(Math.max(age, waited))}${future}`,
    "Another program changes the kubeconfig, or was killed while it did. When none runs, remove that file and try again.",
  );
}

function busy(lock: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_BUSY",
    `${lock} was held by one program after the other for ${patience.crowd / 1000} seconds`,
    "Many programs change this kubeconfig at once. Try again when they are done.",
  );
}

function ageText(milliseconds: number): string {
  // Nobody is told before the holder's patience is over: never one second.
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
