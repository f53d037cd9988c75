/** The words of a credential_process, as Python's shlex and as a shell read them. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandLine, commandWords } from "../../src/aws-config/command-line.ts";
import { named } from "../cache/keychain/programs.ts";
import { noPython, python } from "./python.ts";

const character = fc.constantFrom(..."ab/ '\"\\$`#;&|<>()*?[]~!%=:é,@{}-".split(""));
const word = fc.array(character, { minLength: 0, maxLength: 12 }).map((all) => all.join(""));
const words = fc.array(word, { minLength: 1, maxLength: 4 });

describe("the words of a command line", () => {
  const sample = fc.sample(words, { numRuns: 400, seed: 2 });
  const lines = sample.map((each) => ({ words: each, line: commandLine(each) }));
  const written = lines.flatMap(({ words, line }) => (line === undefined ? [] : [{ words, line }]));

  it("are read back as they were", () => {
    expect(written.length).toBeGreaterThan(200);
    for (const { words, line } of written) expect(commandWords(line)).toEqual(words);
  });

  it("are the same to a shell", () => {
    const script = written.map(({ line }) => `printf '%s\\0' ${line}; printf '\\n\\0'`).join("\n");
    const output = execFileSync("sh", { input: script, encoding: "utf8", cwd: "/" });
    expect(output.split("\n\0").slice(0, -1)).toEqual(
      written.map(({ words }) => words.map((each) => `${each}\0`).join("")),
    );
  });

  it.skipIf(noPython)(named("are the same to botocore", noPython), () => {
    expect(
      python(
        "words",
        written.map(({ line }) => line),
      ),
    ).toEqual(written.map(({ words }) => words));
  });

  it.skipIf(noPython)(named("of any line are split as Python splits them", noPython), () => {
    const any = fc.sample(word, { numRuns: 800, seed: 3 });
    const expected = python<string[]>("words", any);
    for (const [index, line] of any.entries())
      expect(commandWords(line) ?? null, JSON.stringify(line)).toEqual(expected[index]);
  });

  it.each(["a #b", "a ;b", "a\nb", "a\tb\u0007"])("that an SDK would cut are refused: %j", (text) => {
    expect(commandLine([text])).toBeUndefined();
  });
});
