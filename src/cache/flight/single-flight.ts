/**
 * Of the processes that want the same thing at the same time, one does the work. The others wait for its outcome and get it
 * through a socket, from memory to memory. The lock only saves work: whatever is wrong with it, the work is done without it.
 */
import { EksX509Error } from "../../foundation/errors.ts";
import type { Log, Sha256 } from "../../foundation/ports.ts";
import { systemText } from "../../foundation/system-error.ts";
import { type Answer, Holder, type Outcome, pause, readOutcome, waitFor, writeOutcome } from "./handover.ts";
import { type Lock, folderLock, pipeLock } from "./lock.ts";
import type { Environment } from "../../foundation/environment.ts";
import { type FolderInputs, findPrivateFolder } from "../private-folder.ts";

type Linger = Record<"success" | "failure", number>;

export interface Wanted<Value> {
  /** A hash in hexadecimal digits, at least 24 of them. */
  key: string;
  /** Reads the keychain first: another process may have stored the value since the miss. */
  work: () => Promise<Value>;
  /** The value as text, for the processes that wait. */
  write: (value: Value) => string;
  /** The value from another process's text. */
  read: (text: string) => Value;
}

export interface SingleFlight {
  /** @throws EksX509Error of the work, whichever process did it */
  run: <Value>(wanted: Wanted<Value>) => Promise<Value>;
}

export interface SingleFlightOptions {
  /** Undefined: every process works alone. */
  lock: Lock | undefined;
  log: Log;
  /** Milliseconds to wait for a holder; a little longer than its own network limit. Twice that for all holders together. */
  patience?: number;
  /**
   * Milliseconds that a holder stays to tell latecomers, where other processes waited: then more may come. No keychain keeps a
   * failure, and a failure may take no longer than a process takes to start.
   */
  linger?: Partial<Linger>;
}

/** The network limit of a holder is 10 seconds (src/http/client.ts), all its attempts together. */
const defaultPatience = 10_500;
const defaultLinger: Linger = { success: 0, failure: 200 };

export function singleFlightAt({ lock, log, ...options }: SingleFlightOptions): SingleFlight {
  const { patience = defaultPatience } = options;
  const linger = { ...defaultLinger, ...options.linger };
  return {
    run: async (wanted) => {
      const { key, work } = wanted;
      // The key becomes a file's name.
      if (!lock || !/^[0-9a-f]{24,128}$/.test(key)) return work();
      const end = await contend(key, { lock, patience, log }).catch((error: unknown): Contest => {
        log(`not one at a time: ${systemText(error)}`);
        return { kind: "alone" };
      });
      if (end.kind === "alone") return work();
      if (end.kind === "held") return holdersWork(wanted, end, { isShared: lock.confidential, linger });
      if (end.outcome.kind === "failure") throw end.outcome.failure;
      return wanted.read(end.outcome.text);
    },
  };
}

/** The outcome has left this process before this resolves, because the program exits right after. */
async function holdersWork<Value>(
  { key, work, write }: Wanted<Value>,
  { holder, release }: Contest & { kind: "held" },
  { isShared, linger }: { isShared: boolean; linger: Linger },
): Promise<Value> {
  const line = (outcome: Outcome): string | undefined => (isShared ? writeOutcome(key, outcome) : undefined);
  const failed = async (error: unknown): Promise<never> => {
    // A defect of this program has no message for users. A process that waits meets it, too.
    const text = error instanceof EksX509Error ? line({ kind: "failure", failure: error }) : undefined;
    await holder.end({ line: text, release, linger: linger.failure });
    throw error;
  };
  const value = await work().catch(failed);
  await holder.end({ line: line({ kind: "text", text: write(value) }), release, linger: linger.success });
  return value;
}

/** How a process that wants the lock ends up: it holds it, has the holder's outcome, or works alone. */
type Contest =
  | { kind: "held"; holder: Holder; release: () => void }
  | { kind: "handed over"; outcome: Outcome }
  | { kind: "alone" };

interface ContestOptions {
  lock: Lock;
  patience: number;
  log: Log;
}

