import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { endedBySignal } from "../../../../src/cli/commands/token-debug/ended-by-signal.ts";

function ports() {
  const signals = new EventEmitter();
  const events: string[] = [];
  const raise = (signal: NodeJS.Signals): void => {
    events.push(`${signal}, heard by ${signals.listenerCount(signal)}`);
  };
  return { signals, events, raise };
}

it("what comes to its end leaves no listener behind", async () => {
  const outside = ports();
  const tidy = (): Promise<void> => Promise.reject(new Error("nothing is to be tidied"));
  expect(await endedBySignal(() => Promise.resolve(7), outside, { isWaitedFor: () => true, tidy })).toBe(7);
  expect(outside.signals.eventNames()).toEqual([]);
});

it.each(["SIGINT", "SIGTERM", "SIGHUP"])("%s ends first what was started, then this", async (signal) => {
  const outside = ports();
  const work = (cancel: AbortSignal): Promise<string> =>
    new Promise((resolve) => {
      cancel.addEventListener("abort", () => {
        setTimeout(() => {
          outside.events.push("ended");
          resolve("result");
        }, 10);
      });
      setTimeout(() => outside.signals.emit(signal), 10);
    });
  const tidy = (): Promise<void> => {
    outside.events.push("tidied");
    return Promise.resolve();
  };
  await endedBySignal(work, outside, { isWaitedFor: () => true, tidy });
  expect(outside.events).toEqual(["ended", "tidied", `${signal}, heard by 0`]);
});
