import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  lchownSync,
  mkdtempSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { exposure, readFile, readOptional } from "../../src/foundation/files/files.ts";
import { systemCode } from "../../src/foundation/system-error.ts";
import { rejectionOf } from "../failure.ts";

const folder = mkdtempSync(join(tmpdir(), "eks-x509-files-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const path = (name: string) => join(folder, name);
const role = { given: "--certificate", hop: "certificate", category: "identity" } as const;
const read = (name: string) => readFile(name.startsWith("/") ? name : path(name), role);
const onUnix = describe.skipIf(process.platform === "win32");

describe("a file", () => {
  it("is read whole, with its name and mode", async () => {
    writeFileSync(path("a.pem"), "hello", { mode: 0o640 });
    expect(await read("a.pem")).toEqual({ name: path("a.pem"), bytes: Buffer.from("hello"), mode: 0o640 });
  });

  it("may have a mebibyte", async () => {
    const bytes = Buffer.alloc(1024 * 1024, "x");
    writeFileSync(path("mebibyte"), bytes);
    expect(Buffer.compare((await read("mebibyte")).bytes, bytes)).toBe(0);
  });

  it.each([
    ["missing", () => undefined, "FILE_MISSING", "does not exist"],
    [
      "folder",
      () => {
        mkdirSync(path("folder"));
      },
      "FILE_IS_FOLDER",
      "is a folder",
    ],
    [
      "empty",
      () => {
        writeFileSync(path("empty"), "");
      },
      "FILE_EMPTY",
      "is empty",
    ],
    [
      "huge",
      () => {
        writeFileSync(path("huge"), "");
        truncateSync(path("huge"), 100 * 1024 * 1024);
      },
      "FILE_TOO_LARGE",
      "is larger than 1 MiB",
    ],
    [
      "larger by one",
      () => {
        writeFileSync(path("larger by one"), Buffer.alloc(1024 * 1024 + 1));
      },
      "FILE_TOO_LARGE",
      "is larger than 1 MiB",
    ],
    ["empty/below-a-file", () => undefined, "FILE_MISSING", "does not exist"],
  ])("is refused: %s", async (name, make, code, why) => {
    make();
    expect(await rejectionOf(read(name))).toMatchObject({
      category: "identity",
      hop: "certificate",
      code,
      message: `${path(name)} (--certificate) ${why}`,
    });
  });

  it("with a name that no system takes is refused", async () => {
    expect((await rejectionOf(read("x".repeat(300)))).message).toContain("cannot be read (ENAMETOOLONG)");
    expect((await rejectionOf(read("nul\0nul"))).code).toBe("FILE_UNREADABLE");
  });
});

onUnix("a path that is no ordinary file", () => {
  it("may be a pipe that is being written, as in --certificate <(…), in pieces and slowly", async () => {
    const fifo = makeFifo("pipe");
    const writer = spawn("sh", ["-c", `exec >'${fifo}'; sleep 0.2; printf hel; sleep 0.2; printf lo`]);
    expect((await read("pipe")).bytes.toString()).toBe("hello");
    writer.kill();
  });

  it("may be a pipe whose writer comes late", async () => {
    const fifo = makeFifo("late");
    const writer = spawn("sh", ["-c", `sleep 0.3; printf hello >'${fifo}'`]);
    expect((await read("late")).bytes.toString()).toBe("hello");
    writer.kill();
  });

  it("is given up, when it is a pipe that nobody writes to", async () => {
    makeFifo("nobody");
    expect(await rejectionOf(read("nobody"))).toMatchObject({
      code: "FILE_HANGS",
      message: `${path("nobody")} (--certificate) could not be read within 5 seconds`,
    });
  });

  it("may be without end: it is read no further than a mebibyte", async () => {
    expect((await rejectionOf(read("/dev/zero"))).code).toBe("FILE_TOO_LARGE");
  });

  it("may be empty for ever", async () => {
    expect((await rejectionOf(read("/dev/null"))).code).toBe("FILE_EMPTY");
  });

  it("may be a socket", async () => {
    const server = createServer().listen(path("socket"));
    expect((await rejectionOf(read("socket"))).code).toBe("FILE_UNREADABLE");
    server.close();
  });
});

function makeFifo(name: string): string {
  execFileSync("mkfifo", [path(name)]);
  return path(name);
}

describe("another user can change a file", () => {
  const uid = 1000;
  const own = { uid, gid: uid };
  it.each([
    [{ ...own, mode: 0o600 }, undefined],
    [{ ...own, mode: 0o664 }, undefined],
    [{ uid: 0, gid: 0, mode: 0o644 }, undefined],
    [{ uid: 1001, gid: 1001, mode: 0o600 }, "belongs to user 1001"],
    [{ ...own, mode: 0o602 }, "is writable by others (mode 602)"],
    [{ uid, gid: 100, mode: 0o660 }, "is writable by others (mode 660)"],
    [{ uid: 0, gid: 0, mode: 0o664 }, "is writable by others (mode 664)"],
  ])("%j: %s", (stat, expected) => {
    expect(exposure(stat, uid)).toBe(expected);
    // Windows.
    expect(exposure(stat, undefined)).toBeUndefined();
  });
});

onUnix("a file that need not be there", () => {
  const optional = (name: string) => readOptional(path(name), role, process.geteuid?.());

  it.each([
    ["nowhere", "does not exist"],
    ["nowhere/at/all", "does not exist"],
    ["nothing", "is empty"],
  ])("%s: %s", async (name, reason) => {
    writeFileSync(path("nothing"), "");
    expect(await optional(name)).toBe(reason);
  });

  it("is read as any other, with how others can change it", async () => {
    writeFileSync(path("open"), "x");
    chmodSync(path("open"), 0o666);
    expect(await optional("open")).toMatchObject({ exposure: "is writable by others (mode 666)" });
    chmodSync(path("open"), 0o644);
    expect(await optional("open")).toMatchObject({ exposure: undefined });
  });

  it("fails as any other when it is there", async () => {
    mkdirSync(path("a folder"));
    expect((await rejectionOf(optional("a folder"))).code).toBe("FILE_IS_FOLDER");
  });
});

describe.skipIf(process.platform === "win32")("a link", () => {
  const uid = process.geteuid?.() ?? 0;
  const mallory = 4321;
  const asOwn = (name: string) => readFile(path(name), role, uid);

  it("of this user is followed, also through others, and as a Kubernetes volume has it", async () => {
    mkdirSync(path("volume/..2026"), { recursive: true });
    writeFileSync(path("volume/..2026/tls.crt"), "pem");
    symlinkSync("..2026", path("volume/..data"));
    symlinkSync("..data/tls.crt", path("volume/tls.crt"));
    chmodSync(path("volume"), 0o1777);
    symlinkSync(path("volume/tls.crt"), path("absolute"));
    expect(Buffer.from((await asOwn("absolute")).bytes).toString()).toBe("pem");
  });

  it("that leads to itself or nowhere is named", async () => {
    symlinkSync("loop", path("loop"));
    symlinkSync("nowhere", path("dangling"));
    expect((await rejectionOf(asOwn("loop"))).code).toBe("FILE_UNREADABLE");
    expect((await rejectionOf(asOwn("dangling"))).code).toBe("FILE_MISSING");
  });

  it.skipIf(process.platform !== "linux")("to an open file of the process is followed", async () => {
    // As a shell's here-document: the link's text is no path.
    writeFileSync(path("here"), "here");
    const file = openSync(path("here"), "r");
    rmSync(path("here"));
    symlinkSync(`/proc/self/fd/${file}`, path("stdin"));
    for (const name of [`/proc/self/fd/${file}`, `/dev/fd/${file}`, path("stdin")])
      expect(Buffer.from((await readFile(name, role, uid)).bytes).toString()).toBe("here");
    closeSync(file);
  });

  it.skipIf(uid !== 0)("is exposed in a folder where others can replace it", async () => {
    for (const [name, mode, owner] of [
      ["an open folder", 0o777, 0],
      ["a sticky folder", 0o1777, 0],
      ["a foreign folder", 0o755, mallory],
    ] as const) {
      mkdirSync(path(name));
      chmodSync(path(name), mode);
      chownSync(path(name), owner, owner);
      writeFileSync(path(`${name}/file`), "own", { mode: 0o600 });
    }
    const exposures = ["an open folder", "a sticky folder", "a foreign folder"].map(
      async (name) => (await asOwn(`${name}/file`)).exposure,
    );
    expect(await Promise.all(exposures)).toEqual([
      "is in a folder that is writable by others (mode 777)",
      undefined,
      `is in a folder that belongs to user ${mallory}`,
    ]);
  });

  describe.skipIf(uid !== 0)("of another user is not followed", () => {
    it.each([
      ["in that user's folder", 0o755, mallory, 0],
      ["in a folder for all", 0o1777, 0, mallory],
    ])("%s", async (name, mode, ofFolder, ofLink) => {
      writeFileSync(path("secret"), "root's", { mode: 0o600 });
      const at = `foreign ${name}`;
      mkdirSync(path(at));
      chmodSync(path(at), mode);
      chownSync(path(at), ofFolder, ofFolder);
      symlinkSync(path("secret"), path(`${at}/link`));
      lchownSync(path(`${at}/link`), ofLink, ofLink);
      symlinkSync(path(`${at}/link`), path(`to ${name}`));
      for (const link of [`${at}/link`, `to ${name}`])
        expect(await rejectionOf(asOwn(link))).toMatchObject({
          code: "FILE_FOREIGN_LINK",
          hop: "certificate",
        });
    });

    it("nor read from one moment to the next", async () => {
      writeFileSync(path("root's"), "root's", { mode: 0o600 });
      mkdirSync(path("swapped"));
      chownSync(path("swapped"), mallory, mallory);
      const swap = `while :; do ln -sf "$0" swapped; mv -T swapped file; echo own >other; mv -T other file; done`;
      const swapping = spawn(
        "setpriv",
        ["--reuid=4321", "--clear-groups", "bash", "-c", swap, path("root's")],
        {
          cwd: path("swapped"),
          stdio: "ignore",
        },
      );
      chmodSync(folder, 0o755);
      const seen = new Set<string>();
      for (let time = 0; time < 300; time++)
        seen.add(
          await asOwn("swapped/file").then(
            ({ bytes }) => Buffer.from(bytes).toString(),
            (error: unknown) => systemCode(error),
          ),
        );
      swapping.kill("SIGKILL");
      expect([...seen]).not.toContain("root's");
    });
  });
});
