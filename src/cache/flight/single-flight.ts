/**
 * If several processes need the same result at the same time, one of them does the work. The others wait and receive the
 * outcome through a socket. The lock only saves work: if it fails, the work is done without it.
 */
import { uptime } from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Environment, Log, Sha256 } from "../../foundation/ports.ts";
import { systemText } from "../../foundation/system-error.ts";
import { Holder, type Outcome, readOutcome, waitFor, writeOutcome } from "./handover.ts";
import { type Lock, folderLock, pipeLock } from "./lock.ts";
import { type FolderInputs, findPrivateFolder } from "../private-folder.ts";

type Linger = Record<"success" | "failure", number>;

export interface Wanted<Value> {
  /** A hash in hexadecimal digits, at least 24 of them. */
  key: string;
  /** Reads the keychain first, because another process can have stored the value since the miss. */
  work: () => Promise<Value>;
  /** The value as text, for the waiting processes. */
  write: (value: Value) => string;
  /** The value from another process's text. */
  read: (text: string) => Value;
}

export interface SingleFlight {
  /** @throws EksX509Error of the work, from any of the processes */
  run: <Value>(wanted: Wanted<Value>) => Promise<Value>;
}

export interface SingleFlightOptions {
  /** Undefined: every process works alone. */
  lock: Lock | undefined;
  log: Log;
  /** Milliseconds to wait for a sign of life of a holder, slightly more than its network limit. */
  patience?: number;
  /** Milliseconds for all holders, after the last sign of life; twice the patience if undefined. */
  all?: number;
  /** Milliseconds between two signs of life. */
  beat?: number;
  /**
   * Milliseconds for which a holder stays for late processes, if others waited, because more can come. No keychain keeps a
   * failure, and a failure can be faster than the start of a process.
   */
  linger?: Partial<Linger>;
}

/** The network limit of a holder is 10 seconds for all attempts (src/http/client.ts). */
const defaultPatience = 10_500;
const defaultBeat = 3_000;
const defaultLinger: Linger = { success: 0, failure: 200 };

export function singleFlightAt({ linger: given, ...options }: SingleFlightOptions): SingleFlight {
  const { lock } = options;
  const linger = { ...defaultLinger, ...given };
  return {
    run: async (wanted) => {
      const { key, work } = wanted;
      const end = await contest(key, options);
      if (end.kind === "alone" || !lock) return work();
      if (end.kind === "held") return holdersWork(wanted, end, { isShared: lock.confidential, linger });
      if (end.kind === "failure") throw end.failure;
      return wanted.read(end.text);
    },
  };
}

/** Each process does its own work, one after the other. @param key names what is worked on */
export type InTurn = <Value>(key: string, work: () => Promise<Value>) => Promise<Value>;

/** Milliseconds for all processes that come before. Each needs a few. */
const turnPatience = 60_000;

export function inTurnAt(options: Omit<SingleFlightOptions, "linger">): InTurn {
  return async (key, work) => {
    const end = await contest(key, { all: turnPatience, ...options });
    try {
      return await work();
    } finally {
      if (end.kind === "held") await end.holder.end({ line: undefined, release: end.release, linger: 0 });
    }
  };
}

/** Resolves after the outcome has been sent, because the program exits right after. */
async function holdersWork<Value>(
  { key, work, write }: Wanted<Value>,
  { holder, release }: Held,
  { isShared, linger }: { isShared: boolean; linger: Linger },
): Promise<Value> {
  const line = (outcome: Outcome): string | undefined => (isShared ? writeOutcome(key, outcome) : undefined);
  const failed = async (error: unknown): Promise<never> => {
    // A defect of this program has no message for users. A waiting process has the same defect.
    const text = error instanceof EksX509Error ? line({ kind: "failure", failure: error }) : undefined;
    await holder.end({ line: text, release, linger: linger.failure });
    throw error;
  };
  const value = await work().catch(failed);
  await holder.end({ line: line({ kind: "text", text: write(value) }), release, linger: linger.success });
  return value;
}

interface Held {
  kind: "held";
  holder: Holder;
  release: () => void;
}

const alone = { kind: "alone" } as const;

/** The result for a process that wants the lock: it holds the lock, has the holder's outcome, or works alone. */
type Contest = Held | Outcome | typeof alone;

type ContestOptions = { lock: Lock } & Required<
  Pick<SingleFlightOptions, "patience" | "beat" | "log" | "all">
>;

/** Each round ends with the end of a holder. After these rounds, the process works alone. */
const mostRounds = 1_000;
const queuePause = 20;

