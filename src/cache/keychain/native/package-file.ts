/** Where a package's file lies, as Node would find it, but with nothing that an environment variable could change. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The node_modules of each folder upwards. `require.resolve` would go on with NODE_PATH and the home folder, takes a millisecond
 * where this takes microseconds, and @napi-rs/keyring's own loader obeys NAPI_RS_NATIVE_LIBRARY_PATH.
 */
export function findInPackages(file: string, from: string): string | undefined {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", file);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/** pnpm links only what a package itself depends on: its dependencies are found from where it really is. */
export function findFromPackage(file: string, name: string, from: string): string | undefined {
  const manifest = findInPackages(join(name, "package.json"), from);
  return manifest === undefined ? undefined : findInPackages(file, realpathSync.native(manifest));
}
