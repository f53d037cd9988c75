/** The path of a package's file as Node would find it, independent of environment variables. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

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
