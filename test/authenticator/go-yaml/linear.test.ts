/** The reader's work grows with the text, whatever the text is. Steps are the matches of regular expressions. */
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readTexts, readYaml } from "../../../src/authenticator/go-yaml/read.ts";
import { isThorough } from "../../thorough.ts";

const pieces = [
  ...[
    "- a\n",
    "-\n",
    "- ",
    "? ",
    ": ",
    "a: b\n",
    "- - a\n",
    "a",
    "a:",
    "a ",
    " ",
    "\t",
    "\n",
    "\r",
    "  \n",
    "# c\n",
  ],
  ...[
    "[",
    "]",
    "{",
    "}",
    "[a, ",
    "{a: b, ",
    "a,\n",
    "'a': b,\n",
    ",",
    "[]",
    "'",
    '"',
    "'a'\n",
    '"a\n',
    '\\"',
    "\\",
  ],
  ...[
    "&a b\n",
    "- &a b\n",
    "- *a\n",
    "<<: *a, ",
    "!a ",
    "!!str a\n",
    "|\n",
    ">\n",
    "  a\n",
    "---\n",
    "...\n",
    "%a\n",
  ],
];

const starts = ["", "- &a {b: c}\n", "- [\n", "- {", '- "', "- '", "- |\n", "- >\n", "- a", "? ", "  - "];

describe("the reader's steps grow no faster than the text", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  // Each piece behind every fourth start in the ordinary run, and behind all of them in the complete one.
  it.each(pieces)("of %j", (piece) => {
    const first = pieces.indexOf(piece);
    for (const [index, start] of starts.entries())
      if (isThorough || (first + index) % 4 === 0) expectLinear(start, piece);
  });

  it("of any repeated pieces", () => {
    const some = fc
      .array(fc.constantFrom(...pieces), { minLength: 2, maxLength: 4 })
      .map((all) => all.join(""));
    fc.assert(
      fc.property(fc.constantFrom(...starts), some, (start, piece) => {
        expectLinear(start, piece);
      }),
      { numRuns: isThorough ? 200 : 50, seed: 1 },
    );
  });

  it("of many anchors, each with its alias", () => {
    const anchors = (count: number): string =>
      Array.from({ length: count }, (_, index) => `- &a${index} b\n- *a${index}\n`).join("");
    expect(stepsOf(anchors(4000))).toBeLessThan(4.5 * stepsOf(anchors(1000)));
  });
});

function expectLinear(start: string, piece: string): void {
  const few = stepsOf(start + piece.repeat(500));
  const many = stepsOf(start + piece.repeat(2000));
  expect(many, JSON.stringify(start + piece)).toBeLessThan(4.5 * few + 4000);
}

/** The matches, and the characters that they take. */
function stepsOf(text: string): number {
  const exec = vi.spyOn(RegExp.prototype, "exec");
  readYaml(text);
  readTexts(text);
  const matches = exec.mock.results.map(({ value }): unknown => value);
  exec.mockRestore();
  return matches.reduce<number>(
    (steps, found) => steps + 1 + (Array.isArray(found) ? String(found[0]).length : 0),
    0,
  );
}
