/** The declaration of a command, which defines yargs' parser, --help, completion and docs/reference.md; and its flags, once parsed. */
import type { writeFolder } from "../foundation/files/write-folder.ts";
import type { openSandbox } from "../sandbox/open-sandbox.ts";
import type { Serving } from "../serve/ports.ts";
import type { Ports } from "../sign-in/ports.ts";
import { type EksX509Error, usageError } from "../foundation/errors.ts";
import { isOptionName, type OptionName } from "./settings/options.ts";
import type { Values } from "./settings/settings.ts";

/** The ports of a command, which passes to the code below it only those that it needs. */
export interface CommandPorts extends Ports {
  sandbox: typeof openSandbox;
  serving: () => Promise<Serving>;
  writeFolder: typeof writeFolder;
}

export interface CommandOption {
  /** The default is `string`. A `list` can be repeated. For the other types, the last value wins. */
  type?: "string" | "boolean" | "list";
  describe: string;
  /** Heading in --help. */
  group?: string;
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

export interface Command {
  /** `["token", "debug"]`. */
  path: readonly [string] | readonly [string, string];
  /** One line. */
  describe: string;
  /** The text above the options in --help. The default is `describe`. */
  usage?: string;
  /** `TOKEN`. Its value is the flag of that name. */
  positional?: { name: string; describe: string; required: boolean };
  options: Readonly<Record<string, CommandOption>>;
  /** Whether options of aws_signing_helper that request the default are accepted. */
  acceptsHelperDefaults?: true;
  /** Whether `-- COMMAND …` can follow. */
  takesCommand?: true;
  /** @returns the exit code. It imports its modules when it runs. */
  run: (flags: Flags, root: CommandPorts) => Promise<number>;
}

/** -o, the same for every command with output for programs. */
export const output: CommandOption = {
  alias: "o",
  choices: ["text", "json"],
  describe: "Form of the output",
  default: "text",
};

export function emptyFlag(name: string): EksX509Error {
  return usageError("FLAG_EMPTY", `--${name} is empty`, "Give it a value, or omit it.");
}

export class Flags {
  readonly #parsed: Readonly<Record<string, unknown>>;
  /** The words after `--`. */
  readonly command: readonly string[];

  constructor(parsed: Readonly<Record<string, unknown>>, command: readonly string[] = []) {
    this.#parsed = parsed;
    this.command = command;
  }

  /** If there are several, the last one. */
  text(name: string): string | undefined {
    return this.list(name).at(-1);
  }

  list(name: string): readonly string[] {
    const value = this.#parsed[name];
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.filter((each) => typeof each === "string");
  }

  isOn(name: string): boolean | undefined {
    const value = this.#parsed[name];
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    return typeof last === "boolean" ? last : undefined;
  }

  settings(): Values {
    const values = new Map<OptionName, string>();
    for (const name of Object.keys(this.#parsed).filter(isOptionName)) {
      const value = this.text(name) ?? this.isOn(name)?.toString();
      if (value === "") throw emptyFlag(name);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }
}
