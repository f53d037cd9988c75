/** The words that can follow on the command line. They come from the table of commands, like --help. */
import { keychainModes } from "../../cache/keychain/mode.ts";
import type { Command, CommandOption } from "../command.ts";
import { commandGroups, commands } from "../commands.ts";

export interface Word {
  word: string;
  describe: string;
}

export interface Completions {
  words: readonly Word[];
  /** The path of a file can follow. */
  files: boolean;
  /** A context of this kubeconfig can follow; undefined for kubectl's own choice of the file. */
  contextsOf?: { kubeconfig: string | undefined };
}

/**
 * For `--name=value`, only the value is completed, as in cobra's protocol.
 * @param typed the words after the program's name; the last one is being typed and can be empty
 */
export function completions(typed: readonly string[]): Completions {
  const current = typed.at(-1) ?? "";
  const before = typed.slice(0, -1);
  const command = commands.find(({ path }) => path.every((word, index) => before[index] === word));
  if (command === undefined) return those(wordsOfCommands(before, current), current);
  const line = commandLine(command, before.slice(command.path.length));
  if (line.isEnded) return { words: [], files: command.takesCommand === true };
  return valueBeingTyped(command, line, current) ?? argumentOrFlag(command, line, current);
}

const help: Word = { word: "--help", describe: "Show help" };
const version: Word = { word: "--version", describe: "Show version number" };

function wordsOfCommands([group, ...more]: readonly string[], current: string): Word[] {
  if (more.length > 0) return [];
  if (current.startsWith("-")) return [help, version];
  if (group !== undefined)
    return commands
      .filter(({ path }) => path.length === 2 && path[0] === group)
      .map(({ path, describe }) => ({ word: path.at(-1) ?? "", describe }));
  const single = commands.filter(({ path }) => path.length === 1);
  return [
    ...single.map(({ path: [word], describe }) => ({ word, describe })),
    ...Object.entries(commandGroups).map(([word, describe]) => ({ word, describe })),
  ];
}

function valueBeingTyped(command: Command, line: CommandLine, current: string): Completions | undefined {
  if (line.awaitsValue !== undefined) return value(line.awaitsValue, line, current);
  const flag = splitFlag(command, current);
  return flag?.value === undefined ? undefined : value(flag, line, flag.value);
}

function value(
  { name, option }: { name: string; option: CommandOption },
  { values }: CommandLine,
  current: string,
): Completions {
  if (option.isPath) return { words: [], files: true };
  if (name === "context" || name === "admin-context")
    return { words: [], files: false, contextsOf: { kubeconfig: values.get("kubeconfig") } };
  return those(
    valuesOf(name, option).map((word) => ({ word, describe: "" })),
    current,
  );
}

function argumentOrFlag(command: Command, line: CommandLine, current: string): Completions {
  const awaitsFile = command.positional?.name === "FILE" && !line.hasPositional;
  if (awaitsFile && !current.startsWith("-")) return { words: [], files: true };
  return those(flagsLeft(command, line), current);
}

function flagsLeft({ options, takesCommand }: Command, { values }: CommandLine): Word[] {
  const left = Object.entries(options).filter(([name, { type }]) => type === "list" || !values.has(name));
  return [
    ...left.map(([name, { describe }]) => ({ word: `--${name}`, describe })),
    ...left.flatMap(([, { alias, describe }]) =>
      alias === undefined ? [] : [{ word: `-${alias}`, describe }],
    ),
    help,
    ...(takesCommand ? [{ word: "--", describe: "A command follows" }] : []),
  ];
}

function those(words: readonly Word[], current: string): Completions {
  return { words: words.filter(({ word }) => word.startsWith(current)), files: false };
}

function valuesOf(name: string, { choices = [] }: CommandOption): readonly string[] {
  // Not `choices`, because the config file and the environment can set it too, and one error covers all three.
  return name === "cache" ? keychainModes : choices;
}

interface CommandLine {
  /** The flags by their long names, with their last values. */
  values: ReadonlyMap<string, string>;
  /** The last flag, if its value follows. */
  awaitsValue: NamedOption | undefined;
  hasPositional: boolean;
  /** Whether `--` was typed. */
  isEnded: boolean;
}

interface NamedOption {
  name: string;
  option: CommandOption;
}

/** @param words the words after the command's name, without the one being typed */
function commandLine(command: Command, words: readonly string[]): CommandLine {
  const end = words.indexOf("--");
  const values = new Map<string, string>();
  let awaitsValue: NamedOption | undefined;
  let hasPositional = false;
  for (const word of end === -1 ? words : words.slice(0, end)) {
    const flag = splitFlag(command, word);
    if (awaitsValue) {
      values.set(awaitsValue.name, word);
      awaitsValue = undefined;
    } else if (flag) {
      values.set(flag.name, flag.value ?? "");
      if (flag.option.type !== "boolean" && flag.value === undefined) awaitsValue = flag;
    } else hasPositional ||= !/^-./.test(word);
  }
  return { values, awaitsValue, hasPositional, isEnded: end !== -1 };
}

/** `--name`, `--name=value`, `-n` or `-n=value`; undefined for anything else. */
function splitFlag(
  { options }: Command,
  word: string,
): (NamedOption & { value: string | undefined }) | undefined {
  const [flag = "", ...rest] = word.split("=");
  const entry = Object.entries(options).find(
    ([name, { alias }]) => flag === `--${name}` || (alias !== undefined && flag === `-${alias}`),
  );
  if (entry === undefined) return undefined;
  const [name, option] = entry;
  return { name, option, value: rest.length === 0 ? undefined : rest.join("=") };
}
