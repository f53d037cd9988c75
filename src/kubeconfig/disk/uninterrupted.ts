/** Work in steps that no signal can interrupt, such as Ctrl-C between the creation and the removal of a lock. */

/** The subset of `process` that this needs. */
export interface SignalPorts {
  signals: {
    on(signal: NodeJS.Signals, listener: () => void): unknown;
    off(signal: NodeJS.Signals, listener: () => void): unknown;
  };
  /** Sends a signal to this process after our listeners are removed. Without another listener, the process ends. */
  raise: (signal: NodeJS.Signals) => void;
}

const ending = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * @param work its synchronous parts are the steps. With a listener, a signal waits for the event loop; without one, it ends
 * the process at any point
 * @throws the errors of `work`
 */
export async function uninterrupted<Result>(
  work: () => Result,
  { signals, raise }: SignalPorts,
): Promise<Result> {
  const stop = (): void => {
    for (const [signal, listener] of listeners) signals.off(signal, listener);
  };
  const listeners = ending.map((signal) => {
    const listener = (): void => {
      stop();
      raise(signal);
    };
    return [signal, listener] as const;
  });
  for (const [signal, listener] of listeners) signals.on(signal, listener);
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
