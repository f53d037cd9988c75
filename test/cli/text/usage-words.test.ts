import { expect, it } from "vitest";
import { flowing, usageWords } from "../../../src/cli/text/usage-words.ts";

const [withToken, withNone] = [{ argument: "TOKEN" }, { argument: undefined }];

it.each([
  ["Unknown argument: frob", ["frob"], undefined, "unknown command: frob"],
  ["Unknown argument: Hunter2", ["Hunter2"], undefined, "unknown command"],
  ["Unknown argument: frob", ["--frob"], undefined, "unknown option: --frob"],
  ["Unknown argument: frob", ["kuberc", "frob"], withNone, "unknown argument: frob"],
  ["Unknown argument: frob", ["kuberc", "--frob=x"], withNone, "unknown option: --frob"],
  ["Unknown arguments: frob, x", ["kuberc", "--frob", "x"], withNone, "unknown arguments: --frob, x"],
  ["Unknown argument: dryRun", ["kuberc", "--dryRun=x"], withNone, "unknown option"],
  [
    "Unknown arguments: context, dGVzdA9",
    ["--context=x", "dGVzdA9"],
    withToken,
    "unknown argument: --context",
  ],
  ["Unknown argument: aHR0cHM6Ly9zdHM", ["a", "aHR0cHM6Ly9zdHM"], withToken, "too many arguments"],
  ["Unknown argument: hunter", ["hunter"], withToken, "too many arguments"],
  ["Unknown arguments: a, b, c, D", ["-abcD"], withToken, "too many arguments"],
  ["Not enough non-option arguments: got 0, need at least 1", [], { argument: "KEY" }, "KEY is missing"],
  ["Not enough arguments following: name", ["--name"], withNone, "--name needs a value"],
  ["Not enough arguments following: o", ["-o"], withNone, "-o needs a value"],
  [
    'Invalid values:\n  Argument: output, Given: "k8s-aws-v1.aHR0", Choices: "text", "json"',
    [],
    withToken,
    '--output is not one of "text", "json"',
  ],
])("%s", (message, args, command, words) => {
  expect(usageWords(message, args, command)).toBe(words);
});

it("a paragraph of --help is one line", () => {
  expect(flowing("$0 x\n\nPrints the\nwords.\nAnd more.\n\nLast.")).toBe(
    "$0 x\n\nPrints the words. And more.\n\nLast.",
  );
});
