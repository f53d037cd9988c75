/** Which PKCS#11 module: the one of the URI, of the options, or p11-kit's, which knows every module that is installed for it. */
import { existsSync, statSync } from "node:fs";
import process from "node:process";
import { join } from "node:path";
import type { Pkcs11Uri } from "./uri.ts";

/** Where distributions, Homebrew and NixOS keep libraries. */
const folders = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/lib",
  "/opt/homebrew/lib",
  "/run/current-system/sw/lib",
] as const;

/** Folders in these that hold modules. */
const foldersOfModules = ["", "pkcs11", "softhsm"] as const;

/**
 * @param option `--pkcs11-module`
 * @returns a path, or a name that the dynamic linker looks for
 */
export function modulePath({ modulePath: path, moduleName }: Pkcs11Uri, option: string | undefined): string {
  if (path !== undefined && !isFolder(path)) return path;
  if (moduleName !== undefined)
    return namedModule(
      moduleName,
      path === undefined
        ? folders.flatMap((folder) => foldersOfModules.map((below) => join(folder, below)))
        : [path],
    );
  return path ?? option ?? namedModule("p11-kit-proxy", folders);
}

/** RFC 7512 §2.3: "module-path" can be the folder of the module that "module-name" names. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

const suffixes: Partial<Record<NodeJS.Platform, string>> = { darwin: ".dylib", win32: ".dll" };

/** RFC 7512 §2.3: a name without prefix and suffix, for the platform to complete. */
function namedModule(name: string, places: readonly string[]): string {
  const suffix = suffixes[process.platform] ?? ".so";
  const files = [`${name}${suffix}`, `lib${name}${suffix}`, `${name}.so`, `lib${name}.so`];
  const candidates = places.flatMap((folder) => files.map((file) => join(folder, file)));
  return candidates.find((candidate) => existsSync(candidate)) ?? `${name}${suffix}`;
}
