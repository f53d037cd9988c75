/** The declaration of a command. It defines yargs' parser, --help, completion and docs/reference.md. */
import type { Ports } from "../sign-in/ports.ts";
import type { Flags } from "./command-flags.ts";

export interface CommandOption {
  /** The default is `string`. A `list` can be repeated. For the other types, the last value wins. */
  type?: "string" | "boolean" | "list";
  describe: string;
  /** Heading in --help. */
  group?: string;
  /** One letter. */
  alias?: string;
  choices?: readonly string[];
  /** Environment variables with the same meaning, in the order in which they are read. */
  env?: readonly string[];
  /** Text for --help and the documentation. */
  default?: string;
  required?: boolean;
  /** The value is the path of a file, for completion. */
  isPath?: boolean;
}

export interface Positional {
  /** `TOKEN`. Its value is the flag of that name. */
  name: string;
  describe: string;
  required: boolean;
}

export interface Command {
  /** `["token", "debug"]`. */
  path: readonly [string] | readonly [string, string];
  /** One line. */
  describe: string;
  /** The text above the options in --help. The default is `describe`. */
  usage?: string;
  positional?: Positional;
  options: Readonly<Record<string, CommandOption>>;
  /** Whether `-- COMMAND …` can follow. */
  takesCommand?: true;
  /** @returns the exit code. It imports its modules when it runs. */
  run: (flags: Flags, root: Ports) => Promise<number>;
}

/** -o, the same for every command with output for programs. */
export const output: CommandOption = {
  alias: "o",
  choices: ["text", "json"],
  describe: "Form of the output",
  default: "text",
};
