/** Loads the native code of @napi-rs/keyring directly, in 1.5 ms; its index.js takes 3 to 8 ms. */
import type * as Keyring from "@napi-rs/keyring";
import { type Stats, existsSync, lstatSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { KeychainError } from "../keychain.ts";

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

export function loadNative(files: readonly NativeFile[], machine: Machine): unknown {
  let why = machine.executableFolder === undefined ? "is not installed" : "is not beside the executable";
  for (const file of files) {
    const path = locate(file, machine);
    if (path === undefined) continue;
    const trusted = trustedPath(path, machine.uid);
    try {
      return createRequire(import.meta.filename)(trusted);
    } catch (error) {
      why = `cannot be loaded: ${error instanceof Error ? error.message.slice(0, 200) : "unknown"}`;
    }
  }
  throw new KeychainError("absent", `${files[0]?.owner ?? "the keychain's code"} ${why}`);
}

function locate({ inPackage, owner, name }: NativeFile, machine: Machine): string | undefined {
  const { executableFolder, searchFrom = import.meta.filename } = machine;
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

/**
 * Searches the node_modules of each parent folder. `require.resolve` would also search NODE_PATH and the home folder and
 * takes a millisecond instead of microseconds. @napi-rs/keyring's own loader obeys NAPI_RS_NATIVE_LIBRARY_PATH.
 */
export function findInPackages(file: string, from: string): string | undefined {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", file);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/** pnpm links only the direct dependencies of a package. Their own dependencies are found from the real path. */
export function findFromPackage(file: string, name: string, from: string): string | undefined {
  const manifest = findInPackages(join(name, "package.json"), from);
  return manifest === undefined ? undefined : findInPackages(file, realpathSync.native(manifest));
}

/**
 * The real path of a file that only root and this user can change. Without a user id nothing is checked: on Windows, access
 * control lists protect the folders of programs and profiles.
 */
export function trustedPath(path: string, uid: number | undefined): string {
  const real = realpathSync.native(path);
  if (uid === undefined) return real;
  const folder = dirname(real);
  for (const own of [real, folder]) refuseUnless(isClosed(lstatSync(own), uid), own);
  for (let above = dirname(folder); ; above = dirname(above)) {
    refuseUnless(isSafeAbove(lstatSync(above), uid), above);
    if (above === dirname(above)) return real;
  }
}

function refuseUnless(trusted: boolean, path: string): void {
  if (!trusted)
    throw new KeychainError("refused", `other users can change ${path}, so its code is not loaded`);
}

function isClosed(stat: Stats, uid: number): boolean {
  if (!isOwned(stat, uid) || (stat.mode & 0o002) !== 0) return false;
  // With a umask of 002, the default of many distributions, the group is the user's own and has the user's number.
  return (stat.mode & 0o020) === 0 || (stat.gid === stat.uid && stat.uid !== 0);
}

/** On Homebrew and Debian, administrators' groups can write to parent folders. In a sticky folder, nobody can replace a foreign file. */
function isSafeAbove(stat: Stats, uid: number): boolean {
  return isOwned(stat, uid) && ((stat.mode & 0o002) === 0 || (stat.mode & 0o1000) !== 0);
}

function isOwned(stat: Stats, uid: number): boolean {
  return stat.uid === uid || stat.uid === 0;
}
