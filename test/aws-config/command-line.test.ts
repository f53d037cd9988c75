/** The words of a credential_process, as Python's shlex and as a shell read them. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandLine, commandWords, shellWords } from "../../src/aws-config/command-line.ts";
import { named } from "../cache/keychain/programs.ts";
import { noBotocore, noPython, python } from "./python.ts";

const character = fc.constantFrom(..."ab/ '\"\\$`#;&|<>()*?[]~!%=:é,@{}-".split(""));
const word = fc.array(character, { minLength: 0, maxLength: 12 }).map((all) => all.join(""));
const words = fc.array(word, { minLength: 1, maxLength: 4 });

describe("the words of a command line", () => {
  const sample = fc.sample(words, { numRuns: 400, seed: 2 });
  const lines = sample.map((each) => ({ words: each, line: commandLine(each, "linux") }));
  const written = lines.flatMap(({ words, line }) => (line === undefined ? [] : [{ words, line }]));

  it("are read back as they were", () => {
    expect(written.length).toBeGreaterThan(200);
    for (const { words, line } of written) expect(commandWords(line, "linux")).toEqual(words);
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
      expect(shellWords(line) ?? null, JSON.stringify(line)).toEqual(expected[index]);
  });

  it.each(["a #b", "a ;b", "a\nb", "a\tb\u0007"])("that an SDK would cut are refused: %j", (text) => {
    for (const platform of ["linux", "win32"] as const) expect(commandLine([text], platform)).toBeUndefined();
  });
});

describe("the words of a command line on Windows", () => {
  const sample = fc.sample(words, { numRuns: 400, seed: 4 });

  it("are read back as they were, unless cmd.exe reads them differently", () => {
    const written = sample.flatMap((words) => {
      const line = commandLine(words, "win32");
      return line === undefined ? [] : [{ words, line }];
    });
    expect(written.length).toBeGreaterThan(100);
    for (const { words, line } of written) {
      expect(commandWords(line, "win32")).toEqual(words);
      expect(line).not.toMatch(/\\"\S|%[a-z]+%/);
    }
  });

  it.each([
    ["C:\\pki\\alice.pem", "C:\\pki\\alice.pem"],
    ["C:\\Program Files\\x", '"C:\\Program Files\\x"'],
    ["C:\\my pki\\", '"C:\\my pki\\\\"'],
    ["pkcs11:token=a%20b", '"pkcs11:token=a%20b"'],
    ["a&b", '"a&b"'],
    ["it's", `"it's"`],
    ["", '""'],
    ['a"b', undefined],
    ["%PATH%", undefined],
  ])("%j is written as %j", (word, line) => {
    expect(commandLine([word], "win32")).toBe(line);
  });

  it.skipIf(noBotocore)(named("of any line are split as botocore splits them", noBotocore), () => {
    const any = fc.sample(word, { numRuns: 800, seed: 5 });
    const expected = python<string[]>("windows", any);
    for (const [index, line] of any.entries())
      expect(commandWords(line, "win32") ?? null, JSON.stringify(line)).toEqual(expected[index]);
  });
});
