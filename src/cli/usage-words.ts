/** The message of yargs without the words that it repeats, because one can be part of a token that a terminal has wrapped. */

/** A command, an option or a boolean value. A secret contains other characters. */
const plainWord = /^[a-z][a-z-]{0,30}$/;

/**
 * @param args as the user wrote them
 * @param isSecret whether the command's argument is a secret; then only names of options are repeated
 */
export function usageWords(message: string, args: readonly string[], isSecret: boolean): string {
  const words = message.trim().split(/\s+/).join(" ");
  const [heading, given] = /^Unknown arguments?(?=: )/.exec(words) ? split(words) : [];
  if (heading !== undefined && given !== undefined) {
    const told = given.split(", ").filter((word) => mayBeTold(word, args, isSecret));
    return told.length > 0 ? `${heading}: ${[...new Set(told)].join(", ")}` : "too many arguments";
  }
  return words.replace(/Given: "([^"]*)"/g, (all, value: string) =>
    plainWord.test(value) ? all : `Given: (${value.length} characters, not shown)`,
  );
}

function split(words: string): [heading: string, given: string] {
  const colon = words.indexOf(": ");
  return [words.slice(0, colon), words.slice(colon + 2)];
}

function mayBeTold(word: string, args: readonly string[], isSecret: boolean): boolean {
  if (!plainWord.test(word)) return false;
  const isOption = args.some((arg) => arg === `--${word}` || arg.startsWith(`--${word}=`));
  return isOption || !isSecret;
}
