/** A time limit that ends when the event that a test is about has come: a busy machine takes its time to get there. */
import { setImmediate } from "node:timers/promises";
import { vi } from "vitest";
import { until } from "./until.ts";

/**
 * @param event after which the time passes
 * @param work whose time limit is tested, with setTimeout of this process
 * @returns its outcome, a rejection included
 */
export async function timeOutAfter<Result>(
  event: () => boolean,
  milliseconds: number,
  work: () => Promise<Result>,
): Promise<Result> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const running = work();
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    running.then(over, over);
    await until(() => isOver || event());
    // What other processes have written before the event is in the pipes.
    for (let rounds = 0; rounds < 3; rounds += 1) await setImmediate();
    vi.advanceTimersByTime(milliseconds);
    // Each check moves the time on by its interval, for the limits that begin now.
    await until(() => isOver);
    return await running;
  } finally {
    vi.useRealTimers();
  }
}
