/** The words of yargs, in --help and in its errors, as this program has them. */

/** yargs wraps each line by itself, so a paragraph is one line here. */
export function flowing(usage: string): string {
  return usage.replace(/(\S)\n(?=\S)/g, "$1 ");
}

/** A command, an option or a boolean value. A secret contains other characters. */
const plainWord = /^[a-z][a-z-]{0,30}$/;

/**
 * The error of yargs without the words that it repeats, because one can be part of a token that a terminal has wrapped.
 * @param args as the user wrote them
 * @param command undefined if they name none; `argument` is the name of its argument, which can be a secret: then only names of options are repeated
 */
export function usageWords(
  message: string,
  args: readonly string[],
  command: { argument: string | undefined } | undefined,
): string {
  const words = message.trim().split(/\s+/).join(" ");
  const [, given] = /^Unknown arguments?: (.*)$/.exec(words) ?? [];
  if (given !== undefined) return unknownWords(given.split(", "), args, command);
  if (words.startsWith("Not enough non-option arguments"))
    return `${command?.argument ?? "an argument"} is missing`;
  const [, option] = /^Not enough arguments following: (.*)$/.exec(words) ?? [];
  if (option !== undefined) return `${optionIn(option)} needs a value`;
  const [, name = "", choices] =
    /^Invalid values: Argument: ([\w-]+), Given: .*, Choices: (.*)$/.exec(words) ?? [];
  return choices === undefined ? words : `${optionIn(name)} is not one of ${choices}`;
}

/** Of one letter or more. */
function optionIn(name: string): string {
  if (!plainWord.test(name)) return "an option";
  return name.length === 1 ? `-${name}` : `--${name}`;
}

function unknownWords(
  given: readonly string[],
  args: readonly string[],
  command: { argument: string | undefined } | undefined,
): string {
  const isOption = (word: string): boolean =>
    args.some((arg) => arg === `--${word}` || arg.startsWith(`--${word}=`));
  const isShown = (word: string): boolean =>
    plainWord.test(word) && (command?.argument === undefined || isOption(word));
  const shown = [...new Set(given.filter(isShown))].map((word) => (isOption(word) ? `--${word}` : word));
  const options = given.filter(isOption);
  const kind = options.length === given.length ? "option" : command === undefined ? "command" : "argument";
  if (shown.length > 0) return `unknown ${kind}${shown.length > 1 ? "s" : ""}: ${shown.join(", ")}`;
  return kind === "argument" ? "too many arguments" : `unknown ${kind}`;
}
