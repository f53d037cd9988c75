/** Work that is done in steps, none of which a signal may cut short, such as Ctrl-C between taking a lock and giving it back. */

/** The subset of `process` that this needs. */
export interface SignalPorts {
  signals: {
    on(signal: NodeJS.Signals, listener: () => void): unknown;
    off(signal: NodeJS.Signals, listener: () => void): unknown;
  };
  /** Sends a signal to this process, which nobody here listens to any more: unless somebody else does, it ends. */
  raise: (signal: NodeJS.Signals) => void;
}

const ending = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * @param work whose synchronous parts are the steps: with a listener, a signal waits for the event loop's turn, and without
 * one it ends the process wherever that is
 * @throws what `work` throws
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
 * What came in the last step is told when the event loop turns, and would be lost with its listener. The first immediate may
 * come within the turn that is under way, which has polled before; a timer may be due before the poll. The time after them is for
 * a signal that another of the process's threads is just taking note of.
 */
async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 1));
}
