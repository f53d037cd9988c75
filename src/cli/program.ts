/** Every command but get-token's short way: yargs, with the options of the one table. */
import yargs from "yargs";
import type { Dependencies } from "../dependencies.ts";
import { EksX509Error } from "../errors.ts";
import { version } from "../version.ts";
import { optionEntries, type Option } from "./options.ts";

/** @returns the exit code */
export async function runProgram(args: readonly string[], { stdout }: Dependencies): Promise<number> {
  let output = "";
  await program().parseAsync([...args], {}, (error: Error | undefined, _argv: unknown, text: string) => {
    if (error) throw error;
    output = text;
  });
  if (output) await stdout(`${output}\n`);
  return 0;
}

function program() {
  return yargs()
    .scriptName("eks-x509")
    .usage("$0 COMMAND\n\nkubectl signs in to Amazon EKS with an X.509 certificate.")
    .version(version)
    .help()
    .command("get-token", "Print an ExecCredential for kubectl", (command) => command.options(yargsOptions()))
    .demandCommand(1, "which command?")
    .strict()
    .wrap(100)
    .fail((message: string, error: Error | undefined) => {
      throw error instanceof EksX509Error ? error : usageError(message);
    });
}

function yargsOptions() {
  return Object.fromEntries(optionEntries.map(([name, option]) => [name, yargsOption(option)]));
}

function yargsOption({ type, group, describe, env, default: fallback }: Option) {
  const environment = `[${env.join(", ")}]`;
  const defaultText = fallback === undefined ? "" : ` [default: ${fallback}]`;
  return { type, group: `${group}:`, describe: `${describe} ${environment}${defaultText}` };
}

function usageError(message: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "USAGE",
    message: message.split("\n")[0] ?? "",
    hint: "See: eks-x509 --help",
  });
}
