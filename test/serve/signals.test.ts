import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { untilSignal } from "../../src/serve/serve.ts";

it.each([
  ["SIGINT", false, true],
  ["SIGTERM", false, true],
  ["SIGHUP", true, true],
  ["SIGHUP", false, false],
] as const)("%s with a terminal (%s) ends the server: %s", (name, hasTerminal, ends) => {
  const emitter = new EventEmitter();
  const signals = Object.assign(emitter, { raise: () => undefined });
  const { ended, signal } = untilSignal({ signals, hasTerminal });
  emitter.emit(name, name);
  expect({ ended: ended.aborted, signal: signal() }).toEqual({ ended: ends, signal: ends ? name : "" });
});
