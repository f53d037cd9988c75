/** All commands except get-token's fast path: yargs, configured from the table of commands. */
import yargs, { type Argv } from "yargs";
import type { Ports } from "../sign-in/ports.ts";
import { type EksX509Error, usageError } from "../foundation/errors.ts";
import { version } from "../foundation/version.ts";
import { Flags } from "./command-flags.ts";
import type { Command, CommandOption } from "./command.ts";
import { commandGroups, commands } from "./commands.ts";
import { readSwitches } from "./switches.ts";
import { usageWords } from "./usage-words.ts";

/** @returns the exit code */
export async function runProgram(args: readonly string[], root: Ports): Promise<number> {
  const end = args.indexOf("--");
  const own = readSwitches(end === -1 ? args : args.slice(0, end));
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

function program(state: ProgramState, root: Ports, args: readonly string[]): Argv {
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
    .demandCommand(1, 1, "which command?")
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
      return inner.demandCommand(1, 1, `${members.map(({ path }) => path.join(" ")).join(" or ")}?`);
    });
  return parser;
}

function adder(state: ProgramState, root: Ports, args: readonly string[]) {
  return (parser: Argv, command: Command): void => {
    parser.command(
      [command.path.at(-1) ?? "", positionalForm(command)].filter(Boolean).join(" "),
      command.describe,
      (own: Argv) => {
        if (command.usage !== undefined) own.usage(command.usage);
        if (command.positional !== undefined)
          own.positional(command.positional.name, { type: "string", describe: command.positional.describe });
        return own.options(yargsOptions(command));
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

function positionalForm({ positional }: Command): string {
  if (positional === undefined) return "";
  return positional.required ? `<${positional.name}>` : `[${positional.name}]`;
}

function yargsOptions({ options }: Command) {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, yargsOption(option)]));
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
  const words = usageWords(message, args, command?.positional !== undefined);
  const isBeforeDashes = command?.takesCommand === true && message.trim().startsWith("Unknown argument");
  return usageError(
    "USAGE",
    words.slice(0, 200),
    isBeforeDashes
      ? `A COMMAND follows --, for example: eks-x509 ${command.path.join(" ")} -- kubectl get ns`
      : `${command && message.includes("nknown argument") ? onePositional(command) : ""}See: eks-x509 ${command ? `${command.path.join(" ")} ` : ""}--help`,
  );
}

function onePositional({ path, positional }: Command): string {
  if (positional === undefined) return "";
  return `Quote the ${positional.name} as one word, or pipe it to "eks-x509 ${path.join(" ")} -". `;
}

function commandOf(args: readonly string[]): Command | undefined {
  return commands.find(({ path }) => path.every((word, index) => args[index] === word));
}
