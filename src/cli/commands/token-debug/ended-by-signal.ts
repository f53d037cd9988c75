/**
 * Work that runs another program: a signal ends that program first, and then this process. Without such work nothing listens
 * to signals, so that they end the process at once, even while it computes.
 */
import type { Signals } from "../../../foundation/ports.ts";

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * @param work its program ends soon after `cancel` is aborted, by a signal or at the deadline
 * @param tidy restores the screen
 */
export async function endedBySignal<Result>(
  work: (cancel: AbortSignal) => Promise<Result>,
  signals: Signals,
  tidy: () => Promise<void>,
  deadline: AbortSignal,
): Promise<Result> {
  const cancelling = new AbortController();
  const giveUp = (): void => {
    cancelling.abort("deadline");
  };
  if (deadline.aborted) giveUp();
  else deadline.addEventListener("abort", giveUp);
  const stop = (): void => {
    deadline.removeEventListener("abort", giveUp);
    for (const [name, listener] of listeners) signals.off(name, listener);
  };
  const listeners = names.map((name) => {
    const listener = (): void => {
      // A second signal ends this process at once.
      stop();
      cancelling.abort(name);
    };
    signals.on(name, listener);
    return [name, listener] as const;
  });
  try {
    return await work(cancelling.signal);
  } finally {
    stop();
    const caught = names.find((name) => name === cancelling.signal.reason);
    if (caught) {
      await tidy();
      signals.raise(caught);
    }
  }
}
