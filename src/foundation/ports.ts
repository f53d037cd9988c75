/**
 * What the program needs of the outside, as small ports. src/dependencies.ts fits each with its adapter, a test with a function.
 * Those that speak of a hop's own types stand in that hop's room: Caches in src/cache, Http in src/http. src/sign-in/ports.ts has them all.
 */
import type { Hop } from "./errors.ts";
import type { Write } from "./output.ts";

export type Clock = () => Date;

/** In hexadecimal digits. */
export type Sha256 = (content: string | Uint8Array) => string;

/** Takes a line for --verbose. */
export type Log = (line: string) => void;

/** Takes a line for --verbose, and the hop that it is about. */
export type HopLog = (hop: Hop, line: string) => void;

/** What is the same for the whole run. */
export interface Machine {
  platform: NodeJS.Platform;
  /** Absolute path of this very program, links followed. */
  program: string;
  /** Absolute path of the user's home folder: HOME, else the system's. Undefined where neither knows one. */
  home: string | undefined;
  /** Absolute path of the folder for temporary files. */
  temporaryFolder: string;
  /** Absolute path of the current folder. */
  cwd: () => string;
  paths: Paths;
}

/** The platform's rules for paths, as in node:path. */
export interface Paths {
  isAbsolute: (path: string) => boolean;
  dirname: (path: string) => string;
  join: (...parts: string[]) => string;
  resolve: (...parts: string[]) => string;
  /** Between the paths of a list, as in PATH. */
  delimiter: string;
}

export interface Streams {
  stdout: Write;
  stderr: Write;
  /** Whether a person looks at them, and how wide it is. */
  terminal: { stdout: boolean; stderr: boolean; columns: number };
  /** All of it, bounded; a terminal too is read to its end. */
  stdin: (limit: number) => Promise<Uint8Array>;
}

export interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  /** Does what a signal does that was held back, unless somebody else listens to it. */
  raise: (signal: NodeJS.Signals) => void;
}
