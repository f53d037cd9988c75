import {
  chmodSync,
  chownSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { sweep } from "../../src/cache/flight/lock.ts";
import { findPrivateFolder, type FoundFolder } from "../../src/cache/private-folder.ts";
import { abandon } from "./flight/abandoned.ts";
import { entriesOf, withFolder } from "./flight/crowd.ts";

const uid = process.geteuid?.() ?? 0;
const mode = (path: string): number => statSync(path).mode & 0o7777;

function find(runtimeFolder: string | undefined, temporaryFolder: string): FoundFolder {
  return findPrivateFolder({ uid, runtimeFolder, temporaryFolder });
}

describe.skipIf(process.platform === "win32")("the folder of the locks", () => {
  it("is made in XDG_RUNTIME_DIR, for its owner alone", () =>
    withFolder((folder) => {
      expect(find(folder, "/nowhere")).toEqual({ path: `${folder}/eks-x509`, reasons: [] });
      expect(mode(`${folder}/eks-x509`)).toBe(0o700);
      expect(find(folder, "/nowhere")).toEqual({ path: `${folder}/eks-x509`, reasons: [] });
    }));

  it.each([undefined, ""])(
    "is made in the temporary folder without it (%j), with the user in its name",
    (unset) =>
      withFolder((folder) => {
        expect(find(unset, folder)).toEqual({ path: `${folder}/eks-x509-${uid}`, reasons: [] });
        expect(mode(`${folder}/eks-x509-${uid}`)).toBe(0o700);
      }),
  );

  it.each<[string, RegExp, (folder: string) => void]>([
    [
      "a symbolic link",
      /is a symbolic link/,
      (path) => {
        mkdirSync(`${path}.real`, 0o700);
        symlinkSync(`${path}.real`, path);
      },
    ],
    [
      "a dangling link",
      /is a symbolic link/,
      (path) => {
        symlinkSync("/nowhere", path);
      },
    ],
    [
      "a file",
      /is not a folder/,
      (path) => {
        writeFileSync(path, "", { mode: 0o600 });
      },
    ],
    [
      "writable for all",
      /open to other users \(mode 777\)/,
      (path) => {
        mkdirSync(path);
        chmodSync(path, 0o777);
      },
    ],
    [
      "readable for the group",
      /open to other users \(mode 740\)/,
      (path) => {
        mkdirSync(path);
        chmodSync(path, 0o740);
      },
    ],
  ])("is not used when it is %s", (_, reason, make) =>
    withFolder((folder) => {
      make(`${folder}/eks-x509-${uid}`);
      const { path, reasons } = find(undefined, folder);
      expect(path).toBeUndefined();
      expect(reasons).toEqual([expect.stringMatching(reason)]);
    }),
  );

  it.skipIf(uid !== 0)("is not used when it belongs to another user (needs root)", () =>
    withFolder((folder) => {
      mkdirSync(`${folder}/eks-x509-0`, 0o700);
      chownSync(`${folder}/eks-x509-0`, 12345, 12345);
      expect(find(undefined, folder)).toEqual({
        reasons: [`${folder}/eks-x509-0 belongs to user 12345`],
      });
    }),
  );

  it.skipIf(uid !== 0)("XDG_RUNTIME_DIR of another user, as after `su`, is left alone (needs root)", () =>
    withFolder((folder) => {
      mkdirSync(`${folder}/theirs`, 0o700);
      chownSync(`${folder}/theirs`, 12345, 12345);
      const { path, reasons } = find(`${folder}/theirs`, folder);
      expect(path).toBe(`${folder}/eks-x509-0`);
      expect(reasons).toEqual([`${folder}/theirs belongs to user 12345`]);
      expect(entriesOf(`${folder}/theirs`)).toEqual([]);
    }),
  );

  it("a temporary folder where others may rename what is ours is not used; one with the sticky bit is", () =>
    withFolder((folder) => {
      chmodSync(folder, 0o777);
      expect(find(undefined, folder).reasons).toEqual([`${folder} lets other users rename its content`]);
      chmodSync(folder, 0o1777);
      expect(find(undefined, folder).reasons).toEqual([]);
    }));

  it("a path too long for a socket gives way to the shorter one, or to none", () =>
    withFolder((folder) => {
      const long = `${folder}/${"é".repeat(40)}`;
      mkdirSync(long, 0o700);
      const { path, reasons } = find(long, folder);
      expect(path).toBe(`${folder}/eks-x509-${uid}`);
      expect(reasons).toEqual([expect.stringContaining("too long for a socket's path")]);
      expect(find(long, long).path).toBeUndefined();
    }));

  it.each([
    ["missing", "/nowhere"],
    ["relative", "tmp"],
    ["not writable for anyone", "/proc"],
  ])("a parent that is %s is logged, and never an error", (_, parent) => {
    const { path, reasons } = find(parent, parent);
    expect(path).toBeUndefined();
    expect(reasons).toHaveLength(2);
  });
});

describe.skipIf(process.platform === "win32")("what killed processes left", () => {
  const old = new Date(Date.now() - 3_600_000);

  it("is removed when it is old; what is young, or nothing of ours, stays", () =>
    withFolder(async (folder) => {
      await abandon(folder, "a".repeat(64));
      mkdirSync(`${folder}/new-abcdef`);
      for (const entry of ["a".repeat(24), "new-abcdef"]) utimesSync(`${folder}/${entry}`, old, old);
      await abandon(folder, "b".repeat(64));
      writeFileSync(`${folder}/note`, "");
      utimesSync(`${folder}/note`, old, old);
      sweep(folder);
      expect(entriesOf(folder)).toEqual([
        `folder ${"b".repeat(24)}`,
        expect.stringMatching(/^socket b{24}\/\w{6}$/),
        "file note",
      ]);
    }));

  it("leaves what has another form or type than a lock, however old: it belongs to somebody else", () =>
    withFolder((folder) => {
      const place = "c".repeat(24);
      const precious = [
        "docs/letter.txt",
        `${place}/letter.txt`,
        `${place}/abcdef`,
        "new-abcdefg/abcdef",
        "DEF/abcdef",
      ];
      for (const file of precious) {
        mkdirSync(dirname(`${folder}/${file}`), { recursive: true });
        writeFileSync(`${folder}/${file}`, "");
      }
      mkdirSync(`${folder}/empty`);
      for (const entry of ["docs", place, "new-abcdefg", "DEF", "empty"])
        utimesSync(`${folder}/${entry}`, old, old);
      sweep(folder);
      expect([...precious, "empty"].filter((file) => !existsSync(`${folder}/${file}`))).toEqual([]);
    }));

  it("is not looked for behind a link", () =>
    withFolder((folder) => {
      mkdirSync(`${folder}/locks`);
      mkdirSync(`${folder}/elsewhere`);
      writeFileSync(`${folder}/elsewhere/precious`, "");
      symlinkSync("../elsewhere", `${folder}/locks/link`);
      utimesSync(`${folder}/elsewhere`, old, old);
      lutimesSync(`${folder}/locks/link`, old, old);
      sweep(`${folder}/locks`);
      expect(entriesOf(`${folder}/elsewhere`)).toEqual(["file precious"]);
    }));
});
