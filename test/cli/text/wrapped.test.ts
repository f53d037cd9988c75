import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrapped } from "../../../src/cli/text/terminal.ts";

describe("a text in lines of a width", () => {
  it("is broken between words, and a longer word stays whole", () => {
    expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapped("arn:aws:iam::1:role/x is it", 10)).toEqual(["arn:aws:iam::1:role/x", "is it"]);
    expect(wrapped("", 10)).toEqual([""]);
  });

  it("loses nothing, and is never wider than its widest word must be", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 60 }), (text, columns) => {
        const lines = wrapped(text, columns);
        expect(lines.join(" ")).toBe(text);
        for (const line of lines) expect(line.length <= columns || !line.includes(" ")).toBe(true);
      }),
      { numRuns: 500, seed: 20261130 },
    );
  });
});
