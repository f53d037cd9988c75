/** -o, the same for every command with output for programs. */
import type { CommandOption } from "./command.ts";

export const output: CommandOption = {
  alias: "o",
  choices: ["text", "json"],
  describe: "Form of the output",
  default: "text",
};
