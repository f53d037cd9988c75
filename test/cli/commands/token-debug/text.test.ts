/** What people read: a line a hop, within the width, and nothing that steers their terminal. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { debugText } from "../../../../src/cli/commands/token-debug/output.ts";
import type { Report } from "../../../../src/debug/report/report.ts";
import { anyReport, reportWith } from "./debug-report.ts";

const plain = [80, false] as const;
const fuzz = { numRuns: 300, seed: 20261128 };

describe("a report for people", () => {
  it("has a line a hop, what to do, details, and the verdict at the end", () => {
    const failed = {
      name: "sts",
      status: "failed",
      code: "STS_UNKNOWN_KEY",
      detail: "STS does not know the access key",
      hint: "Make a new session.",
      facts: [["asked", "sts.us-west-2.amazonaws.com"]],
    } as const;
    const later = { status: "not-reached", detail: "" } as const;
    const report = reportWith(
      [
        failed,
        { name: "clock", status: "warning", code: "CLOCK_SKEWED", detail: "a minute off" },
        { name: "audit", ...later },
      ],
      { verdict: "refused", exitCode: 5 },
    );
    const lines = debugText(report, ...plain).split("\n");
    expect(lines.slice(5, 6)).toEqual(["! clock          a minute off (CLOCK_SKEWED)"]);
    expect(lines.slice(9, 12)).toEqual([
      "✗ sts            STS does not know the access key (STS_UNKNOWN_KEY)",
      "                 asked  sts.us-west-2.amazonaws.com",
      "                 → Make a new session.",
    ]);
    expect(lines.slice(-5)).toEqual([
      "– audit          not reached",
      "",
      "Verdict: refused, at sts (STS_UNKNOWN_KEY)",
      "→ Make a new session.",
      "",
    ]);
  });

  it.each([
    ["accepted", 0, [], "Verdict: accepted"],
    ["unknown", 0, [], "Verdict: unknown: the form is correct, and no service was asked"],
    ["unknown", 1, [], "Verdict: unknown, because of a missing answer"],
    [
      "unknown",
      4,
      [{ name: "sts", status: "failed", code: "STS_NO_ANSWER" }],
      "Verdict: unknown, because of sts (STS_NO_ANSWER)",
    ],
    [
      "refused",
      5,
      [{ name: "token", status: "failed", code: "TOKEN_EXPIRED" }],
      "Verdict: refused, at token (TOKEN_EXPIRED)",
    ],
  ] as const)("%s, exit code %i, is printed in words", (verdict, exitCode, hops, words) => {
    expect(
      debugText(reportWith(hops, { verdict, exitCode }), ...plain)
        .trimEnd()
        .split("\n")
        .at(-1),
    ).toBe(words);
  });

  it("keeps the lines of what is there to be copied", () => {
    const entry = "- rolearn: arn\n  username: u\n  groups:\n  - view";
    const text = debugText(reportWith([{ name: "mapping", facts: [["entry to add", entry]] }]), ...plain);
    for (const line of entry.split("\n")) expect(text).toContain(`    ${line}\n`);
  });

  it("and of nothing else: lines in a server's words could pass for the report's own", () => {
    const username = "alice\n\nVerdict: accepted";
    const text = debugText(reportWith([{ name: "mapping", facts: [["username", username]] }]), ...plain);
    expect(text).toContain("username  alice Verdict: accepted\n");
  });
});

describe("whatever a report holds", () => {
  it("no line is longer than the terminal is wide, unless one word is", () => {
    fc.assert(
      fc.property(anyReport(), fc.integer({ min: 40, max: 120 }), (report, columns) => {
        const longest = Math.max(0, ...wordsOf(report).map(({ length }) => length));
        // Mark and name, or a label and what it is set off with, stand before a word.
        const widest = Math.max(columns, 17 + 20 + longest);
        const lines = debugText(report, columns, false).split("\n");
        expect(lines.filter((line) => line.length > widest)).toEqual([]);
      }),
      fuzz,
    );
  });

  it.each([40, 80, 100])("at %i columns, where all words are short, none is", (columns) => {
    const words = fc.lorem({ maxCount: 40 });
    const hop = { status: "failed", code: "STS_UNKNOWN_KEY" } as const;
    fc.assert(
      fc.property(words, words, words, (detail, hint, value) => {
        const report = reportWith([
          { name: "authorization", ...hop, detail, hint, facts: [["label", value]] },
        ]);
        const lines = debugText(report, columns, false).split("\n");
        expect(lines.filter((line) => line.length > columns)).toEqual([]);
      }),
      { ...fuzz, numRuns: 100 },
    );
  });

  it("nothing in it steers the terminal, or turns the direction of writing", () => {
    fc.assert(
      fc.property(anyReport(), (report) => {
        expect(debugText(report, ...plain)).not.toMatch(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      }),
      fuzz,
    );
  });

  it("colour adds sequences of its own, each ended on its line, and changes no word", () => {
    fc.assert(
      fc.property(anyReport(), (report) => {
        const coloured = debugText(report, 80, true);
        const parts = coloured.split("\u001b[");
        expect(
          parts.map((part, index) => (index === 0 ? part : part.replace(/^(?:0|2|31|32|33)m/, ""))).join(""),
        ).toBe(debugText(report, ...plain));
        // Begun and ended in turn, and never across lines.
        const tones = parts.slice(1);
        expect(tones.every((part, index) => part.startsWith("0m") === (index % 2 === 1))).toBe(true);
        expect(tones.filter((part, index) => index % 2 === 0 && part.includes("\n"))).toEqual([]);
      }),
      fuzz,
    );
  });

  it("each hop begins one line, in the chain's order", () => {
    fc.assert(
      fc.property(anyReport(), (report) => {
        const heads = debugText(report, ...plain)
          .split("\n")
          .flatMap((line) => /^[✓✗!–] ([a-z-]+) /.exec(line)?.[1] ?? []);
        expect(heads).toEqual(report.hops.map(({ name }) => name));
      }),
      fuzz,
    );
  });
});

/** With the code, and the hop's name in the verdict, each is as it will be printed. */
function wordsOf({ hops }: Report): string[] {
  return hops.flatMap(({ detail, hint, facts }) =>
    [detail, hint, ...facts.flat()].flatMap((text) =>
      text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, " ").split(" "),
    ),
  );
}
