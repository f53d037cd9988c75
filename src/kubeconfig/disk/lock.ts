/**
 * The lock of client-go (tools/clientcmd/loader.go, lockFile): FILE.lock, which must not exist, without content and mode.
 * It is removed afterwards. kubectl fails at once if it exists; this code waits.
 *
 * The lock does not name its holder, so a slow holder cannot be distinguished from a dead one, and the lock is never removed
 * for another process.
 */
import type { EksX509Error } from "../../foundation/errors.ts";
import type { Log, Signals } from "../../foundation/ports.ts";
import { attempt } from "../../foundation/system-error.ts";
import { kubeconfigProblem } from "../read/problem.ts";
import { type Disk, writeFailure } from "./disk.ts";

export interface LockPorts {
  signals: Signals;
  disk: Disk;
  clock: () => Date;
  pause: (milliseconds: number) => Promise<void>;
  /** From 0 to 1, as Math.random(). */
  random: () => number;
  log: Log;
}

/** Milliseconds. */
const patience = {
  /** Limit for one holder. kubectl takes some hundredths of a second. */
  holder: 10_000,
  crowd: 60_000,
  /** A lock of this age was left by a killed process. */
  stale: 60_000,
  pause: [20, 120],
} as const;

/** Milliseconds by which the clock of a file server can be ahead. */
const clockSkew = 2_000;

export interface LockedWork<Result> {
  prepare: () => void;
  /** Synchronous, so no lock is held while the event loop runs. Undefined if it must be prepared again. */
  whileLocked: () => Result | undefined;
}

/**
 * @param locks all of them are held, or none; in the same order for every process
 * @throws EksX509Error KUBECONFIG_LOCKED, KUBECONFIG_BUSY, those of writeFailure(), and the errors of the work
 */
export async function withLocks<Result>(
  locks: readonly string[],
  { prepare, whileLocked }: LockedWork<Result>,
  ports: LockPorts,
): Promise<Result> {
  const { clock, pause, random, log } = ports;
  const began = clock().getTime();
  let holder = { state: "", since: began };
  for (;;) {
    prepare();
    const outcome = await uninterrupted(() => runLocked(locks, whileLocked, ports.disk), ports.signals);
    if (outcome.result !== undefined) return outcome.result;
    if (outcome.lock === undefined) continue;
    const now = clock().getTime();
    // Undefined if it was just removed.
    const { ino, mtimeMs = now } = ports.disk.lstatSync(outcome.lock, { throwIfNoEntry: false }) ?? {};
    const state = `${ino} ${mtimeMs} ${outcome.lock}`;
    if (ino !== undefined && state !== holder.state) {
      log(`waiting for ${outcome.lock}`);
      holder = { state, since: now };
    }
    const age = now - mtimeMs;
    const waited = now - holder.since;
    if (age >= patience.stale || waited >= patience.holder) throw locked(outcome.lock, age, waited);
    if (now - began >= patience.crowd) throw busy(outcome.lock);
    await pause(patience.pause[0] + random() * (patience.pause[1] - patience.pause[0]));
  }
}

/** @returns the result, or the lock that another process holds */
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
    for (const lock of held)
      attempt(() => {
        disk.unlinkSync(lock);
      }, ["ENOENT"]);
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

/** @param age negative if the clock of this machine or of a file server was changed */
function locked(lock: string, age: number, waited: number): EksX509Error {
  const future = age < -clockSkew ? ", with a time in the future" : "";
  return kubeconfigProblem(
    "KUBECONFIG_LOCKED",
    `${lock} has existed for ${ageText(Math.max(age, waited))}${future}`,
    "Another program changes the kubeconfig, or was killed while it changed it. If no such program runs, remove that file and try again.",
  );
}

function busy(lock: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_BUSY",
    `several programs held ${lock} one after the other for ${patience.crowd / 1000} seconds`,
    "Many programs change this kubeconfig at the same time. Try again when they have finished.",
  );
}

function ageText(milliseconds: number): string {
  // Always more than one second, because the limit for a holder has passed.
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}

const ending = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * @param work its synchronous parts are the steps. With a listener, a signal waits for the event loop; without one, it ends
 * the process at any point
 * @throws the errors of `work`
 */
export async function uninterrupted<Result>(work: () => Result, signals: Signals): Promise<Result> {
  const stop = (): void => {
    for (const signal of ending) signals.off(signal, listener);
  };
  const listener = (signal: NodeJS.Signals): void => {
    stop();
    signals.raise(signal);
  };
  for (const signal of ending) signals.on(signal, listener);
  try {
    return work();
  } finally {
    await turns();
    stop();
  }
}

/**
 * A signal during the last step is delivered when the event loop runs, and would be lost with its listener. The first
 * immediate can run in the present turn, which has already polled, and a timer can fire before the poll. The time after
 * them is for a signal that another thread of the process is just receiving.
 */
async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 1));
}
