/** Work that has started programs of others: a signal ends those first, and then this process, as the signal would have. */
import type { SignalPorts } from "../../../kubeconfig/disk/uninterrupted.ts";

export interface Ending {
  /** Whether there is anything to end first. */
  isWaitedFor: () => boolean;
  /** Leaves the screen as it was. */
  tidy: () => Promise<void>;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Milliseconds for a program to end when asked, and when forced. */
const longestWait = 3_000;

/** @param work what it has started ends when `cancel` is aborted */
export async function endedBySignal<Result>(
  work: (cancel: AbortSignal) => Promise<Result>,
  ports: SignalPorts,
  { isWaitedFor, tidy }: Ending,
): Promise<Result> {
  const cancelling = new AbortController();
  const caught = caughtSignal(ports);
  const result = work(cancelling.signal);
  try {
    const first = await Promise.race([result.then(() => undefined), caught.signal]);
    if (first === undefined) return await result;
    const isUnderWay = isWaitedFor();
    cancelling.abort();
    if (isUnderWay) await Promise.race([settled(result), after(longestWait)]);
    await tidy();
    caught.stop();
    ports.raise(first);
    return await result;
  } finally {
    caught.stop();
  }
}

/** A second one is not kept waiting. */
function caughtSignal({ signals: source }: SignalPorts): {
  signal: Promise<NodeJS.Signals>;
  stop: () => void;
} {
  let stop = (): void => undefined;
  const signal = new Promise<NodeJS.Signals>((resolve) => {
    const listeners = signals.map((name) => {
      const listener = (): void => {
        stop();
        resolve(name);
      };
      source.on(name, listener);
      return [name, listener] as const;
    });
    stop = () => {
      for (const [name, listener] of listeners) source.off(name, listener);
    };
  });
  return {
    signal,
    stop: () => {
      stop();
    },
  };
}

async function settled(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
