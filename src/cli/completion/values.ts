/** The values that an option takes, where they can be told beforehand. */
import { keychainModes } from "../../cache/keychain/mode.ts";
import type { CommandOption } from "../command.ts";

export function valuesOf(name: string, { choices = [] }: CommandOption): readonly string[] {
  // Not choices: the config file and the environment may say it too, and one error tells of all three.
  return name === "cache" ? keychainModes : choices;
}
