import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isThorough } from "../../thorough.ts";
import { bundleWorker, Crowd, entriesOf, withFolder, type Worker } from "./crowd.ts";
import { abandon } from "./abandoned.ts";

const key = "a".repeat(64);
const otherKey = "b".repeat(64);
/** A hundred whole programs at once are in test/e2e/cache-crowd.test.ts. */
const size = isThorough ? 100 : 20;
const contenders = isThorough ? 50 : 15;
/** So that no wait of a slow machine ends before the event that the test watches for. */
const patience = 3_600_000;
const session = JSON.stringify({ secretAccessKey: "SECRET/+=\n\"'é" });

describe.skipIf(process.platform === "win32")("single flight, of real processes", () => {
  let scripts: string;
  let script: string;
  let crowd: Crowd;

  beforeAll(async () => {
    scripts = mkdtempSync(join(tmpdir(), "eks-x509-worker-"));
    script = await bundleWorker(scripts);
    crowd = new Crowd(script);
    await crowd.grow(size);
  });

  afterAll(async () => {
    await crowd.disperse();
    rmSync(scripts, { recursive: true, force: true });
  });

  beforeEach(() => {
    crowd.forget();
  });

  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    // Some may be stopped, or still wait for one another.
    await crowd.disperse();
    crowd = new Crowd(script);
    await crowd.grow(size);
  });

  function runAll(folder: string, workers = crowd.workers): void {
    for (const worker of workers) worker.send({ run: { key, folder, patience } });
  }

  /** The one that works, once all others wait for it. */
  async function holder(waits: number, turn = 1): Promise<Worker> {
    await crowd.until(() => crowd.count("working") >= turn && crowd.waits >= waits);
    const working = crowd.all("working");
    expect(working).toHaveLength(turn);
    const last = working.at(-1);
    if (!last) throw new Error("nobody works");
    return last.worker;
  }

  it(`${size} at once: one works, all have its outcome, and no file of the folder holds any of it`, () =>
    withFolder(async (folder) => {
      runAll(folder);
      const working = await holder(size - 1);
      const during = entriesOf(folder);
      expect(during).toHaveLength(2);
      expect(during[0]).toBe(`folder ${key.slice(0, 24)}`);
      expect(during[1]).toMatch(/^socket a{24}\/\w{6}$/);
      working.send({ finish: { text: session } });
      await crowd.until(() => crowd.count("text") === size);
      expect(crowd.all("text").every(({ value }) => value === session)).toBe(true);
      expect(crowd.count("working")).toBe(1);
      expect(entriesOf(folder)).toEqual([]);
    }));

  it("the holder is killed: exactly one other works, and the rest have that one's outcome", () =>
    withFolder(async (folder) => {
      const workers = crowd.workers.slice(0, size);
      runAll(folder, workers);
      const first = await holder(size - 1);
      await first.kill();
      crowd.workers.splice(crowd.workers.indexOf(first), 1);
      const second = await holder(size - 1 + size - 2, 2);
      expect(second).not.toBe(first);
      second.send({ finish: { text: session } });
      await crowd.until(() => crowd.count("text") === size - 1);
      expect(crowd.all("text").every(({ value }) => value === session)).toBe(true);
      expect(crowd.count("working")).toBe(2);
      expect(entriesOf(folder)).toEqual([]);
    }));

  it("the holder fails: all have its failure, field by field, from one call", () =>
    withFolder(async (folder) => {
      runAll(folder);
      const all = crowd.workers.length;
      (await holder(all - 1)).send({ finish: { failure: "AccessDenied: profile is disabled" } });
      await crowd.until(() => crowd.count("failure") === all);
      expect(new Set(crowd.all("failure").map(({ value }) => value)).size).toBe(1);
      expect(JSON.parse(crowd.all("failure")[0]?.value ?? "")).toEqual({
        category: "refused",
        hop: "create-session",
        code: "REFUSED_OTHER",
        message: "AccessDenied: profile is disabled",
        hint: "Ask.",
      });
      expect(crowd.count("working")).toBe(1);
      expect(entriesOf(folder)).toEqual([]);
    }));

  it("one that comes just after a failure that others waited for has it, too", () =>
    withFolder(async (folder) => {
      const [first, second, late] = crowd.workers;
      const run = { key, folder, patience, linger: { success: 0, failure: patience } };
      first?.send({ run });
      await crowd.until(() => crowd.count("working") === 1);
      second?.send({ run });
      await crowd.until(() => crowd.waits === 1);
      first?.send({ finish: { failure: "disabled" } });
      // The holder itself still stays: only the second has its answer.
      await crowd.until(() => crowd.count("failure") === 1);
      late?.send({ run });
      await crowd.until(() => crowd.count("failure") === 2);
      expect(crowd.count("working")).toBe(1);
      await first?.kill();
      crowd.workers.splice(0, 1);
    }));

  it("the holder asks its user for longer than their patience: the others wait, and ask nobody", () =>
    withFolder(async (folder) => {
      const workers = crowd.workers.slice(0, 5);
      const [silent, patient] = crowd.workers.slice(5);
      for (const worker of workers) worker.send({ run: { key, folder, patience: 1_000, beat: 20 } });
      const asking = await holder(workers.length - 1);
      // The limit for all holders together is twice their patience. It is over when one with more patience has lost it.
      await withFolder(async (another) => {
        silent?.send({ run: { key, folder: another, patience } });
        await crowd.until(() => crowd.count("working") === 2);
        silent?.process.kill("SIGSTOP");
        patient?.send({ run: { key, folder: another, patience: 2_500, takes: 0, text: "alone" } });
        await crowd.until(() => crowd.count("text", "alone") === 1);
        silent?.process.kill("SIGCONT");
        silent?.send({ finish: { text: "late" } });
        await crowd.until(() => crowd.count("text", "late") === 1);
      });
      const works = (): number =>
        crowd.all("working").filter(({ worker }) => workers.includes(worker)).length;
      expect(works()).toBe(1);
      asking.send({ finish: { text: session } });
      await crowd.until(
        () => crowd.all("text").filter(({ value }) => value === session).length === workers.length,
      );
      expect(works()).toBe(1);
      expect(entriesOf(folder)).toEqual([]);
    }));

  it("in turn: each does its own work, one after the other, also after one that is killed", () =>
    withFolder(async (folder) => {
      const file = join(folder, "count");
      writeFileSync(file, "0");
      const [first, ...others] = crowd.workers;
      first?.send({ turn: { key, folder } });
      await crowd.until(() => crowd.count("working") === 1);
      for (const worker of others) worker.send({ turn: { key, folder, file } });
      await crowd.until(() => crowd.waits >= others.length);
      await first?.kill();
      crowd.workers.splice(0, 1);
      await crowd.until(() => crowd.count("text") === others.length);
      expect(readFileSync(file, "utf8")).toBe(String(others.length));
      expect(entriesOf(folder)).toEqual(["file count"]);
    }));

  it("the holder hangs: the others lose patience and go on", () =>
    withFolder(async (folder) => {
      const [first, ...others] = crowd.workers.slice(0, 10);
      first?.send({ run: { key, folder, patience } });
      await crowd.until(() => crowd.count("working") === 1);
      first?.process.kill("SIGSTOP");
      for (const worker of others)
        worker.send({ run: { key, folder, patience: 300, takes: 0, text: session } });
      await crowd.until(() => crowd.count("text") === others.length);
      expect(crowd.all("text").every(({ value }) => value === session)).toBe(true);
      expect(crowd.count("logged", "has not answered for 300 ms")).toBeGreaterThan(0);
      // Awake again, it ends as if nothing had been, and takes nothing away from whoever came after it.
      crowd.forget();
      others[0]?.send({ run: { key, folder, patience } });
      await crowd.until(() => crowd.count("working") === 1);
      first?.process.kill("SIGCONT");
      first?.send({ finish: { text: "late" } });
      await crowd.until(() => crowd.count("text", "late") === 1);
      expect(entriesOf(folder)).toHaveLength(2);
      others[1]?.send({ run: { key, folder, patience } });
      await crowd.until(() => crowd.waits === 1);
      others[0]?.send({ finish: { text: session } });
      await crowd.until(() => crowd.count("text") === 3);
      expect(crowd.count("working")).toBe(1);
      expect(entriesOf(folder)).toEqual([]);
    }));

  it(`a socket left by a crash, ${contenders} contenders, 20 times: exactly one works each time`, () =>
    withFolder(async (folder) => {
      const workers = crowd.workers.slice(0, contenders);
      for (let round = 0; round < 20; round++) {
        crowd.forget();
        await abandon(folder, key);
        runAll(folder, workers);
        const working = await holder(workers.length - 1);
        working.send({ finish: { text: String(round) } });
        await crowd.until(() => crowd.count("text") === workers.length);
        expect(crowd.all("text").every(({ value }) => value === String(round))).toBe(true);
        expect(crowd.count("working")).toBe(1);
        expect(entriesOf(folder)).toEqual([]);
      }
    }));

  it("different keys do not wait for one another", () =>
    withFolder(async (folder) => {
      const [first, second] = crowd.workers;
      first?.send({ run: { key, folder, patience } });
      await crowd.until(() => crowd.count("working") === 1);
      second?.send({ run: { key: otherKey, folder, takes: 0, text: "other" } });
      await crowd.until(() => crowd.count("text", "other") === 1);
      first?.send({ finish: { text: "one" } });
      await crowd.until(() => crowd.count("text", "one") === 1);
      expect(entriesOf(folder)).toEqual([]);
    }));

  it.skipIf(process.platform !== "linux")(
    "over pipes, waiters only learn that the holder is done (needs Linux)",
    () =>
      withFolder(async (folder) => {
        // Linux's abstract sockets stand in for the pipes of Windows: one listener, no file.
        const run = { key, pipe: `\0${folder}`, takes: 0, patience };
        const workers = crowd.workers.slice(0, 10);
        workers[0]?.send({ run: { key, pipe: run.pipe, patience } });
        await crowd.until(() => crowd.count("working") === 1);
        for (const worker of workers.slice(1)) worker.send({ run });
        await crowd.until(() => crowd.waits === 9);
        expect(crowd.count("working")).toBe(1);
        workers[0]?.send({ finish: { text: session } });
        await crowd.until(() => crowd.count("text") === 10);
        expect(crowd.count("text", "SECRET")).toBe(1);
        expect(crowd.count("working")).toBe(10);
      }),
  );

  it("nothing keeps a holder's process alive", () =>
    withFolder((folder) => {
      const command = JSON.stringify({ run: { key, folder, takes: 0, text: "done" } });
      // Without a terminal or a pipe as stdin, only the flight itself could keep it.
      const output = execFileSync(process.execPath, [script, command], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      expect(output.toString()).toContain('"done"');
      expect(entriesOf(folder)).toEqual([]);
    }));

  const mounts = spawnSync("unshare", ["-m", "true"]).status === 0;
  it.skipIf(!mounts)("a full disk, at every step (needs the right to mount)", () =>
    withFolder((folder) => {
      const command = JSON.stringify({ run: { key, folder, takes: 0, text: "done" } });
      const logged: boolean[] = [];
      for (const inodes of [1, 2, 3]) {
        const shell = `mount -t tmpfs -o mode=700,nr_inodes=${inodes} tmpfs ${folder} && exec "$0" "$1" "$2"`;
        const output = execFileSync("unshare", ["-m", "sh", "-c", shell, process.execPath, script, command], {
          stdio: ["ignore", "pipe", "inherit"],
        }).toString();
        expect(output).toContain('"done"');
        logged.push(/not one at a time: .*ENOSPC/.test(output));
      }
      // No room for the folder, then for the socket in it, then enough for both.
      expect(logged).toEqual([true, true, false]);
    }),
  );
});
