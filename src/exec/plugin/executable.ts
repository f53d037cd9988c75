/**
 * Finds the program of an exec entry. As in client-go's exec.LookPath, a name is looked up in the folders of the caller's
 * PATH, not of the entry's. A text with a separator is a path, which the kubeconfig's reader has made absolute.
 */
import { access, constants, open, realpath, stat } from "node:fs/promises";
import { posix, win32 } from "node:path";
import { execPath } from "node:process";
import type { Environment } from "../../foundation/ports.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { isOwnName } from "../../kubeconfig/program-name.ts";
import { pluginNotStarted } from "./plugin-failures.ts";

export interface Wanted {
  command: string;
  /** The kubeconfig's text for users without the program. */
  installHint: string;
}

export interface Surroundings {
  env: Environment;
  platform: NodeJS.Platform;
  program: string;
}

export interface Executable {
  /** The path with which it is started. */
  path: string;
  foundBy: "PATH" | "path";
  /** Another installation of ours can have another version, which its --version prints. */
  relation: "this program" | "another eks-x509" | "another program";
}

const unusable = {
  folder: ["PLUGIN_IS_FOLDER", "is a folder", "Use the path of the program in it."],
  "no #!": [
    "PLUGIN_NO_SHEBANG",
    "is a script without a #! line that names its interpreter",
    "Begin the script with a line such as #!/bin/sh, with nothing before it. A shell runs a script without it; kubectl does not.",
  ],
  "not executable": [
    "PLUGIN_NOT_EXECUTABLE",
    "is not executable for this user",
    "Check the file's mode and owner: chmod +x FILE.",
  ],
  unreachable: [
    "PLUGIN_NOT_EXECUTABLE",
    "is in a folder that this user cannot enter",
    "Check the modes and owners of its folders.",
  ],
  loop: ["PLUGIN_PATH_MISSING", "is a link that leads back to itself", "Correct the link."],
  NUL: [
    "PLUGIN_CANNOT_START",
    "has a NUL character",
    String.raw`No path contains one. Remove it from the entry; YAML and JSON write it as \0 or \u0000.`,
  ],
} as const;

type State = keyof typeof unusable | "executable" | "missing";

export async function findExecutable(wanted: Wanted, around: Surroundings): Promise<Executable> {
  const isPath = around.platform === "win32" ? /[:\\/]/ : /\//;
  return isPath.test(wanted.command) ? atPath(wanted, around) : onPath(wanted, around);
}

async function atPath({ command, installHint }: Wanted, around: Surroundings): Promise<Executable> {
  for (const path of spellings(command, around)) {
    const state = await stateOf(path, around.platform);
    if (state !== "missing") return started(path, "path", state, around);
  }
  throw pluginNotStarted(
    "PLUGIN_PATH_MISSING",
    `the exec entry's command does not exist: ${command}`,
    `Correct the path. A relative path starts at the kubeconfig's folder.${quotedHint(installHint)}`,
  );
}

async function onPath({ command, installHint }: Wanted, around: Surroundings): Promise<Executable> {
  const rules = around.platform === "win32" ? win32 : posix;
  const folders = pathFolders(around, rules.delimiter);
  let forbidden: string | undefined;
  for (const folder of folders)
    for (const path of spellings(rules.join(folder, command), around)) {
      const state = await stateOf(path, around.platform);
      if (state === "executable" && !rules.isAbsolute(folder))
        throw pluginNotStarted(
          "PLUGIN_IN_RELATIVE_FOLDER",
          `the exec entry's command ${command} is only in PATH's relative folder ${JSON.stringify(folder)}`,
          "kubectl runs no program from a relative folder. Write an absolute path into PATH or into the exec entry.",
        );
      if (state === "executable" || state === "no #!" || state === "NUL")
        return started(path, "PATH", state, around);
      if (state === "not executable") forbidden ??= path;
    }
  if (forbidden !== undefined) return started(forbidden, "PATH", "not executable", around);
  throw notFound({ command, installHint }, folders);
}

function notFound({ command, installHint }: Wanted, folders: readonly string[]): Error {
  const searched = folders.length > 8 ? `${folders.length} folders` : folders.join(", ") || "no folder";
  return pluginNotStarted(
    "PLUGIN_NOT_FOUND",
    `the exec entry's command ${command} is not on PATH (${searched})`,
    `Install it, or write its absolute path into the exec entry, because graphical clients have a shorter PATH.${quotedHint(installHint)}`,
  );
}

