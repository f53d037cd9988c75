/** A command, declared once: from this come yargs' parser, --help, completion and docs/reference.md. */
import type { Ports } from "../sign-in/ports.ts";
import type { Flags } from "./command-flags.ts";

export interface CommandOption {
  /** `list`: may be given several times. Of the others, the last of several wins. */
  type: "string" | "boolean" | "list";
  describe: string;
  /** Heading in --help. */
  group?: string;
  /** One letter. */
  alias?: string;
  choices?: readonly string[];
  /** Environment variables that say the same, in the order in which they are read. */
  env?: readonly string[];
  /** In words, for --help and the documentation. */
  default?: string;
  required?: boolean;
  /** The value is the path of a file: completed as one. */
  isPath?: boolean;
}

export interface Positional {
  /** `TOKEN`; its value is the flag of that name. */
  name: string;
  describe: string;
  required: boolean;
}

export interface Command {
  /** `["token", "debug"]`. */
  path: readonly [string] | readonly [string, string];
  /** One line. */
  describe: string;
  /** What --help says above the options; without it, the one line. */
  usage?: string;
  positional?: Positional;
  options: Readonly<Record<string, CommandOption>>;
  /** Whether `-- COMMAND …` may follow. */
  takesCommand?: true;
  /** @returns the exit code. What it needs is imported when it runs. */
  run: (flags: Flags, root: Ports) => Promise<number>;
}
