/** Loads the native code of @napi-rs/keyring directly, in 1.5 ms; its index.js takes 3 to 8 ms. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as Keyring from "@napi-rs/keyring";
import { KeychainError } from "../keychain.ts";
import { findFromPackage, findInPackages } from "./package-file.ts";
import { trustedPath } from "./trusted-file.ts";

export type Binding = Pick<typeof Keyring, "Entry" | "AsyncEntry" | "findCredentialsAsync">;

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Undefined if there are none. */
  readonly uid: number | undefined;
  /** The folder of the standalone executable, which has its native code beside it; undefined for an npm package. */
  readonly executableFolder?: string | undefined;
  /** A file of this package, at which the search for other packages starts; by default this file. */
  readonly searchFrom?: string | undefined;
}

/** @throws KeychainError absent, refused */
export function loadBinding(machine: Machine): Binding {
  const loaded = loadNative(builds(machine).map(fileOf), machine);
  if (isBinding(loaded)) return loaded;
  throw new KeychainError("broken", "this version does not support the installed @napi-rs/keyring");
}

export interface NativeFile {
  /** Path below node_modules. */
  readonly inPackage: string;
  /** The package that depends on it; the package itself if it belongs to eks-x509. */
  readonly owner: string;
  /** Its name beside a standalone executable. */
  readonly name: string;
}

/** The first of these files that exists and can be loaded. */
export function loadNative(files: readonly NativeFile[], machine: Machine): unknown {
  let why = "is not installed";
  for (const file of files) {
    const path = locate(file, machine);
    if (path === undefined) continue;
    const trusted = trustedPath(path, machine.uid);
    try {
      return createRequire(import.meta.url)(trusted);
    } catch (error) {
      why = `cannot be loaded: ${error instanceof Error ? error.message.slice(0, 200) : "unknown"}`;
    }
  }
  throw new KeychainError("absent", `${files[0]?.owner ?? "the keychain's code"} ${why}`);
}

function locate({ inPackage, owner, name }: NativeFile, machine: Machine): string | undefined {
  const { executableFolder, searchFrom = fileURLToPath(import.meta.url) } = machine;
  if (executableFolder !== undefined) {
    const beside = join(executableFolder, name);
    return existsSync(beside) ? beside : undefined;
  }
  return findInPackages(inPackage, searchFrom) ?? findFromPackage(inPackage, owner, searchFrom);
}

function fileOf(build: string): NativeFile {
  const name = `keyring.${build}.node`;
  return { inPackage: join("@napi-rs", `keyring-${build}`, name), owner: "@napi-rs/keyring", name };
}

function builds({ platform, arch }: Machine): string[] {
  if (platform === "win32") return [`win32-${arch}-msvc`];
  if (platform !== "linux") return [`${platform}-${arch}`];
  if (arch === "arm") return ["linux-arm-gnueabihf"];
  const libraries = existsSync("/etc/alpine-release") ? ["musl", "gnu"] : ["gnu", "musl"];
  // npm installs the matching one. If both are installed, the wrong one fails to load.
  return libraries.map((library) => `linux-${arch}-${library}`);
}

function isBinding(value: unknown): value is Binding {
  if (typeof value !== "object" || value === null) return false;
  return "Entry" in value && "AsyncEntry" in value && "findCredentialsAsync" in value;
}
