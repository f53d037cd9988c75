/** `--cache keytar`: the package keytar, if a user has installed it. Its native code is loaded directly, as its own lib does. */
import { join } from "node:path";
import { existsSync } from "node:fs";
import { loadNative, type Machine, type NativeFile } from "./binding.ts";
import { KeychainError } from "../keychain.ts";
import type { NativeCalls } from "./native-keychain.ts";

export function loadKeytar(machine: Machine): NativeCalls {
  const loaded = loadNative(files(machine), machine);
  if (isKeytar(loaded)) return loaded;
  throw new KeychainError("broken", "this version does not support the installed keytar");
}

function files({ platform, arch }: Machine): NativeFile[] {
  const system = platform === "linux" && existsSync("/etc/alpine-release") ? "linuxmusl" : platform;
  const folders = [join("build", "Release"), join("prebuilds", `${system}-${arch}`)];
  return folders.map((folder) => ({
    inPackage: join("keytar", folder, "keytar.node"),
    owner: "keytar",
    name: "keytar.node",
  }));
}

function isKeytar(value: unknown): value is NativeCalls {
  return typeof value === "object" && value !== null && "getPassword" in value && "findCredentials" in value;
}
