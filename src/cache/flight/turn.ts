/** How a process gets its turn: it holds the lock, or has been told the outcome, or gives up on company. */
import { Holder, pause } from "./holder.ts";
import type { Lock } from "./lock.ts";
import { readOutcome, type Outcome } from "./messages.ts";
import { waitFor, type Answer } from "./waiter.ts";

export type Turn =
  | { kind: "held"; holder: Holder; release: () => void }
  | { kind: "told"; outcome: Outcome }
  | { kind: "alone" };

export interface TurnOptions {
  lock: Lock;
  patience: number;
  tell: (line: string) => void;
}

/** Each round ends with a holder's end; a place that can neither be had nor waited at is left alone after these. */
const mostRounds = 1_000;
const queuePause = 20;

/** Until the lock is ours or its holder has told the outcome. */
export async function turnFor(key: string, options: TurnOptions): Promise<Turn> {
  const { lock, tell, patience } = options;
  const deadline = performance.now() + 2 * patience;
  for (let round = 0; round < mostRounds && performance.now() < deadline; round++) {
    const holder = new Holder();
    // The beginning is enough of a name, and a socket's path is short; the outcome names the key in full.
    const taken = await lock.take(key.slice(0, 24), holder.server);
    if (taken.kind === "held") return { kind: "held", holder, release: taken.release };
    const turn = await waitAt(taken.holder, key, options);
    if (turn) return turn;
  }
  tell("no other process has come to an end with it: working alone");
  return { kind: "alone" };
}

/** Undefined: contend again. */
async function waitAt(place: string, key: string, options: TurnOptions): Promise<Turn | undefined> {
  const { lock, tell, patience } = options;
  const onConnect = (): void => {
    tell("another process is at it: waiting for its outcome");
  };
  const answer = await waitFor(place, { milliseconds: patience, onConnect });
  if (answer.kind === "full") {
    await pause(queuePause);
    return undefined;
  }
  const outcome = lock.confidential ? outcomeIn(answer, key) : undefined;
  if (outcome) return { kind: "told", outcome };
  tell(
    answer.kind === "silent"
      ? `the other process has not answered for ${patience} ms`
      : "the other process has ended without an outcome",
  );
  // Dead or hanging, it makes way; one of those that waited takes its place and the others wait for that one.
  return lock.free(place) || answer.kind !== "silent" ? undefined : { kind: "alone" };
}

function outcomeIn(answer: Answer, key: string): Outcome | undefined {
  return answer.kind === "line" ? readOutcome(key, answer.line) : undefined;
}
