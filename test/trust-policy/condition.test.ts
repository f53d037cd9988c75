import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { conditionResult } from "../../src/trust-policy/condition.ts";
import type { Given } from "../../src/trust-policy/request.ts";
import type { Truth } from "../../src/trust-policy/truth.ts";
import { fromJson } from "../json.ts";

type Value = string | string[] | null | Partial<Record<"date" | "number" | "address" | "boolean", string>>;

/** `null` is a key that the request does not have, `"?"` one of which that is not known. */
function givenOf(value: Value): Given {
  if (value === null) return { kind: "absent", why: "" };
  if (value === "?") return { kind: "unknown", why: "" };
  if (typeof value === "string") return { kind: "values", values: [value], form: "text" };
  if (Array.isArray(value)) return { kind: "values", values: value, form: "text", isList: true };
  const form = (["date", "number", "address", "boolean"] as const).find((each) => each in value) ?? "date";
  return { kind: "values", values: [value[form] ?? ""], form };
}

const variables: Readonly<Record<string, Value>> = {
  "aws:principaltag/name": "alice",
  "aws:principaltag/star": "s*r",
  "aws:principaltag/none": null,
  "aws:tagkeys": ["a", "b"],
};

type Row = [operator: string, given: Value, wanted: unknown, holds: Truth];

const conditions = fromJson<{ about: string; rows: Row[] }[]>(
  readFileSync(new URL("../vectors/trust-policy/conditions.json", import.meta.url), "utf8"),
);

const resultOf = (operator: string, given: Value, values: readonly string[], hasVariables = true) =>
  conditionResult(
    { operator, key: "test:Key", values },
    (key) => givenOf(key === "test:Key" ? given : (variables[key.toLowerCase()] ?? nullIn(key))),
    hasVariables,
  );

function nullIn(key: string): Value {
  return key.toLowerCase() in variables ? null : "?";
}

describe.each(conditions)("$about", ({ rows }) => {
  it.each(rows)("%s of %j and %j: %s", (operator, given, wanted, holds) => {
    const values = (Array.isArray(wanted) ? wanted : [wanted]).map(String);
    expect(resultOf(operator, given, values).holds).toBe(holds);
  });
});

describe("in a policy of version 2008-10-17", () => {
  it.each([
    ["StringEquals", "${aws:PrincipalTag/name}", "${aws:PrincipalTag/name}", "yes"],
    ["StringEquals", "alice", "${aws:PrincipalTag/name}", "no"],
    ["StringLike", "a${b}c", "a${*}c", "yes"],
  ])("a variable is characters: %s of %j and %j: %s", (operator, given, wanted, holds) => {
    expect(resultOf(operator, given, [wanted], false).holds).toBe(holds);
  });
});
