/** Work that starts other programs: a signal ends those programs first, and then this process. */
import type { SignalPorts } from "../../../kubeconfig/disk/uninterrupted.ts";

export interface Ending {
  /** Whether a program may be running. */
  isWaitedFor: () => boolean;
  /** Restores the screen. */
  tidy: () => Promise<void>;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Milliseconds for a program to end on request, and then by force. */
const longestWait = 3_000;

/** @param work its programs end when `cancel` is aborted */
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

/** The first signal. A second one has its usual effect. */
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
