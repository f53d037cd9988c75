/** From argv to the exit code: the fast path for get-token and credential-process, and yargs for everything else. */
import { parseFlags } from "./cli/settings/flags.ts";
import { runGetToken } from "./cli/commands/get-token/run.ts";
import type { CommandPorts } from "./cli/command.ts";
import { dependencies } from "./dependencies.ts";

/**
 * @param args without node and the program
 * @returns the exit code, once all output has left the process
 */
export async function run(args: readonly string[], root: CommandPorts = dependencies()): Promise<number> {
  const { text, exitCode } = await dispatch(args, root).then(
    (exitCode) => ({ text: "", exitCode }),
    async (error: unknown) => {
      const { presentError } = await import("./cli/text/present-error.ts");
      return presentError(error);
    },
  );
  // Even an empty text leaves after those before it.
  await root.streams.stderr(text).catch(() => undefined);
  return exitCode;
}

async function dispatch(args: readonly string[], root: CommandPorts): Promise<number> {
  const [command, ...rest] = args;
  if (command === "__complete") {
    const { answerCompletion } = await import("./cli/completion/completion.ts");
    await answerCompletion(rest, root);
    return 0;
  }
  const isHelp = rest.some((word) => ["--help", "-h", "--version"].includes(word));
  if (isHelp || (command !== "get-token" && command !== "credential-process")) {
    const { runProgram } = await import("./cli/program.ts");
    return runProgram(args, root);
  }
  const flags = parseFlags(rest, command);
  if (command === "get-token") await runGetToken(flags, root);
  else await (await import("./cli/commands/credential-process/run.ts")).runCredentialProcess(flags, root);
  return 0;
}
