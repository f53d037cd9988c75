import { describe, expect, it } from "vitest";
import { lowerCase, readQuery, valueOf } from "../../../src/authenticator/token-form/query.ts";

/** The outcomes are those of url.ParseQuery and strings.ToLower in Go 1.26. */
describe("a query as Go reads it", () => {
  it.each([
    ["", []],
    ["a=b&c", ["a=b", "c="]],
    ["&&a=1&", ["a=1"]],
    ["=v", ["=v"]],
    ["a==b", ["a==b"]],
    ["a=%2B+%3D", ["a=+ ="]],
    ["a=%E9", ["a=\xe9"]],
  ])("%j", (text, pairs) => {
    const { parameters, problem } = readQuery(text);
    expect(parameters.map(({ name, value }) => `${name}=${value}`)).toEqual(pairs);
    expect(problem).toBeUndefined();
  });

  it.each([
    ["a;b=c&d=e", "contains a semicolon"],
    ["a=%&d=e", "has a broken percent escape"],
    ["%4=a&d=e", "has a broken percent escape"],
  ])("%j: it %s, and the rest can be read", (text, problem) => {
    const query = readQuery(text);
    expect(query.problem).toBe(problem);
    expect(valueOf(query, "d")).toBe("e");
  });

  it("finds a value whatever the case of its name, and nothing of what is not there", () => {
    const query = readQuery("X-Amz-Date=1&x-amz-date=2");
    expect(valueOf(query, "x-amz-date")).toBe("1");
    expect(valueOf(query, "action")).toBe("");
  });
});

describe("lower case as Go has it", () => {
  it.each([
    ["X-Amz", "x-amz"],
    ["É", "é"],
    ["\u212a", "k"],
    ["\u0130", "i"],
    ["ΑΣ", "ασ"],
  ])("%s: %s", (text, lower) => {
    expect(lowerCase(Buffer.from(text).toString("latin1"))).toBe(lower);
  });

  it("makes U+FFFD of each byte that is no UTF-8", () => {
    expect(lowerCase("\xffA\xe2\x84\xed\xa0\x80")).toBe("\u{fffd}a".padEnd(7, "\u{fffd}"));
  });
});