/** Each round ends with a holder's end. After these, a place that can neither be had nor waited at is left alone. */
const mostRounds = 1_000;
const queuePause = 20;

async function contend(key: string, options: ContestOptions): Promise<Contest> {
  const { lock, log, patience } = options;
  const deadline = performance.now() + 2 * patience;
  for (let round = 0; round < mostRounds && performance.now() < deadline; round++) {
    const holder = new Holder();
    // The beginning is enough of a name, and a socket's path is short. The outcome has the whole key.
    const taken = await lock.take(key.slice(0, 24), holder.server);
    if (taken.kind === "held") return { kind: "held", holder, release: taken.release };
    const end = await waitAt(taken.holder, key, options);
    if (end) return end;
  }
  log("no other process has come to an end with it: working alone");
  return { kind: "alone" };
}

/** @returns undefined to contend again */
async function waitAt(
  place: string,
  key: string,
  { lock, log, patience }: ContestOptions,
): Promise<Contest | undefined> {
  const onConnect = (): void => {
    log("another process is at it: waiting for its outcome");
  };
  const answer = await waitFor(place, { milliseconds: patience, onConnect });
  if (answer.kind === "full") {
    await pause(queuePause);
    return undefined;
  }
  const outcome = lock.confidential ? outcomeIn(answer, key) : undefined;
  if (outcome) return { kind: "handed over", outcome };
  log(
    answer.kind === "silent"
      ? `the other process has not answered for ${patience} ms`
      : "the other process has ended without an outcome",
  );
  // A holder that is dead or hangs makes way. One of the processes that waited takes its place, and the others wait for that one.
  return lock.free(place) || answer.kind !== "silent" ? undefined : { kind: "alone" };
}

function outcomeIn(answer: Answer, key: string): Outcome | undefined {
  return answer.kind === "line" ? readOutcome(key, answer.line) : undefined;
}

export interface FlightInputs extends LockInputs {
  env: Environment;
  sha256: Sha256;
  /** Whether a keychain keeps what the flight brings. */
  isKept: boolean;
}

/** Milliseconds that a process stays to give its session to latecomers. Where there is a keychain, they find it there. */
const lingerWithoutKeychain = 200;

export function openSingleFlight(inputs: FlightInputs, log: Log): SingleFlight {
  const { env, sha256, isKept } = inputs;
  const linger = isKept ? {} : { success: lingerWithoutKeychain };
  const flight = singleFlightAt({ lock: findLock(inputs, log), log, linger });
  return { run: (wanted) => flight.run({ ...wanted, key: keyIn(env, wanted.key, sha256) }) };
}

const variables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];
const nodeVariables = ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "AWS_MAX_ATTEMPTS"];

/**
 * Runs that reach AWS in another way do not wait for one another: a proxy or a trust store that fails for one must not fail the other.
 * @returns a key of the same form, for the lock: a hash, which does not show a proxy's password
 */
export function keyIn(env: Environment, key: string, sha256: Sha256): string {
  const names = [...variables, ...variables.map((name) => name.toLowerCase()), ...nodeVariables];
  return sha256(JSON.stringify([key, ...names.map((name) => env[name] ?? null)]));
}

export interface LockInputs extends Omit<FolderInputs, "uid"> {
  platform: NodeJS.Platform;
  /** process.geteuid(); undefined on Windows */
  uid: number | undefined;
  /** os.userInfo().username. Windows has one name space of pipes for all users. */
  userName: string;
}

/** @returns undefined, and logs why, where there is none that can be trusted */
function findLock({ platform, uid, userName, ...folders }: LockInputs, log: Log): Lock | undefined {
  if (platform === "win32") return pipeLock(`\\\\.\\pipe\\eks-x509-${encodeURIComponent(userName)}-`);
  if (uid === undefined) return undefined;
  const { path, reasons } = findPrivateFolder({ uid, ...folders });
  for (const reason of reasons) log(`no lock there: ${reason}`);
  return path === undefined ? undefined : folderLock(path);
}
