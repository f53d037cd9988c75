import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { findLedger, notesIn } from "../../../src/cache/refusals/ledger-files.ts";
import {
  entryOf,
  givenIn as given,
  ledgerOn,
  noteOf as note,
  type Ledger,
} from "../../../src/cache/refusals/ledger.ts";
import { sha256 } from "../../ports.ts";
import { from, now } from "../../certificates.ts";
import { withFolder } from "../flight/crowd.ts";
import { accounts, minute } from "../records.ts";

const token = { account: accounts.token, createdAt: now };
const givenIn = (text: string, client: string) => given(text, entryOf(client, sha256));
const noteOf = (client: string, as?: "substitute") => note(entryOf(client, sha256), as);
const unknown = { again: false, substitute: false };
let logged: string[];
beforeEach(() => {
  logged = [];
});

function ledger(folder: string, client = "22126-1476049-140732883070016"): Ledger {
  return ledgerOn({ notes: notesIn(folder), client, sha256, log: (line) => logged.push(line) });
}

describe("a token", () => {
  it("is given to a client for the first time once", () =>
    withFolder((folder) => {
      expect(ledger(folder).give(token)).toEqual(unknown);
      expect(ledger(folder).give(token)).toEqual({ again: true, substitute: false });
      expect(ledger(folder).give(token)).toEqual({ again: true, substitute: false });
    }));

  it("is another one to another client, for another cluster, and when it was made anew", () =>
    withFolder((folder) => {
      ledger(folder).give(token);
      expect(ledger(folder, "another").give(token)).toEqual(unknown);
      expect(ledger(folder).give({ ...token, account: accounts.session })).toEqual(unknown);
      expect(ledger(folder).give({ ...token, createdAt: from(1) })).toEqual(unknown);
    }));

  it("made in another's place is known as such to all clients", () =>
    withFolder((folder) => {
      ledger(folder).give(token, "substitute");
      expect(ledger(folder).give(token)).toEqual({ again: true, substitute: true });
      expect(ledger(folder, "another").give(token)).toEqual({ again: false, substitute: true });
    }));

  it("is not noted in a pipe or a link, for which nothing waits", () =>
    withFolder((folder) => {
      ledger(folder).give(token);
      const [name = ""] = readdirSync(folder);
      rmSync(`${folder}/${name}`);
      execFileSync("mkfifo", [`${folder}/${name}`]);
      expect(ledger(folder).give(token)).toEqual(unknown);
      rmSync(`${folder}/${name}`);
      symlinkSync(`${folder}/another`, `${folder}/${name}`);
      expect(ledger(folder).give(token)).toEqual(unknown);
      expect(readdirSync(folder)).toEqual([name]);
    }));

  it("is noted whatever the clients are called", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { minLength: 1 }),
        fc.boolean(),
        ([one = "", ...more], marked) => {
          const text =
            more.map((client) => noteOf(client)).join("") + (marked ? noteOf("x", "substitute") : "");
          expect(givenIn(text, one)).toEqual({ again: marked && one === "x", substitute: marked });
          expect(givenIn(text + noteOf(one), one).again).toBe(true);
        },
      ),
      { seed: 1 },
    );
  });

  it("leaves a file for its owner alone, of bounded length, that names nobody", () =>
    withFolder((folder) => {
      ledger(folder).give(token);
      const [name = "", ...others] = readdirSync(folder);
      expect(others).toEqual([]);
      expect(name).toMatch(/^given-[\da-f]{24}$/);
      const file = `${folder}/${name}`;
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, "latin1")).toMatch(/^[\da-f]{16}\n$/);
      writeFileSync(file, Array.from({ length: 4_000 }, (_, count) => noteOf(`client ${count}`)).join(""));
      expect(ledger(folder, "client 3999").give(token).again).toBe(true);
      // It has begun again.
      expect(ledger(folder, "client 3999").give(token).again).toBe(false);
      expect(statSync(file).size).toBe(17);
    }));
});

