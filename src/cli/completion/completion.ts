/** `eks-x509 __complete WORD…`: the words that can follow on the command line, from the table of commands, as --help. */
import { keychainModes } from "../../cache/keychain/mode.ts";
import type { Command, CommandOption } from "../command.ts";
import { commandGroups, commands } from "../commands.ts";
import { printable } from "../../foundation/shown.ts";
import type { Ports } from "../../sign-in/ports.ts";
import { expandHome } from "../settings/settings.ts";

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

function value({ name, option }: NamedOption, { values }: CommandLine, current: string): Completions {
  if (option.isPath) return { words: [], files: true };
  if (name === "context" || name === "admin-context")
    return { words: [], files: false, contextsOf: { kubeconfig: values.get("kubeconfig") } };
  // Not the table's choices, because the config file and the environment can set it too, and one error covers all three.
  const choices = name === "cache" ? keychainModes : (option.choices ?? []);
  return those(choices.map(undescribed), current);
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

function undescribed(word: string): Word {
  return { word, describe: "" };
}

function those(words: readonly Word[], current: string): Completions {
  return { words: words.filter(({ word }) => word.startsWith(current)), files: false };
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
  /** After `=`. */
  value: string | undefined;
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
function splitFlag({ options }: Command, word: string): NamedOption | undefined {
  const [flag = "", ...rest] = word.split("=");
  const entry = Object.entries(options).find(
    ([name, { alias }]) => flag === `--${name}` || (alias !== undefined && flag === `-${alias}`),
  );
  if (entry === undefined) return undefined;
  const [name, option] = entry;
  return { name, option, value: rest.length === 0 ? undefined : rest.join("=") };
}

/** cobra, completions.go: ShellCompDirectiveDefault, with which shells offer files, and ShellCompDirectiveNoFileComp. */
const directives = { files: ":0", nothingElse: ":4" };

/** Never fails and prints only the answer, because a message would disturb the command line. */
export async function answerCompletion(typed: readonly string[], root: Ports): Promise<void> {
  const { words, files, contextsOf } = completions(typed);
  const contexts = contextsOf ? await contextsFrom(contextsOf.kubeconfig, typed.at(-1) ?? "", root) : [];
  const lines = [...words, ...contexts].map(({ word, describe }) =>
    describe === "" ? word : `${word}\t${describe}`,
  );
  const answer = [...lines, files ? directives.files : directives.nothingElse];
  await root.streams.stdout(`${answer.join("\n")}\n`).catch(() => undefined);
}

async function contextsFrom(kubeconfig: string | undefined, current: string, root: Ports): Promise<Word[]> {
  const start = current.replace(/^--[^=]*=/, "");
  const names = await contextNames(kubeconfig, root).catch(() => []);
  // Behind --context, a name that begins with a hyphen is a flag; behind --context= it is a name.
  const isFlag = (name: string): boolean => start === current && name.startsWith("-");
  return names.filter((name) => name.startsWith(start) && !isFlag(name)).map(undescribed);
}

/**
 * @param flag `--kubeconfig` as typed, because no shell has expanded it
 * @throws EksX509Error those of kubeconfigPaths and loadKubeconfig
 */
async function contextNames(flag: string | undefined, root: Ports): Promise<string[]> {
  const { kubeconfigPaths, loadKubeconfig } = await import("../../kubeconfig/read/kubeconfig.ts");
  const { env, machine, readFile } = root;
  const paths = kubeconfigPaths(flag && expandHome(flag, machine), env, machine);
  const { contexts } = await loadKubeconfig(paths, { ...machine, readFile });
  // Other names cannot be typed, and would break the lines of the answer.
  return [...contexts.keys()].filter((name) => name !== "" && printable(name) === name);
}
