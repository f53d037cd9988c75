import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { exposure, readFile, readOptional } from "../../src/foundation/files.ts";
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
