/** Work in steps that no signal can interrupt, such as Ctrl-C between the creation and the removal of a lock. */

import type { Signals } from "../../foundation/ports.ts";

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
