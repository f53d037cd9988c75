import fc from "fast-check";
import { type Server, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { type Lock, type Taken, folderLock } from "../../../src/cache/flight/lock.ts";
import { waitFor } from "../../../src/cache/flight/handover.ts";
import { abandon } from "./abandoned.ts";
import { entriesOf, withFolder } from "./crowd.ts";

const key = "a".repeat(24);

async function take(lock: Lock): Promise<{ server: Server; taken: Taken }> {
  const server = createServer();
  return { server, taken: await lock.take(key, server) };
}

describe.skipIf(process.platform === "win32")("the lock in a folder", () => {
  it("one who saw a dead holder long ago takes nothing from the one that came after it", () =>
    withFolder(async (folder) => {
      const lock = folderLock(folder);
      const dead = await abandon(folder, key);
      expect((await take(lock)).taken).toEqual({ kind: "other", holder: dead });
      lock.free(dead);
      const { server, taken } = await take(lock);
      expect(taken.kind).toBe("held");
      const before = entriesOf(folder);
      // The slow one: it, too, has found it dead, and frees the place that is no longer free.
      lock.free(dead);
      expect(entriesOf(folder)).toEqual(before);
      expect((await take(lock)).taken.kind).toBe("other");
      if (taken.kind === "held") taken.release();
      server.close();
      expect(entriesOf(folder)).toEqual([]);
    }));

  /** Each step is one of the atomic steps that a process does, so any order of them may happen between processes. */
  const step = fc.record({
    who: fc.nat({ max: 4 }),
    does: fc.constantFrom("take", "probe", "free", "leave", "die"),
  });

  it("in any order of steps, at most one holds it, and in the end anyone can", () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), (steps) =>
        withFolder(async (folder) => {
          const lock = folderLock(folder);
          const contenders = Array.from({ length: 5 }, () => new Contender(lock));
          for (const { who, does } of steps) {
            await contenders[who]?.[does]();
            expect(contenders.filter(({ holds }) => holds).length).toBeLessThanOrEqual(1);
          }
          for (const contender of contenders) await contender.leave();
          const last = new Contender(lock);
          while (!last.holds) {
            await last.take();
            await last.probe();
            last.free();
          }
          await last.leave();
          expect(entriesOf(folder)).toEqual([]);
        }),
      ),
      { numRuns: 150 },
    ));
});

class Contender {
  readonly #lock: Lock;
  #held: { server: Server; release: () => void } | undefined;
  #seen: string | undefined;
  #dead: string | undefined;

  constructor(lock: Lock) {
    this.#lock = lock;
  }

  get holds(): boolean {
    return this.#held !== undefined;
  }

  async take(): Promise<void> {
    if (this.#held) return;
    const { server, taken } = await take(this.#lock);
    if (taken.kind === "held") this.#held = { server, release: taken.release };
    else this.#seen = taken.holder;
  }

  /** What it learns may be old by the time that it acts on it. */
  async probe(): Promise<void> {
    if (this.#seen === undefined) return;
    const answer = await waitFor(this.#seen, 1, { connect: () => undefined });
    if (answer.kind === "gone") this.#dead = this.#seen;
  }

  free(): void {
    if (this.#dead !== undefined) this.#lock.free(this.#dead);
  }

  async leave(): Promise<void> {
    this.#held?.release();
    await this.die();
  }

  async die(): Promise<void> {
    const server = this.#held?.server;
    this.#held = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
  }
}
