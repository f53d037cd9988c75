/**
 * Of the processes that want the same thing at the same time, one does the work; the others wait for its outcome and get it
 * from memory to memory, through a socket. The lock is a help, never a condition: whatever is wrong with it,
 * the work is done without.
 */
import { EksX509Error } from "../../foundation/errors.ts";
import type { Lock } from "./lock.ts";
import { writeOutcome, type Outcome } from "./messages.ts";
import { systemText } from "../../foundation/system-error.ts";
import { turnFor, type Turn } from "./turn.ts";

type Work = () => Promise<string>;
type Linger = Record<"success" | "failure", number>;

export interface SingleFlight {
  /**
   * @param key what is wanted: a hash in hexadecimal digits, at least 24 of them
   * @param work looks into the keychain first: another process may have been there since the miss
   * @throws EksX509Error of the work, whichever process did it
   */
  run: (key: string, work: Work) => Promise<string>;
}

export interface SingleFlightOptions {
  /** Undefined: everyone works alone. */
  lock: Lock | undefined;
  /** For --verbose. */
  tell: (line: string) => void;
  /** Milliseconds to wait for a holder; a little longer than its own network limit. Twice that for all holders together. */
  patience?: number;
  /**
   * Milliseconds that a holder stays to tell latecomers, where there was anyone waiting: a crowd is under way. A failure is
   * kept by no keychain, and may take no longer than a process takes to start.
   */
  linger?: Partial<Linger>;
}

type Settled = Outcome | { kind: "defect"; error: unknown };

/** The network limit of a holder is 10 seconds (src/http/client.ts), all its attempts together. */
const defaultPatience = 10_500;
const defaultLinger: Linger = { success: 0, failure: 200 };

export function createSingleFlight({ lock, tell, ...options }: SingleFlightOptions): SingleFlight {
  const { patience = defaultPatience } = options;
  const linger = { ...defaultLinger, ...options.linger };
  return {
    run: async (key, work) => {
      // The key becomes a file's name.
      if (!lock || !/^[0-9a-f]{24,128}$/.test(key)) return work();
      const turn = await turnFor(key, { lock, patience, tell }).catch((error: unknown): Turn => {
        tell(`not one at a time: ${systemText(error)}`);
        return { kind: "alone" };
      });
      if (turn.kind === "alone") return work();
      if (turn.kind === "told") return result(turn.outcome);
      const settled = await settle(work);
      await share(settled, key, turn, { confidential: lock.confidential, linger });
      return result(settled);
    },
  };
}

/** The outcome must have left before this resolves: the program exits right after. */
async function share(
  settled: Settled,
  key: string,
  { holder, release }: Turn & { kind: "held" },
  { confidential, linger }: { confidential: boolean; linger: Linger },
): Promise<void> {
  // A defect of this program has no message for users; whoever waits runs into it, too.
  const line = settled.kind === "defect" || !confidential ? undefined : writeOutcome(key, settled);
  await holder.end({ line, release, linger: settled.kind === "text" ? linger.success : linger.failure });
}

async function settle(work: Work): Promise<Settled> {
  try {
    return { kind: "text", text: await work() };
  } catch (error) {
    return error instanceof EksX509Error ? { kind: "failure", failure: error } : { kind: "defect", error };
  }
}

function result(settled: Settled): string {
  if (settled.kind === "text") return settled.text;
  throw settled.kind === "failure" ? settled.failure : settled.error;
}
