/** Flags that are on or off, read before yargs sees them: whatever is not `true`, it takes for false. */
import { EksX509Error } from "../foundation/errors.ts";
import { commands } from "./commands.ts";
import { isOn } from "./settings/settings.ts";

/** A name that is a switch of one command is no other's text. */
const names: ReadonlySet<string> = new Set([
  "help",
  "version",
  ...commands.flatMap(({ options }) =>
    Object.entries(options).flatMap(([name, { type }]) => (type === "boolean" ? [name] : [])),
  ),
]);

/**
 * @param words up to `--`
 * @returns the same, each switch with its value in its own word: `--dry-run=true`, so that it takes no other for one
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
  if (name === "dry-run" && /^(client|server|none)$/i.test(value)) throw kubectlsDryRun();
  return isOn({ value, source: `--${name}` });
}

/** What kubectl's --dry-run takes. Here nothing reaches a server in either case, and `none` would be a way to say false. */
function kubectlsDryRun(): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "BOOLEAN_INVALID",
    message: "--dry-run is neither true nor false",
    hint: "--dry-run alone prints the file, and writes nothing. Other than kubectl's, it has no client and no server.",
  });
}
