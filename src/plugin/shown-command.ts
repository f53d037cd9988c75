/** An exec entry's command line, as far as it may be shown: people write passwords into it. */
import type { ExecEntry } from "../kubernetes/exec-entry.ts";
import { secretOption } from "./entry-secrets.ts";
import { withoutSecrets } from "./stderr-lines.ts";

/** On one line; words with spaces in quotes. */
export function shownCommand({ command, args }: Pick<ExecEntry, "command" | "args">): string {
  const words = args.map((word, index) => (follows(args[index - 1], word) ? "***" : withoutSecrets(word)));
  return [command, ...words].map((word) => (/^[^\s"']+$/.test(word) ? word : JSON.stringify(word))).join(" ");
}

/** `--client-secret VALUE`; one that begins with a hyphen is the next option. */
function follows(option: string | undefined, word: string): boolean {
  return option !== undefined && secretOption.test(option) && !word.startsWith("-");
}
