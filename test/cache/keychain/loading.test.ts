import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KeychainError } from "../../../src/cache/keychain/keychain.ts";
import { findFromPackage, findInPackages, trustedPath } from "../../../src/cache/keychain/native/binding.ts";
import { type Bench, bench, environment, named, runWorker } from "./programs.ts";

const uid = process.getuid?.() ?? -1;
const notPosix = uid === -1 ? "no POSIX users" : undefined;
const notRoot = notPosix ?? (uid === 0 ? undefined : "only root can give files away");

let folder: string;
let file: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "eks-x509-loading-")));
  file = join(folder, "package", "code.node");
  mkdirSync(dirname(file), { mode: 0o755 });
  writeFileSync(file, "", { mode: 0o644 });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(notPosix)(named("native code", notPosix), () => {
  it("is loaded from a file and folder that only we or root can write to", () => {
    expect(trustedPath(file, uid)).toBe(file);
  });

  it("is found behind links, where it really is", () => {
    symlinkSync(dirname(file), join(folder, "link"));
    expect(trustedPath(join(folder, "link", "code.node"), uid)).toBe(file);
  });

  it.each([
    ["a file for everybody", "package/code.node", 0o666],
    ["a folder for everybody", "package", 0o777],
    ["a folder for everybody, sticky", "package", 0o1777],
    ["a folder above for everybody", ".", 0o777],
  ])("is not loaded from %s", (_, path, mode) => {
    chmodSync(join(folder, path), mode);
    expect(reasonOf(file, uid)).toBe("refused");
  });

  it("is loaded from below a sticky folder for everybody, as /tmp is", () => {
    chmodSync(folder, 0o1777);
    expect(trustedPath(file, uid)).toBe(file);
  });

  it("is not loaded from another user's files", () => {
    if (uid !== 0) expect(reasonOf(file, uid + 1)).toBe("refused");
    else {
      chownSync(file, 4321, 4321);
      expect(reasonOf(file, uid)).toBe("refused");
    }
  });

  it.skipIf(notRoot)(named("of a group: only of the group that is the user's own", notRoot), () => {
    for (const path of [file, dirname(file)]) {
      chownSync(path, 4321, 4321);
      chmodSync(path, 0o775);
    }
    expect(trustedPath(file, 4321)).toBe(file);
    chownSync(file, 4321, 4322);
    expect(reasonOf(file, 4321)).toBe("refused");
  });
});

describe("a package's file", () => {
  const from = (): string => join(folder, "a", "node_modules", "eks-x509", "dist", "main.js");
  const native = "@napi-rs/keyring-linux-x64-gnu/k.node";
  function put(path: string): string {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
    return join(folder, path);
  }

  it("is in the nearest node_modules", () => {
    const hoisted = put(`a/node_modules/${native}`);
    expect(findInPackages(native, from())).toBe(hoisted);
    const nested = put(`a/node_modules/eks-x509/node_modules/${native}`);
    expect(findInPackages(native, from())).toBe(nested);
  });

  it("is beside the package that depends on it, in pnpm's layout", () => {
    const real = put(`store/keyring/node_modules/@napi-rs/keyring/package.json`);
    const wanted = put(`store/keyring/node_modules/${native}`);
    mkdirSync(join(folder, "a/node_modules/@napi-rs"), { recursive: true });
    symlinkSync(dirname(real), join(folder, "a/node_modules/@napi-rs/keyring"), "junction");
    expect(findInPackages(native, from())).toBeUndefined();
    expect(findFromPackage(native, "@napi-rs/keyring", from())).toBe(wanted);
  });

  it("is nowhere, where there is none", () => {
    expect(findFromPackage(native, "@napi-rs/keyring", from())).toBeUndefined();
  });
});

const notLinux = process.platform === "linux" ? undefined : "not Linux";
describe.skipIf(notLinux)(named("the program", notLinux), () => {
  let here: Bench;
  beforeAll(async () => {
    here = await bench();
  });
  afterAll(() => {
    here.remove();
  });
  const get = [{ do: "get", account: "token/a" }] as const;

  it("is not made to load code by the environment", async () => {
    const evil = join(here.folder, "evil");
    const proof = join(here.folder, "proof");
    mkdirSync(join(evil, "keytar"), { recursive: true });
    for (const name of ["evil.js", "keytar/index.js"])
      writeFileSync(join(evil, name), `require("fs").writeFileSync(${JSON.stringify(proof)}, "")`);
    const env = {
      ...environment(here.folder),
      NODE_PATH: evil,
      NAPI_RS_NATIVE_LIBRARY_PATH: join(evil, "evil.js"),
      NAPI_RS_FORCE_WASI: "error",
    };
    for (const mode of ["auto", "keyutils", "keytar"] as const)
      await runWorker({ mode, steps: [...get] }, { folder: here.folder, env });
    expect(spawnSync("ls", [proof]).status).not.toBe(0);
  });

  it.each([
    ["keyutils", "absent", "@napi-rs/keyring is not installed"],
    ["keytar", "absent", "keytar is not installed"],
  ] as const)("says that the code for %s is not there", async (mode, reason, message) => {
    const bare = mkdtempSync(join(here.folder, "bare-"));
    cpSync(join(here.folder, "dist"), join(bare, "lib", "dist"), { recursive: true });
    // Away from the folder above, which has the packages.
    const apart = mkdtempSync(join(tmpdir(), "eks-x509-bare-"));
    cpSync(join(bare, "lib"), apart, { recursive: true });
    const report = await runWorker({ mode, steps: [...get] }, { folder: apart, env: environment(apart) });
    rmSync(apart, { recursive: true });
    expect(report.outcomes).toEqual([{ reason, message }]);
  });

  it("refuses code that others may change, and goes on without", async () => {
    const open = mkdtempSync(join(tmpdir(), "eks-x509-open-"));
    for (const part of ["dist", "node_modules"])
      cpSync(join(here.folder, part), join(open, part), { recursive: true });
    spawnSync("chmod", ["-R", "a+rwX", join(open, "node_modules")]);
    const env = environment(open);
    const [strict, lenient] = await Promise.all([
      runWorker({ mode: "keyutils", steps: [...get] }, { folder: open, env }),
      runWorker({ mode: "auto", steps: [...get] }, { folder: open, env }),
    ]);
    rmSync(open, { recursive: true });
    expect(strict.outcomes[0]?.reason).toBe("refused");
    expect(lenient.outcomes).toEqual([{ result: null }]);
  });
});

function reasonOf(path: string, owner: number): string | undefined {
  try {
    trustedPath(path, owner);
  } catch (error) {
    return error instanceof KeychainError ? error.reason : "another";
  }
  return undefined;
}
