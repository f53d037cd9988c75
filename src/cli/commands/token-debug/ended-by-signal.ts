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
  let caught: (typeof names)[number] | undefined;
  const listeners = names.map((name) => ({
    name,
    listener: () => {
      // A second signal ends this process at once.
      stop();
      caught = name;
      cancelling.abort();
    },
  }));
  const stop = (): void => {
    for (const { name, listener } of listeners) signals.off(name, listener);
  };
  for (const { name, listener } of listeners) signals.on(name, listener);
  try {
    return await work(AbortSignal.any([cancelling.signal, deadline]));
  } finally {
    stop();
    if (caught) {
      await tidy();
      signals.raise(caught);
    }
  }
}
