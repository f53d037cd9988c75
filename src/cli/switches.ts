/** Parses boolean flags before yargs, which treats every value except `true` as false. */
import { usageError } from "../foundation/errors.ts";
import { commands } from "./commands.ts";
import { isOn } from "./settings/settings.ts";

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
 * @returns the same words, each boolean flag with its value in one word (`--dry-run=true`), so that it takes no other word as its value
 * @throws EksX509Error BOOLEAN_INVALID
 */
export function readSwitches(words: readonly string[]): string[] {
  return words.map((word) => {
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
