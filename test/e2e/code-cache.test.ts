/** The compiled code that bin/compiled-code.js keeps. Whoever could write it would run code as this user. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { World, type Run } from "./plugin.ts";

let world: World;
let home: string;
let code: string;

beforeAll(async () => {
  world = await World.open({ env: { EKS_X509_CACHE: "none" } });
});
afterAll(() => world.close());

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "eks-x509-code-"));
  code = join(home, ".cache", "eks-x509", "code");
  return () => {
    rmSync(home, { recursive: true, force: true });
  };
});

async function miss(run: Run = {}): Promise<void> {
  const env = { HOME: home, XDG_CACHE_HOME: undefined, ...run.env };
  const { code, stdout, stderr } = await world.run({ ...run, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain('"token":"k8s-aws-v1.');
}

const names = (): string[] => (existsSync(code) ? readdirSync(code).sort() : []);
/** Each file is written under another name first, so a file that was written again is another one. */
const inodes = (): number[] => names().map((name) => statSync(join(code, name)).ino);

describe.skipIf(process.platform === "win32")("the compiled code", () => {
  it("is written by the first miss, for this user alone, and used by the second", async () => {
    await miss();
    expect(names()).toHaveLength(3);
    const folders = [join(home, ".cache"), join(home, ".cache", "eks-x509"), code];
    for (const folder of folders) expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of names()) expect(statSync(join(code, name)).mode & 0o777).toBe(0o600);
    const before = inodes();
    await miss();
    expect(inodes()).toEqual(before);
  });

  it("is in XDG_CACHE_HOME if that is set, and in no other place", async () => {
    const caches = join(home, "caches");
    mkdirSync(caches, { mode: 0o700 });
    await miss({ env: { XDG_CACHE_HOME: caches } });
    expect(readdirSync(join(caches, "eks-x509", "code"))).toHaveLength(3);
    expect(existsSync(code)).toBe(false);
  });

  it("is of one version of the program, of Node and of its flags", async () => {
    await miss();
    await miss({ node: ["--no-opt"] });
    expect(names()).toHaveLength(6);
    for (let count = 0; count < 4; count += 1) await miss({ node: [`--stack-size=${900 + count}`] });
    expect(names()).toHaveLength(12);
  });

  it.each<[string, () => void]>([
    [
      "a folder that others can read",
      () => {
        chmodSync(code, 0o755);
      },
    ],
    [
      "a folder above it in which others can write",
      () => {
        chmodSync(join(home, ".cache", "eks-x509"), 0o770);
      },
    ],
    [
      "a folder behind a link",
      () => {
        rmSync(code, { recursive: true });
        const other = join(home, "other");
        mkdirSync(other, { mode: 0o700 });
        symlinkSync(other, code);
      },
    ],
    ["no folder, by NODE_DISABLE_COMPILE_CACHE", () => undefined],
  ])("is neither read nor written: %s", async (why, change) => {
    mkdirSync(code, { recursive: true, mode: 0o700 });
    change();
    const off = why.includes("NODE_DISABLE") ? { NODE_DISABLE_COMPILE_CACHE: "1" } : {};
    await miss({ env: off });
    expect(names()).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)("is neither read nor written: a home of another user", async () => {
    chownSync(home, 65_534, 65_534);
    await miss();
    expect(readdirSync(home)).toEqual([]);
  });

  it.each<[string, (content: Buffer, file: string) => void]>([
    [
      "that others can read",
      (_, file) => {
        chmodSync(file, 0o644);
      },
    ],
    [
      "that is cut off",
      (content, file) => {
        writeFileSync(file, content.subarray(0, content.length / 2));
      },
    ],
    [
      "that is empty",
      (_, file) => {
        writeFileSync(file, "");
      },
    ],
    [
      "in which a bit is flipped",
      (content, file) => {
        const at = content.length >> 1;
        content[at] = (content[at] ?? 0) ^ 1;
        writeFileSync(file, content);
      },
    ],
  ])("a file %s is replaced", async (_, change) => {
    await miss();
    for (const name of names()) change(readFileSync(join(code, name)), join(code, name));
    await miss();
    expect(names()).toHaveLength(3);
    for (const name of names()) {
      expect(statSync(join(code, name)).mode & 0o777).toBe(0o600);
      const content = readFileSync(join(code, name));
      const checksum = createHash("sha256").update(content.subarray(32)).digest();
      expect(content.subarray(0, 32).equals(checksum)).toBe(true);
    }
  });

  it("a file with the code of another source is replaced", async () => {
    await miss();
    const [first = "", second = ""] = names();
    const [one, other] = [first, second].map((name) => readFileSync(join(code, name)));
    writeFileSync(join(code, first), other ?? "");
    writeFileSync(join(code, second), one ?? "");
    await miss();
    expect(readFileSync(join(code, first))).not.toEqual(other);
    expect(readFileSync(join(code, second))).not.toEqual(one);
  });

  it("is not written by a run that fails, or by another command", async () => {
    const { code: exitCode } = await world.run({ flags: ["--certificate=/nowhere"], env: { HOME: home } });
    expect(exitCode).not.toBe(0);
    expect(names()).toEqual([]);
  });

  it("is not needed: no home, and a home that cannot be written", async () => {
    await miss({ env: { HOME: undefined } });
    await miss({ env: { HOME: "/proc" } });
    await miss({ env: { HOME: "relative" } });
  });
});
