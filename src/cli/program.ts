/** Every command but get-token's short way: yargs, with the options of the one table. */
import yargs, { type Argv } from "yargs";
import type { Dependencies } from "../dependencies.ts";
import { EksX509Error } from "../errors.ts";
import { version } from "../version.ts";
import { optionEntries, type Option } from "./options.ts";

/** @returns the exit code */
export async function runProgram(args: readonly string[], root: Dependencies): Promise<number> {
  const end = args.indexOf("--");
  const own = end === -1 ? args : args.slice(0, end);
  const state = { output: "", exitCode: 0, command: end === -1 ? [] : args.slice(end + 1) };
  await program(state, root, own).parseAsync(
    [...own],
    {},
    (error: Error | undefined, _argv: unknown, text: string) => {
      if (error) throw error;
      state.output = text;
    },
  );
  if (state.output) await root.stdout(`${state.output}\n`);
  return state.exitCode;
}

interface ProgramState {
  exitCode: number;
  /** What follows `--`. */
  command: readonly string[];
}

function program(state: ProgramState, root: Dependencies, args: readonly string[]) {
  return (
    yargs()
      .scriptName("eks-x509")
      .usage("$0 COMMAND\n\nkubectl signs in to Amazon EKS with an X.509 certificate.")
      .version(version)
      .help()
      .alias("help", "h")
      // As with get-token's flags, the last of several wins.
      .parserConfiguration({
        "boolean-negation": false,
        "dot-notation": false,
        "duplicate-arguments-array": false,
      })
      .command("get-token", "Print an ExecCredential for kubectl", (command) =>
        command.options(yargsOptions()),
      )
      .command(
        "sandbox",
        "Play AWS and a cluster on loopback",
        (command) => command.usage(sandboxUsage).options(sandboxOptions),
        async (flags) => {
          const { runSandbox } = await import("./sandbox.ts");
          state.exitCode = await runSandbox(flags, state.command, root);
        },
      )
      .command("cache", "Show or clear the cached tokens and sessions", (command) =>
        cacheCommands(command, root),
      )
      .demandCommand(1, 1, "which command?")
      .strict()
      .wrap(100)
      .fail((message: string | null, error: Error | undefined) => {
        // What yargs itself complains of comes as a YError; anything else is a command's own.
        throw error === undefined || error.name === "YError" ? usageError(message ?? "", args) : error;
      })
  );
}

function cacheCommands(command: Argv, root: Dependencies) {
  const keychain = "Which keychain [EKS_X509_CACHE] [default: auto]";
  return command
    .option("cache", { type: "string", describe: keychain, requiresArg: true })
    .command(
      "list",
      "What is kept: whose, for which cluster, valid until; no secrets",
      (list) => list.option("output", { alias: "o", ...outputOption }),
      async (flags) => {
        const { runCacheList } = await import("./cache.ts");
        await runCacheList(flags, root);
      },
    )
    .command(
      "clear",
      "Remove all entries",
      (clear) => clear.option("all", { type: "boolean", describe: "From every keychain of this machine" }),
      async (flags) => {
        const { runCacheClear } = await import("./cache.ts");
        await runCacheClear(flags, root);
      },
    )
    .demandCommand(1, 1, "cache list or cache clear?");
}

const sandboxUsage = `$0 sandbox [OPTIONS] [-- COMMAND …]

Plays Roles Anywhere, STS, EKS and a cluster on loopback.
With a COMMAND, runs it against them, tells what was refused, and ends with its exit code.
Without one, prints what to export, and shows each request until Ctrl-C.`;

const outputOption = {
  choices: ["text", "json"] as const,
  describe: "Form of the list [default: text]",
  requiresArg: true,
};

const sandboxOptions = {
  "cluster-name": { type: "string", describe: "Name of the cluster [default: demo]", requiresArg: true },
  region: { type: "string", describe: "Region of the cluster [default: us-west-2]", requiresArg: true },
  certificate: { type: "string", describe: "Rehearse this certificate", requiresArg: true },
  "private-key": { type: "string", describe: "The certificate's private key", requiresArg: true },
  "trust-anchor": {
    type: "string",
    describe: "PEM of the CA that the trust anchor will hold",
    requiresArg: true,
  },
  "aws-auth": { type: "string", describe: "Rehearse this aws-auth ConfigMap, YAML", requiresArg: true },
  "trust-anchor-arn": { type: "string", describe: "ARN of the trust anchor", requiresArg: true },
  "profile-arn": { type: "string", describe: "ARN of the profile", requiresArg: true },
  "role-arn": { type: "string", describe: "ARN of the role, with its path", requiresArg: true },
  verbose: { type: "boolean", describe: "With a COMMAND too, show each request on stderr" },
} as const;

function yargsOptions() {
  return Object.fromEntries(optionEntries.map(([name, option]) => [name, yargsOption(option)]));
}

function yargsOption({ type, group, describe, env, required, default: fallback }: Option) {
  const environment = `[${env.join(", ")}]`;
  const defaultText = fallback === undefined ? "" : ` [default: ${fallback}]`;
  return {
    type,
    group: `${group}:`,
    describe: `${describe}${required ? " (required)" : ""} ${environment}${defaultText}`,
  };
}

/** yargs writes over several lines, the first of which is often but a heading. */
function usageError(message: string, [command = ""]: readonly string[]): EksX509Error {
  const words = message.trim().split(/\s+/).join(" ");
  const known = ["get-token", "sandbox", "cache"].includes(command);
  const isBeforeDashes = command === "sandbox" && words.startsWith("Unknown argument");
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "USAGE",
    message: words.slice(0, 200),
    hint: isBeforeDashes
      ? "A COMMAND stands behind --, as in: eks-x509 sandbox -- kubectl get ns"
      : `See: eks-x509 ${known ? `${command} ` : ""}--help`,
  });
}
