/** All commands except get-token's fast path: yargs, configured from the table of commands. */
import yargs, { type Argv } from "yargs";
import { type EksX509Error, usageError } from "../foundation/errors.ts";
import { isNear } from "../foundation/edit-distance.ts";
import { version } from "../foundation/version.ts";
import { Flags, type Command, type CommandOption, type CommandPorts } from "./command.ts";
import { commandGroups, commands } from "./commands.ts";
import { isHelperDefault, ownName, refusePassword, replacementFor } from "./settings/flags.ts";
import { isOn } from "./settings/settings.ts";
import { flowing, usageWords } from "./text/usage-words.ts";

export async function runProgram(args: readonly string[], root: CommandPorts): Promise<number> {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  const own = readSwitches(
    commandOf(args)?.acceptsHelperDefaults ? words.filter((word) => !isHelperDefault(word)) : words,
  );
  const state = { output: "", exitCode: 0, afterDashes: end === -1 ? [] : args.slice(end + 1) };
  await program(state, root, own).parseAsync(
    [...own, ...placeholder(own, state.afterDashes)],
    {},
    (error: Error | undefined, _argv: unknown, text: string) => {
      if (error) throw error;
      state.output = text;
    },
  );
  if (state.output) await root.streams.stdout(`${state.output}\n`);
  return state.exitCode;
}

interface ProgramState {
  exitCode: number;
  /** A command for the sandbox, or an argument that begins with a hyphen. */
  afterDashes: readonly string[];
}

/** Replaces an argument after `--`, because yargs would read one that begins with a hyphen as a flag. */
function placeholder(own: readonly string[], { length }: ProgramState["afterDashes"]): string[] {
  const positional = commandOf(own)?.positional;
  return positional !== undefined && length === 1 ? [positional.name] : [];
}

function program(state: ProgramState, root: CommandPorts, args: readonly string[]): Argv {
  // Not the current folder, which may be deleted: yargs would look there for its own settings.
  const parser = yargs([], "/")
    .scriptName("eks-x509")
    .usage("$0 COMMAND\n\nkubectl signs in to Amazon EKS with an X.509 certificate.")
    .version(version)
    .help()
    .alias("help", "h")
    .parserConfiguration({
      "boolean-negation": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "camel-case-expansion": false,
    })
    .demandCommand(1, 1, "no command is given")
    .strict()
    .wrap(100)
    .fail((message: string | null, error: Error | undefined) => {
      // yargs reports its own errors as YError. Any other error comes from a command.
      throw error === undefined || error.name === "YError" ? wrongUsage(message ?? "", args) : error;
    });
  const add = adder(state, root, args);
  for (const command of commands.filter(({ path }) => path.length === 1)) add(parser, command);
  for (const [group, describe] of Object.entries(commandGroups))
    parser.command(group, describe, (inner: Argv) => {
      const members = commands.filter(({ path }) => path.length === 2 && path[0] === group);
      for (const command of members) add(inner, command);
      const names = members.map(({ path }) => path[1]).join(", ");
      return inner.demandCommand(1, 1, `${group} needs one of its commands: ${names}`);
    });
  return parser;
}

function adder(state: ProgramState, root: CommandPorts, args: readonly string[]) {
  // yargs lays out the help in every run, which takes longer than all else that it does.
  const hidden = !args.some((word) => /^(-\w*h|--help|help)/.test(word));
  return (parser: Argv, command: Command): void => {
    const { path, describe, usage, positional, options } = command;
    const argument = positional && (positional.required ? `<${positional.name}>` : `[${positional.name}]`);
    parser.command(
      [path.at(-1), argument].filter(Boolean).join(" "),
      describe,
      (own: Argv) => {
        if (usage !== undefined) own.usage(flowing(usage));
        if (positional) own.positional(positional.name, { type: "string", describe: positional.describe });
        for (const [name, option] of Object.entries(options))
          own.option(name, { ...yargsOption(option), hidden });
        return own;
      },
      async (parsed) => {
        const flags = { ...parsed, ...hyphen(command, parsed, args), ...afterDashes(command, state, args) };
        state.exitCode = await command.run(new Flags(flags, state.afterDashes), root);
      },
    );
  };
}

/** yargs turns `-`, for stdin, into an empty text. */
function hyphen(
  { positional }: Command,
  parsed: Readonly<Record<string, unknown>>,
  args: readonly string[],
): Record<string, string> {
  if (positional === undefined || parsed[positional.name] !== "" || !args.includes("-")) return {};
  return { [positional.name]: "-" };
}

