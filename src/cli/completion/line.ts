/** What has been typed so far of a command's flags and arguments. Half of a line is never wrong: nothing here throws. */
import type { Command, CommandOption } from "../command.ts";

export interface CommandLine {
  /** The flags given, by their long names, with their last values. */
  values: ReadonlyMap<string, string>;
  /** The last flag, whose value comes next. */
  awaitsValue: NamedOption | undefined;
  hasPositional: boolean;
  /** `--` stands there. */
  isEnded: boolean;
}

interface NamedOption {
  name: string;
  option: CommandOption;
}

/** @param words what follows the command's name, all but the one being typed */
export function commandLine(command: Command, words: readonly string[]): CommandLine {
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

/** `--name`, `--name=value`, `-n` or `-n=value`; undefined for anything that is no flag of the command's. */
export function splitFlag(
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
