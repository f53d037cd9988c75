/** Holders that do what this program's never would, and folders that cannot be used: the work is done all the same. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { type Lock, folderLock } from "../../../src/cache/flight/lock.ts";
import { Holder, longestLine, writeOutcome } from "../../../src/cache/flight/handover.ts";
import { singleFlightAt } from "../../../src/cache/flight/single-flight.ts";
import { EksX509Error } from "../../../src/foundation/errors.ts";
import { rejectionOf } from "../../failure.ts";
import { abandon, occupy } from "./abandoned.ts";
import { entriesOf, withFolder } from "./crowd.ts";
import { textWanted } from "./text-wanted.ts";

const key = "c".repeat(64);

async function run(
  lock: Lock | undefined,
  { patience = 20_000, wanted = key } = {},
): Promise<{ text: string; logged: string[] }> {
  const logged: string[] = [];
  const flight = singleFlightAt({ lock, log: (line) => logged.push(line), patience });
  return { text: await flight.run(textWanted(wanted, () => Promise.resolve("own"))), logged };
}

const line = (text: string, of = key): string => writeOutcome(of, { kind: "text", text }) ?? "";

describe.skipIf(process.platform === "win32")("a holder", () => {
  it.each<[string, (socket: Socket) => void]>([
    ["that sends garbage", (socket) => socket.end("\x00\xff{]\n")],
    ["that dies within its line", (socket) => socket.end(line("x").slice(0, -3))],
    ["that never ends its line", (socket) => socket.write("x".repeat(longestLine + 1))],
    ["of a key with the same beginning", (socket) => socket.end(line("x", `${"c".repeat(63)}d`))],
    ["that hangs up", (socket) => socket.destroy()],
  ])("%s counts as dead", (_, onWaiter) =>
    withFolder(async (folder) => {
      const { server } = await occupy(folder, key, onWaiter);
      const { text, logged } = await run(folderLock(folder));
      expect(text).toBe("own");
      expect(logged).toContain("the other process has ended without an outcome");
      expect(entriesOf(folder)).toEqual([]);
      server.close();
    }),
  );

  it("whose line comes in pieces is understood", () =>
    withFolder(async (folder) => {
      const bytes = Buffer.from(line("é".repeat(100)));
      const { server } = await occupy(folder, key, (socket) => {
        for (const byte of bytes) socket.write(Uint8Array.of(byte));
      });
      expect((await run(folderLock(folder))).text).toBe("é".repeat(100));
      server.close();
    }));

  it("whose queue is full is asked again, and left behind in the end", () =>
    withFolder(async (folder) => {
      const path = await abandon(folder, key);
      rmSync(path);
      // It listens, and does nothing else for ever.
      const program = `require("net").createServer().listen({ path: process.argv[1], backlog: 1 }, () => {
        require("fs").writeSync(1, "up");
        for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      })`;
      const child = spawn(process.execPath, ["-e", program, path], { stdio: ["ignore", "pipe", "inherit"] });
      try {
        await once(child.stdout, "data");
        const lock = folderLock(folder);
        const runs = await Promise.all(Array.from({ length: 10 }, () => run(lock, { patience: 300 })));
        expect(runs.every(({ text }) => text === "own")).toBe(true);
        const waits = runs.flatMap(({ logged }) => logged).filter((line) => line.includes("waiting"));
        expect(waits.length).toBeGreaterThan(0);
        expect(entriesOf(folder)).toEqual([]);
      } finally {
        child.kill("SIGKILL");
      }
    }));

  it("that cannot accept a connection goes on", () => {
    const error = new Error("accept EMFILE");
    expect(new Holder().server.emit("error", error)).toBe(true);
  });

  it("with a defect sends nothing: each waiting process tries itself", () =>
    withFolder(async (folder) => {
      const { run } = singleFlightAt({ lock: folderLock(folder), log: () => undefined });
      let defect: (error: Error) => void = () => undefined;
      const working = new Promise<string>((_, reject) => (defect = reject));
      const first = run(textWanted(key, () => working));
      const second = run(textWanted(key, () => Promise.resolve("own")));
      setImmediate(() => {
        defect(new TypeError("x is not a function"));
      });
      await expect(first).rejects.toThrow(TypeError);
      expect(await second).toBe("own");
    }));

  it("with a result too long to send sends nothing", () =>
    withFolder(async (folder) => {
      const { run } = singleFlightAt({ lock: folderLock(folder), log: () => undefined });
      const long = "x".repeat(longestLine);
      const resolved = () => Promise.resolve(long);
      expect(await Promise.all([run(textWanted(key, resolved)), run(textWanted(key, resolved))])).toEqual([
        long,
        long,
      ]);
      expect(entriesOf(folder)).toEqual([]);
    }));

  it("that fails alone does not stay", () =>
    withFolder(async (folder) => {
      const failure = new EksX509Error({
        category: "network",
        hop: "create-session",
        code: "NO_ANSWER",
        message: "m",
        hint: "h",
      });
      const flight = singleFlightAt({
        lock: folderLock(folder),
        log: () => undefined,
        linger: { success: 0, failure: 3_600_000 },
      });
      expect(await rejectionOf(flight.run(textWanted(key, () => Promise.reject(failure))))).toBe(failure);
    }));
});

describe("the work is done without a lock", () => {
  it("when there is none", async () => {
    expect(await run(undefined)).toEqual({ text: "own", logged: [] });
  });

  it.each(["", "../../etc", "A".repeat(64), "a".repeat(23)])("for a key that is no hash: %j", (wanted) =>
    withFolder(async (folder) => {
      expect((await run(folderLock(folder), { wanted })).text).toBe("own");
    }),
  );

  it.skipIf(process.platform === "win32").each<[string, (folder: string) => void]>([
    [
      "is gone",
      (folder) => {
        rmSync(folder, { recursive: true });
      },
    ],
    [
      "holds a file in the place of a lock",
      (folder) => {
        writeFileSync(`${folder}/${key.slice(0, 24)}`, "");
      },
    ],
    [
      "holds a folder in the place of a socket",
      (folder) => {
        mkdirSync(`${folder}/${key.slice(0, 24)}/x`, { recursive: true });
      },
    ],
  ])("when the folder %s, and it is logged", (_, spoil) =>
    withFolder(async (folder) => {
      spoil(folder);
      const { text, logged } = await run(folderLock(folder));
      expect(text).toBe("own");
      expect(logged.at(-1)).toMatch(/^not one at a time: E/);
    }),
  );
});