/** @throws EksX509Error USAGE for words after `--` that the command would ignore */
function afterDashes(
  { positional, takesCommand }: Command,
  { afterDashes: [first, ...others] }: ProgramState,
  args: readonly string[],
): Record<string, string> {
  if (first === undefined || takesCommand) return {};
  if (positional === undefined) throw wrongUsage("no argument can follow --", args);
  if (others.length > 0) throw wrongUsage(`only one ${positional.name} can follow --`, args);
  return { [positional.name]: first };
}

function yargsOption(option: CommandOption) {
  const { type, group, alias, choices } = option;
  return {
    type: type === "boolean" ? type : ("string" as const),
    describe: describeOption(option),
    ...(type !== "boolean" && { requiresArg: true }),
    ...(group !== undefined && { group: `${group}:` }),
    ...(alias !== undefined && { alias }),
    ...(choices !== undefined && { choices }),
  };
}

function describeOption({ describe, required, env = [], default: fallback, type }: CommandOption): string {
  return [
    describe,
    required === true && "(required)",
    type === "list" && "(can be repeated)",
    env.length > 0 && `[${env.join(", ")}]`,
    fallback !== undefined && `[default: ${fallback}]`,
  ]
    .filter(Boolean)
    .join(" ");
}

function wrongUsage(message: string, args: readonly string[]): EksX509Error {
  const command = commandOf(args);
  const words = usageWords(message, args, command && { argument: command.positional?.name }).slice(0, 200);
  const name = ["eks-x509", ...(command?.path ?? groupIn(args))].join(" ");
  const help = `See: ${name} --help`;
  if (!message.trim().startsWith("Unknown argument")) return usageError("USAGE", words, help);
  if (command?.takesCommand)
    return usageError("USAGE", words, `A COMMAND follows --, for example: ${name} -- kubectl get ns`);
  const replacement = args
    .filter((word) => !isHelperDefault(word))
    .map(replacementFor)
    .find(Boolean);
  if (replacement !== undefined) return usageError("USAGE", words, replacement);
  if (command === undefined) return usageError("USAGE", words, `${meant(args)}${help}`);
  const { positional } = command;
  const quote = positional && `Quote the ${positional.name} as one word, or pipe it to "${name} -". `;
  return usageError("USAGE", words, `${quote ?? ""}${help}`);
}

/** `["cache"]` of `cache frob`. */
function groupIn([first = ""]: readonly string[]): string[] {
  return first in commandGroups ? [first] : [];
}

/** The command that the user can have misspelled. */
function meant(args: readonly string[]): string {
  const given = args.filter((word) => !word.startsWith("-")).join(" ");
  const near = commands.map(({ path }) => path.join(" ")).find((name) => isNear(given, name));
  return near === undefined ? "" : `Did you mean ${near}? `;
}

function commandOf(args: readonly string[]): Command | undefined {
  return commands.find(({ path }) => path.every((word, index) => args[index] === word));
}

/** No command has a text option with the name of another command's boolean flag. */
const names: ReadonlySet<string> = new Set([
  "help",
  "version",
  ...commands.flatMap(({ options }) =>
    Object.entries(options).flatMap(([name, { type }]) => (type === "boolean" ? [name] : [])),
  ),
]);

/**
 * @param words the words before `--`
 * @returns the same words, with our names of options, and each boolean flag with its value in one word (`--dry-run=true`), so that it takes no other word as its value
 */
function readSwitches(words: readonly string[]): string[] {
  return words.map((given) => {
    const word = given.replace(/^--[^=]*/, (flag) => `--${ownName(flag.slice(2))}`);
    if (word.startsWith("--")) refusePassword(word.slice(2).replace(/=.*$/s, ""));
    const [, long, value = "true"] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const name = word.startsWith("--") ? long : long === "h" ? "help" : undefined;
    return name !== undefined && names.has(name) ? `--${name}=${String(isTrue(name, value))}` : word;
  });
}

function isTrue(name: string, value: string): boolean {
  // The values of kubectl's --dry-run. Nothing reaches a server here, and `none` could mean false.
  if (name === "dry-run" && /^(client|server|none)$/i.test(value))
    throw usageError(
      "BOOLEAN_INVALID",
      "--dry-run is neither true nor false",
      "--dry-run alone prints the file and writes nothing. Unlike kubectl's option, it has no values client and server.",
    );
  return isOn({ value, source: `--${name}` });
}
