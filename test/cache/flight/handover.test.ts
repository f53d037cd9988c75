import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longestLine, readOutcome, writeOutcome, type Outcome } from "../../../src/cache/flight/handover.ts";
import { EksX509Error, type ErrorCode } from "../../../src/foundation/errors.ts";

const key = "a".repeat(64);

const failure = fc
  .record({
    category: fc.constantFrom("usage", "identity", "network", "refused", "other"),
    hop: fc.constantFrom("configuration", "certificate", "create-session", "session", "token"),
    code: fc.constantFrom("FILE_MISSING", "REFUSED_OTHER", "UNEXPECTED"),
    message: fc.string({ unit: "binary" }),
    hint: fc.string({ unit: "binary" }),
  })
  .map((fields): Outcome => ({ kind: "failure", failure: new EksX509Error<ErrorCode>(fields) }));
const text = fc.string({ unit: "binary", maxLength: 3000 }).map((text): Outcome => ({ kind: "text", text }));

function written(outcome: Outcome): string {
  const line = writeOutcome(key, outcome);
  if (line === undefined) throw new Error("too long");
  return line;
}

describe("an outcome's line", () => {
  it("is one line, and reads as what was written", () => {
    fc.assert(
      fc.property(fc.oneof(text, failure), (outcome) => {
        const line = written(outcome);
        expect(line.indexOf("\n")).toBe(line.length - 1);
        expect(readOutcome(key, line)).toEqual(outcome);
      }),
    );
  });

  it("is nothing when truncated anywhere", () => {
    fc.assert(
      fc.property(fc.oneof(text, failure), fc.nat(), (outcome, cut) => {
        const line = written(outcome).trimEnd();
        expect(readOutcome(key, line.slice(0, cut % line.length))).toBeUndefined();
      }),
    );
  });

  it("is nothing for another key", () => {
    expect(readOutcome(`${key.slice(1)}b`, written({ kind: "text", text: "x" }))).toBeUndefined();
  });

  it("whatever is read, it is an outcome or nothing, and never throws", () => {
    const json = fc.json().map((value) => `{"v":1,"key":"${key}","failure":${value}}`);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json(), json), (line) => {
        expect(readOutcome(key, line)).toBeUndefined();
      }),
    );
  });

  const fields = { category: "refused", hop: "token", code: "A", message: "b", hint: "c" };
  it.each([
    ["another version", { v: 2, key, text: "x" }],
    ["a text that is none", { v: 1, key, text: 1 }],
    ["both outcomes", { v: 1, key, text: "x", failure: fields }],
    ["neither outcome", { v: 1, key }],
    ["an unknown category", { v: 1, key, failure: { ...fields, category: "toString" } }],
    ["an unknown hop", { v: 1, key, failure: { ...fields, hop: "constructor" } }],
    ["a hint that is none", { v: 1, key, failure: { ...fields, hint: null } }],
  ])("%s is nothing", (_, json) => {
    expect(readOutcome(key, JSON.stringify(json))).toBeUndefined();
  });

  it("is not sent when it is too long", () => {
    expect(writeOutcome(key, { kind: "text", text: "é".repeat(longestLine / 2) })).toBeUndefined();
  });
});