/** An empty folder is the current one. */
function pathFolders({ env, platform }: Surroundings, delimiter: string): string[] {
  const name =
    platform === "win32" ? (Object.keys(env).find((key) => /^path$/i.test(key)) ?? "PATH") : "PATH";
  const list = env[name];
  return list ? list.split(delimiter).map((folder) => folder || ".") : [];
}

/** On Windows, a program has an extension from PATHEXT, which people omit. */
function spellings(path: string, { env, platform }: Surroundings): string[] {
  if (platform !== "win32") return [path];
  const endings = (env["PATHEXT"] || ".COM;.EXE;.BAT;.CMD").toLowerCase().split(";").filter(Boolean);
  const added = endings.map((ending) => `${path}${ending}`);
  return endings.includes(win32.extname(path).toLowerCase()) ? [path, ...added] : added;
}

/** stat(2). */
const unfound: Readonly<Partial<Record<string, State>>> = {
  EACCES: "unreachable",
  ELOOP: "loop",
  ERR_INVALID_ARG_VALUE: "NUL",
};

async function stateOf(path: string, platform: NodeJS.Platform): Promise<State> {
  const found = await stat(path).catch(systemCode);
  if (typeof found === "string") return unfound[found] ?? "missing";
  if (found.isDirectory()) return "folder";
  // To open a pipe would wait for its writer.
  const mayRun =
    found.isFile() &&
    (await access(path, constants.X_OK)
      .then(() => true)
      .catch(() => false));
  if (!mayRun) return "not executable";
  return platform !== "win32" && (await isTextAlone(path)) ? "no #!" : "executable";
}

/**
 * A shell, and Node by the C library, give a text that names no interpreter to a shell. The kernel, and so kubectl, does not.
 * execve(2); Linux, fs/binfmt_script.c: the name ends within the first 256 bytes.
 */
async function isTextAlone(path: string): Promise<boolean> {
  const start = await beginning(path);
  // A file that can be run but not read is not a script.
  if (!start) return false;
  const text = start.toString("latin1");
  if (text.startsWith("#!"))
    return !/^#![ \t]*[^ \t\n\0]+[ \t\n\0]/.test(start.length < inspected ? `${text}\n` : text);
  return !start.includes(0);
}

const inspected = 256;

async function beginning(path: string): Promise<Buffer | undefined> {
  // What was a file a moment ago can be a pipe now, and to open or read that would wait for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  const read = await file?.read(Buffer.alloc(inspected), 0, inspected, 0).catch(() => undefined);
  await file?.close();
  return read?.buffer.subarray(0, read.bytesRead);
}

/**
 * Whether a program has another format than this one's. An emulator may run it all the same; if none does, the C library
 * gives it to a shell. elf(5): the class, the byte order and the machine.
 */
export async function isForeignBinary(path: string): Promise<boolean> {
  const [own, other] = await Promise.all([beginning(execPath), beginning(path)]);
  if (!own || !other?.includes(0) || other.subarray(0, 2).toString("latin1") === "#!") return false;
  const format = (bytes: Buffer): string => bytes.toString("hex", 0, 6) + bytes.toString("hex", 18, 20);
  return other.length < shortestElf || format(own) !== format(other);
}

const shortestElf = 52;

async function started(
  path: string,
  foundBy: Executable["foundBy"],
  state: Exclude<State, "missing">,
  { program }: Surroundings,
): Promise<Executable> {
  if (state !== "executable") {
    const [code, why, hint] = unusable[state];
    throw pluginNotStarted(code, `the exec entry's command ${why}: ${path}`, hint);
  }
  const real = await realpath(path).catch(() => path);
  const isOurs = isOwnName(path) || isOwnName(real);
  const other = isOurs ? "another eks-x509" : "another program";
  return { path, foundBy, relation: real === program ? "this program" : other };
}

function quotedHint(installHint: string): string {
  const text = installHint.replace(/\s+/g, " ").trim();
  return text ? ` The kubeconfig says: ${text.length > 500 ? `${text.slice(0, 500)}…` : text}` : "";
}
