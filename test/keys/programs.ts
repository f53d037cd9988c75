/** Programs and options of the system that a test needs. */
import { spawnSync } from "node:child_process";

/** Why a test is skipped, for its name; undefined if the command line works here. */
export function without(...command: readonly [string, ...string[]]): string | undefined {
  const [program, ...args] = command;
  return spawnSync(program, args, { stdio: "ignore" }).status === 0
    ? undefined
    : `${command.join(" ")} does not work here`;
}
