import { expect, it } from "vitest";
import { usageWords } from "../../src/cli/program.ts";

it.each([
  ["Unknown argument: frob", ["frob"], false, "Unknown argument: frob"],
  ["Unknown arguments: context, dGVzdA9", ["--context=x", "dGVzdA9"], true, "Unknown arguments: context"],
  ["Unknown argument: aHR0cHM6Ly9zdHM", ["a", "aHR0cHM6Ly9zdHM"], true, "too many arguments"],
  ["Unknown argument: hunter", ["hunter"], true, "too many arguments"],
  ["Unknown arguments: a, b, c, D", ["-abcD"], true, "too many arguments"],
  [
    'Invalid values:\n  Argument: output, Given: "k8s-aws-v1.aHR0", Choices: "text", "json"',
    [],
    true,
    'Invalid values: Argument: output, Given: (15 characters, not shown), Choices: "text", "json"',
  ],
])("%s", (message, args, isSecret, words) => {
  expect(usageWords(message, args, isSecret)).toBe(words);
});
