import { describe, expect, it } from "vitest";
import { violations } from "../../../../src/sandbox/aws/api/constraints.ts";
import { apiModel } from "../../../../src/sandbox/aws/api/model.ts";
import models from "../../../../src/sandbox/aws/api/models.json" with { type: "json" };

const profile = (input: Readonly<Record<string, unknown>>) =>
  violations(apiModel("rolesanywhere"), input, "CreateProfileRequest");

describe("an input is checked against its shape", () => {
  it.each<[string, Readonly<Record<string, unknown>>, string[]]>([
    ["a valid one", { name: "demo", roleArns: [] }, []],
    [
      "members that are missing, in the order of the shape",
      {},
      ["Value null at 'name' failed to satisfy", "Value null at 'roleArns' failed to satisfy"],
    ],
    ["null, which is missing", { name: null, roleArns: [] }, ["Value null at 'name'"]],
    [
      "a length",
      { name: "", roleArns: [] },
      ["Value '' at 'name' failed to satisfy constraint: Member must have length greater"],
    ],
    ["an item of a list", { name: "a", roleArns: ["x"] }, ["Value 'x' at 'roleArns.1.member'"]],
    [
      "a member of an item",
      { name: "a", roleArns: [], tags: [{ key: "k" }] },
      ["Value null at 'tags.1.member.value'"],
    ],
    ["another type", { name: 1, roleArns: {} }, ["at 'name'", "at 'roleArns'"]],
    ["a fraction", { name: "a", roleArns: [], durationSeconds: 900.5 }, ["at 'durationSeconds'"]],
    ["a bound", { name: "a", roleArns: [], durationSeconds: 43_201 }, ["less than or equal to 43200"]],
  ])("%s", (_, input, expected) => {
    const found = profile(input);
    expect(found).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(found[index]).toContain(text);
  });

  it("accepts letters of every script where AWS does", () => {
    const tag = { RoleName: "a", Tags: [{ Key: "équipe", Value: "東京" }] };
    expect(violations(apiModel("iam"), tag, "TagRoleRequest")).toEqual([]);
  });

  it("has patterns that this language can read", () => {
    for (const model of Object.values(models))
      for (const shape of Object.values(model.shapes))
        if ("pattern" in shape) expect(() => new RegExp(shape.pattern, "u")).not.toThrow();
  });
});