describe("a claim", () => {
  const span = 10_000;

  it("holds for one process in each span of the clock, back and forth", () =>
    withFolder((folder) => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: -5 * span, max: 5 * span })), (times) => {
          const won = times.filter((time) => ledger(folder).claim("token/x", span, from(time)));
          expect(won).toHaveLength(
            new Set(times.map((time) => Math.floor(from(time).getTime() / span))).size,
          );
          for (const name of readdirSync(folder)) rmSync(`${folder}/${name}`);
        }),
        { seed: 1, numRuns: 30 },
      );
    }));

  it("is one of its own for each thing", () =>
    withFolder((folder) => {
      expect(ledger(folder).claim("token/x", span, now)).toBe(true);
      expect(ledger(folder, "another").claim("token/x", span, now)).toBe(false);
      expect(ledger(folder).claim("token/y", span, now)).toBe(true);
    }));
});

describe("what nobody needs any more", () => {
  it("is removed: what is old or from the future, of one's own files", () =>
    withFolder((folder) => {
      const own = (kind: string, letter: string) => `${kind}-${letter.repeat(24)}`;
      const ages = {
        [own("given", "0")]: -21,
        [`${own("claim", "0")}-1`]: -21,
        [`${own("claim", "1")}--1`]: 21,
        [own("given", "2")]: -14,
        // Files of others.
        "given-name": -21,
        [`${own("given", "3")}.txt`]: -21,
        "claim-1": -21,
      };
      const present = new Date();
      const age = (name: string, minutes: number) => {
        const time = new Date(present.getTime() + minutes * minute);
        utimesSync(`${folder}/${name}`, time, time);
      };
      for (const [name, minutes] of Object.entries(ages)) {
        writeFileSync(`${folder}/${name}`, "");
        age(name, minutes);
      }
      mkdirSync(`${folder}/${own("given", "4")}`);
      age(own("given", "4"), -21);
      ledger(folder).sweep(present);
      expect(logged).toEqual([]);
      expect(readdirSync(folder).sort()).toEqual(
        ["claim-1", own("given", "2"), `${own("given", "3")}.txt`, own("given", "4"), "given-name"].sort(),
      );
    }));
});

describe("without a folder", () => {
  it("nothing is given twice and nothing is claimed, and that is logged", () => {
    const none = ledger("/proc/self/nowhere");
    none.give(token);
    expect(none.give(token)).toEqual(unknown);
    expect(none.claim("token/x", 1, now)).toBe(false);
    none.sweep(now);
    expect(logged).toHaveLength(4);
    for (const line of logged) expect(line).toMatch(/^refusals are not detected: ENOENT/);
  });
});

describe("whether there is one", () => {
  const find = (folder: string, changes = {}) =>
    findLedger(
      {
        platform: process.platform,
        parent: process.pid,
        uid: process.geteuid?.(),
        runtimeFolder: undefined,
        temporaryFolder: folder,
        sha256,
        ...changes,
      },
      (line) => logged.push(line),
    );

  it.skipIf(process.platform === "win32")("depends on a client and on a folder that is private", () =>
    withFolder((folder) => {
      expect(find(folder)?.give(token)).toEqual(unknown);
      expect(find(folder)?.give(token).again).toBe(true);
      expect(find(folder, { parent: 0 })).toBeUndefined();
      expect(find(folder, { uid: undefined })).toBeUndefined();
      expect(logged).toEqual([]);
      expect(find("/proc/self/nowhere")).toBeUndefined();
      expect(logged).toEqual([expect.stringMatching(/^refusals are not detected: ENOENT/)]);
    }),
  );

  it.skipIf(process.platform === "win32")("the process ID alone will do, where /proc is not Linux's", () =>
    withFolder((folder) => {
      find(folder, { platform: "darwin" })?.give(token);
      expect(find(folder, { platform: "darwin" })?.give(token).again).toBe(true);
      expect(find(folder, { platform: "darwin", parent: process.ppid })?.give(token).again).toBe(false);
    }),
  );
});
