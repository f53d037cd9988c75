/**
 * Work that runs another program: a signal ends that program first, and then this process. Without such work nothing listens
 * to signals, so that they end the process at once, even while it computes.
 */
import { once } from "node:events";
import { EksX509Error } from "../../../foundation/errors.ts";
import type { Signals } from "../../../foundation/ports.ts";
import type { Http } from "../../../http/client.ts";

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

/** In docs/token-debug.md. The usual minute of another tool's plugin, and another one for all servers. */
export const longestRun = 120;

/** From the deadline on no request is made, so that the walk ends with what it has found by then. */
export function endingAt(deadline: AbortSignal, http: Http): Http {
  return (call) => {
    const timedOut = (): EksX509Error =>
      new EksX509Error({
        category: "network",
        hop: call.hop,
        code: "DEBUG_TIMED_OUT",
        message: `token debug ended after ${longestRun} seconds, before there was an answer`,
        hint: "Several servers or a program of this run are slow. Run it again, and watch which hop takes long.",
      });
    if (deadline.aborted) return Promise.reject(timedOut());
    const passed = once(deadline, "abort").then(() => Promise.reject(timedOut()));
    return Promise.race([http(call), passed]);
  };
}
