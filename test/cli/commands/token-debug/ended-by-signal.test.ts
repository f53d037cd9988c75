import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { endedBySignal } from "../../../../src/cli/commands/token-debug/ended-by-signal.ts";
import type { Signals } from "../../../../src/foundation/ports.ts";

const never = new AbortController().signal;

function ports() {
  const source = new EventEmitter();
  const events: string[] = [];
  const signals: Signals = {
    on: (name, listener) => source.on(name, listener),
    off: (name, listener) => source.off(name, listener),
    raise: (signal) => {
      events.push(`${signal}, heard by ${source.listenerCount(signal)}`);
    },
  };
  const tidy = (): Promise<void> => {
    events.push("tidied");
    return Promise.resolve();
  };
  return { source, signals, events, tidy };
}

it("what comes to its end leaves no listener behind", async () => {
  const { source, signals, events, tidy } = ports();
  expect(await endedBySignal(() => Promise.resolve(7), signals, tidy, never)).toBe(7);
  const failing = endedBySignal(() => Promise.reject(new Error("no")), signals, tidy, never);
  await expect(failing).rejects.toThrow("no");
  expect([source.eventNames(), events]).toEqual([[], []]);
});

it.each(["SIGINT", "SIGTERM", "SIGHUP"])("%s ends first what was started, then this", async (signal) => {
  const { source, signals, events, tidy } = ports();
  const work = (cancel: AbortSignal): Promise<string> =>
    new Promise((resolve) => {
      cancel.addEventListener("abort", () => {
        // A second one is for this process alone.
        expect(source.eventNames()).toEqual([]);
        setTimeout(() => {
          events.push("ended");
          resolve("result");
        }, 10);
      });
      setTimeout(() => source.emit(signal), 10);
    });
  await endedBySignal(work, signals, tidy, never);
  expect(events).toEqual(["ended", "tidied", `${signal}, heard by 0`]);
});

it("the deadline ends what was started, and what is started after it, and not this", async () => {
  const { source, signals, events, tidy } = ports();
  const deadline = new AbortController();
  const work = (cancel: AbortSignal): Promise<string> =>
    new Promise((resolve) => {
      const end = (): void => {
        resolve("ended");
      };
      if (cancel.aborted) end();
      else cancel.addEventListener("abort", end);
    });
  const started = endedBySignal(work, signals, tidy, deadline.signal);
  deadline.abort();
  expect(await started).toBe("ended");
  expect(await endedBySignal(work, signals, tidy, deadline.signal)).toBe("ended");
  expect([source.eventNames(), events]).toEqual([[], []]);
});
