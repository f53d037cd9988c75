/** Reports for the tests of the output: one to vary, and arbitrary ones. */
import fc from "fast-check";
import { usualHops, type HopReport, type Report } from "../../../../src/debug/report/report.ts";

export const statuses = ["ok", "failed", "warning", "not-reached"] as const;
export const verdicts = ["accepted", "refused", "unknown"] as const;

/** All hops are fine, but for those that are given. */
export function reportWith(hops: readonly Partial<HopReport>[] = [], more: Partial<Report> = {}): Report {
  const fine = { status: "ok", code: null, detail: "fine", hint: "", facts: [] } as const;
  return {
    verdict: "accepted",
    hops: usualHops.map((name) => ({ name, ...fine, ...hops.find((hop) => hop.name === name) })),
    token: null,
    identity: null,
    mapping: null,
    exitCode: 0,
    ...more,
  };
}

/** Whatever a server or a file may have put into a text. */
export function anyText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.lorem({ maxCount: 30 }),
    fc.string({ unit: "binary", maxLength: 120 }),
    fc
      .array(
        fc.constantFrom(
          "\u001b[31m",
          "\u001b]0;x\u0007",
          "\u009b2J",
          "\r",
          "\n",
          "\b",
          "\0",
          "\u202e",
          "\u2066",
          "\u2028",
          "\u061c",
          "word",
          " ",
          "✗",
        ),
        { maxLength: 20 },
      )
      .map((pieces) => pieces.join("")),
  );
}

export function anyReport(): fc.Arbitrary<Report> {
  const fact = fc.tuple(fc.constantFrom("", "label", "a long, long label"), anyText());
  const hop = fc.record({
    status: fc.constantFrom(...statuses),
    code: fc.constantFrom(null, "STS_UNKNOWN_KEY", "API_UNAUTHORIZED"),
    detail: anyText(),
    hint: anyText(),
    facts: fc.array(fact, { maxLength: 4 }),
  });
  return fc.record({
    verdict: fc.constantFrom(...verdicts),
    hops: fc.tuple(...usualHops.map((name) => hop.map((each) => ({ name, ...each })))),
    token: fc.constant(null),
    identity: fc.constant(null),
    mapping: fc.constant(null),
    exitCode: fc.constantFrom(0, 1, 4, 5),
  });
}
