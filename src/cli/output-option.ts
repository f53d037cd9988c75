/** -o, the same for every command that has something to tell programs. */
import type { CommandOption } from "./command.ts";

export const output: CommandOption = {
  type: "string",
  alias: "o",
  choices: ["text", "json"],
  describe: "Form of the output",
  default: "text",
};
