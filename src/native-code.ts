/** The composition root of koffi's native code, which calls PKCS#11 modules and the C library. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { loadNative, type NativeFile } from "./cache/keychain/native/binding.ts";
import { KeychainError } from "./cache/keychain/keychain.ts";
import type { KoffiOfModules } from "./keys/pkcs11/cryptoki.ts";
import type { KoffiOfLibrary } from "./serve/edge/system-calls.ts";

type Koffi = KoffiOfModules & KoffiOfLibrary;

/**
 * Loads it by the rule for the keychain's code. Its package's own loader obeys NODE_PATH.
 * @param executableFolder of a program that contains its runtime
 * @returns a function that throws KeychainError where it is absent, or where other users can change it
 */
export function koffi(executableFolder?: string): () => Koffi {
  const { platform, arch } = process;
  return () => {
    const machine = { platform, arch, uid: process.geteuid?.(), executableFolder };
    const loaded = loadNative(files(platform, arch), machine);
    if (isKoffi(loaded)) return loaded;
    throw new KeychainError("broken", "this version does not support the installed koffi");
  };
}

function isKoffi(value: unknown): value is Koffi {
  return typeof value === "object" && value !== null && "load" in value && "struct" in value;
}

function files(platform: NodeJS.Platform, arch: string): NativeFile[] {
  const owner = `@koromix/koffi-${platform}-${arch}`;
  const libraries = existsSync("/etc/alpine-release") ? ["musl", "linux"] : ["linux", "musl"];
  return (platform === "linux" ? libraries : [platform]).map((library) => ({
    inPackage: join(owner, `${library}_${arch}`, "koffi.node"),
    owner,
    name: "koffi.node",
  }));
}
