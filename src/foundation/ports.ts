/**
 * The outside world as small ports. src/dependencies.ts provides an adapter for each, and a test a function. Ports with the
 * types of a hop are in that hop's room: Caches in src/cache, Http in src/http. src/sign-in/ports.ts combines all of them.
 */
import type { PlatformPath } from "node:path";
import type { Hop } from "./errors.ts";
import type { Write } from "./output.ts";

/** The environment variables, as a value. Only src/dependencies.ts reads those of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Clock = () => Date;

/** In hexadecimal digits. */
export type Sha256 = (content: string | Uint8Array) => string;

/** Logs a line for --verbose. */
export type Log = (line: string) => void;

export type HopLog = (hop: Hop, line: string) => void;

/** A program that contains its runtime. */
export interface Executable {
  /** Absolute path of the file that a client starts, with links resolved. */
  program: string;
  /** The folder of its native code. */
  folder: string;
  /** The command that runs the process of a PKCS#11 module. */
  pkcs11Module: readonly [string, ...string[]];
  /** In place of node:path's, where the current folder was deleted. */
  resolve?: PlatformPath["resolve"];
}

export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  /** The JavaScript runtime that runs this program. */
  runtime: { name: string; version: string };
  /** Absolute path of this program, with links resolved. */
  program: string;
  /** Undefined for the npm package, which Node runs. */
  executable?: Executable | undefined;
  /** Absolute path of the user's home folder: HOME, else the system's. Undefined if neither is set. */
  home: string | undefined;
  temporaryFolder: string;
  /** Absolute path of the current folder. Throws for one that was deleted, so only a relative path asks for it. */
  cwd: () => string;
  /** With links resolved; the path itself if there is no such file. */
  realPath: (path: string) => string;
  paths: Pick<PlatformPath, "isAbsolute" | "dirname" | "join" | "resolve" | "delimiter">;
}

export interface Streams {
  stdout: Write;
  stderr: Write;
  /** Whether the streams are terminals, and the width. */
  terminal: { stdout: boolean; stderr: boolean; columns: number };
  /** The complete input, at most a MiB. A terminal is read to its end too. */
  stdin: () => Promise<Uint8Array>;
}

export interface Signals {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  /** Raises a signal that was held back, unless another listener exists. */
  raise: (signal: NodeJS.Signals) => void;
}

/** A file to read, and the source of its path. */
export interface GivenFile {
  path: string;
  /** `--certificate`, or the environment variable or config file that named it. */
  source: string;
}

export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/** The purpose of a file, for messages. */
export interface FileRole {
  /** `--certificate`, or the environment variable or config file that named it. */
  given: string;
  hop: Hop;
  category: "usage" | "identity";
  /** In bytes, if more than a MiB can be right. */
  limit?: number;
}

export interface FileContent extends NamedBytes {
  /** A pipe gives its content once. */
  isPipe?: boolean;
  /** How another user can change the file. Undefined if only this user and root can. */
  exposure?: string | undefined;
  /** Permission bits. Those of other users have no meaning on Windows. */
  mode: number;
}

/**
 * Changes when the file is replaced or written: device, inode, size and time of change. Undefined for a pipe, which is another one
 * in each run, whatever it contains.
 */
export type FileState = (path: string, role: FileRole) => Promise<string | undefined>;

export type ReadFile = (path: string, role: FileRole) => Promise<FileContent>;

/** Returns the reason for a file that is not there, is empty, or cannot be reached by this user. */
export type ReadOptional = (path: string, role: FileRole) => Promise<FileContent | string>;
