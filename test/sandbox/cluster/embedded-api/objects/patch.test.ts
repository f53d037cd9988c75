import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  jsonPatch,
  mergePatch,
  patched,
} from "../../../../../src/sandbox/cluster/embedded-api/objects/patch.ts";
import { StatusError } from "../../../../../src/sandbox/cluster/embedded-api/exchange/status.ts";

describe("a merge patch", () => {
  // The examples of RFC 7396, appendix A.
  test.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', "{}"],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
    ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])("%s with %s is %s", (target, patch, result) => {
    expect(mergePatch(JSON.parse(target), JSON.parse(patch))).toEqual(JSON.parse(result));
  });

  test("applied twice is as applied once, and the target stays as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
        const before = JSON.stringify(target);
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect(JSON.stringify(target)).toBe(before);
      }),
    );
  });
});

describe("a JSON patch", () => {
  const target = { a: { b: [1, 2] }, "x/y": "~" };

  test.each<[string, unknown[], unknown]>([
    ["adds a field", [{ op: "add", path: "/c", value: 1 }], { ...target, c: 1 }],
    ["replaces a field", [{ op: "replace", path: "/a", value: 1 }], { ...target, a: 1 }],
    ["removes a field, escaped", [{ op: "remove", path: "/x~1y" }], { a: target.a }],
    ["inserts", [{ op: "add", path: "/a/b/1", value: 9 }], { ...target, a: { b: [1, 9, 2] } }],
    ["appends", [{ op: "add", path: "/a/b/-", value: 9 }], { ...target, a: { b: [1, 2, 9] } }],
    ["removes from a list", [{ op: "remove", path: "/a/b/0" }], { ...target, a: { b: [2] } }],
    ["replaces in a list", [{ op: "replace", path: "/a/b/0", value: 9 }], { ...target, a: { b: [9, 2] } }],
    ["copies", [{ op: "copy", from: "/a/b/0", path: "/c" }], { ...target, c: 1 }],
    ["moves", [{ op: "move", from: "/x~1y", path: "/c" }], { a: target.a, c: "~" }],
    ["tests", [{ op: "test", path: "/a", value: { b: [1, 2] } }], target],
    ["replaces all", [{ op: "replace", path: "", value: 1 }], 1],
  ])("%s", (_, patch, result) => {
    expect(jsonPatch(target, patch)).toEqual(result);
  });

  test.each<[string, unknown]>([
    ["that is no list", {}],
    ["with an unknown operation", [{ op: "erase", path: "/a" }]],
    ["with a path that is no pointer", [{ op: "remove", path: "a" }]],
    ["without a value", [{ op: "add", path: "/a" }]],
    ["that removes what is not there", [{ op: "remove", path: "/z" }]],
    ["that replaces what is not there", [{ op: "replace", path: "/a/z", value: 1 }]],
    ["outside a list", [{ op: "add", path: "/a/b/3", value: 1 }]],
    ["with a leading zero", [{ op: "remove", path: "/a/b/00" }]],
    ["whose test fails", [{ op: "test", path: "/a", value: {} }]],
    ["that reaches for a prototype", [{ op: "copy", from: "/__proto__", path: "/c" }]],
  ])("%s is refused", (_, patch) => {
    expect(() => jsonPatch(target, patch)).toThrow(StatusError);
  });

  test("leaves its target as it was, and a copy apart from its original", () => {
    const before = JSON.stringify(target);
    const patch = [
      { op: "copy", from: "/a", path: "/c" },
      { op: "add", path: "/c/b/-", value: 3 },
    ];
    expect(jsonPatch(target, patch)).toEqual({ ...target, c: { b: [1, 2, 3] } });
    expect(JSON.stringify(target)).toBe(before);
  });

  test.each([
    [
      "more operations than the API server takes",
      Array(10_001).fill({ op: "test", path: "", value: {} }),
      413,
    ],
    [
      "copies that double it again and again",
      [{ op: "add", path: "/x", value: {} }, ...Array(40).keys()].map((step) =>
        typeof step === "number" ? { op: "copy", from: "", path: `/x${step}` } : step,
      ),
      422,
    ],
  ])("with %s is refused", (_, patch, code) => {
    expect(() => jsonPatch({ a: "x".repeat(1000) }, patch)).toThrow(expect.objectContaining({ code }));
  });

  test("of thousands of operations on a long list is applied in one pass", () => {
    const long = { list: Array.from({ length: 200_000 }, () => 1) };
    const patch = Array.from({ length: 10_000 }, () => ({ op: "add", path: "/list/-", value: 2 }));
    expect(jsonPatch(long, patch)).toMatchObject({ list: { length: 210_000 } });
  });

  test("may name a field __proto__", () => {
    const patch = [{ op: "add", path: "/__proto__", value: { polluted: true } }];
    const result = jsonPatch({}, patch);
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":true}}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  test("of any shape ends in a value or in a Status", () => {
    const operation = fc.record({
      op: fc.constantFrom("add", "remove", "replace", "copy", "move", "test"),
      path: fc.constantFrom("", "/", "/a", "/a/0", "/a/-", "/a/b", "/b~1"),
      from: fc.constantFrom("", "/a", "/a/0"),
      value: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(operation), (value, patch) => {
        try {
          jsonPatch(value, patch);
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }),
    );
  });
});

describe("the content type of a patch decides", () => {
  const apply = (contentType: string, patch: string) =>
    patched({ rules: [1], data: { a: "1" } }, contentType, Buffer.from(patch));

  test("strategic merge replaces lists, as no list here is merged by key", () => {
    const result = apply("application/strategic-merge-patch+json; charset=utf-8", '{"rules":[2]}');
    expect(result).toEqual({ rules: [2], data: { a: "1" } });
  });

  test.each([
    '{"data":{"$patch":"replace"}}',
    '{"$setElementOrder/rules":[]}',
    '{"data":{"$retainKeys":["a"]}}',
  ])("strategic merge refuses the directive in %s", (patch) => {
    expect(() => apply("application/strategic-merge-patch+json", patch)).toThrow("directive $");
  });

  test("a key of a ConfigMap may begin with a dollar sign in a merge patch", () => {
    expect(apply("application/merge-patch+json", '{"data":{"$patch":"x"}}')).toMatchObject({
      data: { a: "1", $patch: "x" },
    });
  });

  test.each(["application/apply-patch+yaml", "application/json", "", "constructor"])(
    "%j is not one",
    (type) => {
      expect(() => apply(type, "{}")).toThrow("accepted media types include: application/json-patch+json");
    },
  );
});