/** A lock that fails is no lock. */
async function contest(key: string, options: SingleFlightOptions): Promise<Contest> {
  const { lock, log, patience = defaultPatience, beat = defaultBeat, all = 2 * patience } = options;
  // The key becomes the name of a file.
  if (!lock || !/^[0-9a-f]{24,128}$/.test(key)) return alone;
  return contend(key, { lock, log, patience, beat, all }).catch((error: unknown) => {
    log(`not one at a time: ${systemText(error)}`);
    return alone;
  });
}

async function contend(key: string, options: ContestOptions): Promise<Contest> {
  const { lock, log, beat, all } = options;
  // The clock of the process: for performance.now(), Node loads seven modules.
  let deadline = uptime() * 1_000 + all;
  for (let round = 0; round < mostRounds && uptime() * 1_000 < deadline; round++) {
    const holder = new Holder();
    // The beginning is sufficient for a name, and a socket's path is short. The outcome contains the complete key.
    const taken = await lock.take(key.slice(0, 24), holder.server);
    if (taken.kind === "held") {
      holder.showLife(beat);
      return { kind: "held", holder, release: taken.release };
    }
    const end = await waitAt(taken.holder, key, options, () => {
      deadline = uptime() * 1_000 + all;
    });
    if (end) return end;
  }
  log("no other process has come to an end with it: working alone");
  return alone;
}

/** @returns undefined to compete again */
async function waitAt(
  place: string,
  key: string,
  { lock, log, patience }: ContestOptions,
  life: () => void,
): Promise<Contest | undefined> {
  const connect = (): void => {
    log("another process is at it: waiting for its outcome");
  };
  const answer = await waitFor(place, patience, { connect, life });
  if (answer.kind === "full") {
    await pause(queuePause);
    return undefined;
  }
  const outcome = lock.confidential && answer.kind === "line" ? readOutcome(key, answer.line) : undefined;
  if (outcome) return outcome;
  log(
    answer.kind === "silent"
      ? `the other process has not answered for ${patience} ms`
      : "the other process has ended without an outcome",
  );
  // A holder that is dead or hangs is replaced by one of the waiting processes, and the others wait for that one.
  return lock.free(place) || answer.kind !== "silent" ? undefined : alone;
}

export interface FlightInputs extends LockInputs {
  env: Environment;
  sha256: Sha256;
  isKept: boolean;
}

/** Milliseconds for which a process stays to give its session to late processes. With a keychain, they find it there. */
const lingerWithoutKeychain = 200;

export function openSingleFlight(inputs: FlightInputs, log: Log): SingleFlight & { inTurn: InTurn } {
  const { env, sha256, isKept } = inputs;
  const linger = isKept ? {} : { success: lingerWithoutKeychain };
  const options = { lock: findLock(inputs, log), log };
  const flight = singleFlightAt({ ...options, linger });
  return {
    run: (wanted) => flight.run({ ...wanted, key: keyIn(env, wanted.key, sha256) }),
    inTurn: (name, work) => inTurnAt(options)(sha256(name), work),
  };
}

const variables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];
const nodeVariables = ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "AWS_MAX_ATTEMPTS"];

/**
 * Processes that reach AWS differently do not wait for each other: a failure of one proxy or trust store must not affect the others.
 * @returns a key of the same form for the lock: a hash, which does not reveal a proxy's password
 */
export function keyIn(env: Environment, key: string, sha256: Sha256): string {
  const names = [...variables, ...variables.map((name) => name.toLowerCase()), ...nodeVariables];
  return sha256(JSON.stringify([key, ...names.map((name) => env[name] ?? null)]));
}

export interface LockInputs extends Omit<FolderInputs, "uid"> {
  platform: NodeJS.Platform;
  /** process.geteuid(); undefined on Windows */
  uid: number | undefined;
  /** os.userInfo().username. On Windows all users share the names of pipes. */
  userName: string;
}

/** @returns undefined, with a log line, if no folder can be trusted */
function findLock({ platform, uid, userName, ...folders }: LockInputs, log: Log): Lock | undefined {
  if (platform === "win32") return pipeLock(`\\\\.\\pipe\\eks-x509-${encodeURIComponent(userName)}-`);
  if (uid === undefined) return undefined;
  const { path, reasons } = findPrivateFolder({ uid, ...folders });
  for (const reason of reasons) log(`no lock there: ${reason}`);
  return path === undefined ? undefined : folderLock(path);
}
