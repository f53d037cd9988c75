/** koffi's native code is loaded by the rule for the keychain's. */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { koffi } from "../src/native-code.ts";
import { named } from "./cache/keychain/programs.ts";
import { executable, linkExecutable, noExecutable } from "./program-under-test.ts";

const { platform, arch, getuid } = process;
const notPosix = getuid ? undefined : "no POSIX users";
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "eks-x509-native-")));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const original = `node_modules/@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`;

function folderWith(name: string, folderMode: number, fileMode: number): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  chmodSync(folder, folderMode);
  copyFileSync(original, join(folder, "koffi.node"));
  chmodSync(join(folder, "koffi.node"), fileMode);
  return folder;
}

describe.skipIf(notPosix)(named("koffi beside an executable", notPosix), () => {
  it("is loaded from a file and a folder that only this user and root can write to", () => {
    expect(Object.keys(koffi(folderWith("closed", 0o755, 0o644))())).toContain("load");
  });

  it.each([
    ["a file for everybody", 0o755, 0o666],
    ["a folder for everybody", 0o777, 0o644],
  ])("is not loaded from %s", (name, folderMode, fileMode) => {
    expect(koffi(folderWith(name, folderMode, fileMode))).toThrow("other users can change");
  });

  it("is not searched elsewhere", () => {
    expect(koffi(scratch)).toThrow("is not beside the executable");
  });
});

describe("koffi of the npm package", () => {
  it("is found without NODE_PATH", () => {
    expect(Object.keys(koffi()())).toContain("load");
  });
});

describe.skipIf(noExecutable)(named("the process of a PKCS#11 module", noExecutable), () => {
  it("does not load koffi from a file that others can write to", () => {
    const program = linkExecutable(executable ?? "", join(scratch, "program"));
    const native = join(scratch, "program", "libexec", "koffi.node");
    rmSync(native);
    copyFileSync(original, native);
    chmodSync(native, 0o666);
    const { output } = spawnSync(join(program, "..", "libexec", "eks-x509"), ["__pkcs11-module"], {
      input: '{"number":1,"request":{"do":"load","path":"/nowhere.so"}}\n',
      stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
    });
    expect(String(output[3])).toContain(
      `"withoutNative":"other users can change ${native}, so its code is not loaded"`,
    );
  });
});
