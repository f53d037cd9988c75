/** The program that the end-to-end tests start: the one that EKS_X509_PROGRAM names, by default bin/eks-x509 with this Node. */
import { existsSync, linkSync, mkdirSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const named = process.env["EKS_X509_PROGRAM"] || undefined;

/** The executable under test; undefined for the npm package. */
export const executable = named === undefined ? undefined : resolve(named);

export const program = executable ?? fileURLToPath(new URL("../bin/eks-x509", import.meta.url));

/** The command that starts a program of the kind that is tested. */
export function commandOf(path: string): [string, ...string[]] {
  return executable === undefined ? [process.execPath, path] : [path];
}

/** The same with arguments, for functions of node:child_process. */
export function started(path: string, args: readonly string[]): [string, string[]] {
  const [file, ...before] = commandOf(path);
  return [file, [...before, ...args]];
}

/** Why a test that hooks into Node, or looks into the npm package, says nothing of an executable; undefined for the package. */
export const noNode =
  executable === undefined
    ? undefined
    : "EKS_X509_PROGRAM names an executable, which does not load hooks of Node";

/** Why a test of the executable is left out; undefined if there is one. */
export const noExecutable = executable === undefined ? "EKS_X509_PROGRAM names no executable" : undefined;

/** The executable without its front, which answers everything, too. */
export function fullProgram(path: string): string {
  const full = join(dirname(path), "libexec", basename(path));
  return existsSync(full) ? full : path;
}

/** Another name for each file of the executable: a test that removes one takes it from no other test. */
export function linkExecutable(path: string, folder: string): string {
  linkAll(dirname(path), folder);
  return join(folder, basename(path));
}

function linkAll(from: string, to: string): void {
  if (!existsSync(to)) mkdirSync(to, { mode: 0o755 });
  for (const entry of readdirSync(from, { withFileTypes: true }))
    if (entry.isDirectory()) linkAll(join(from, entry.name), join(to, entry.name));
    else linkSync(join(from, entry.name), join(to, entry.name));
}
