import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selector } from "../../../../../src/sandbox/cluster/embedded-api/objects/selectors.ts";
import { StatusError } from "../../../../../src/sandbox/cluster/embedded-api/exchange/status.ts";

const object = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: {
    name: "a",
    uid: "",
    resourceVersion: "1",
    creationTimestamp: "",
    labels: { team: "blue", "kubernetes.io/metadata.name": "a" },
  },
  status: { phase: "Active" },
};
const selects = (query: Record<string, string>) => selector(new URLSearchParams(query))(object);

describe("a label selector", () => {
  test.each([
    ["", true],
    ["team", true],
    ["!team", false],
    ["colour", false],
    ["!colour", true],
    ["team=blue", true],
    ["team==blue", true],
    ["team=red", false],
    ["team!=red", true],
    ["team!=blue", false],
    ["colour!=red", true],
    ["team in (red, blue)", true],
    ["team in (red)", false],
    ["team notin (red)", true],
    ["colour notin (red)", true],
    ["team in (red,blue),kubernetes.io/metadata.name=a", true],
    ["team=blue,colour", false],
    ["constructor", false],
  ])("%j: %j", (labelSelector, expected) => {
    expect(selects({ labelSelector })).toBe(expected);
  });

  test.each(["team in blue", "=", "team blue"])("%j cannot be parsed", (labelSelector) => {
    expect(() => selects({ labelSelector })).toThrow(StatusError);
  });

  test("of a hundred thousand commas, or parentheses, is split in one pass", () => {
    expect(selects({ labelSelector: `team=blue${",".repeat(100_000)}` })).toBe(true);
    expect(() => selects({ labelSelector: "(,".repeat(100_000) })).toThrow(StatusError);
    expect(selects({ labelSelector: `team in (red${",".repeat(100_000)}blue)` })).toBe(true);
  });

  test("of any text selects or is refused", () => {
    fc.assert(
      fc.property(fc.string(), (labelSelector) => {
        try {
          expect(typeof selects({ labelSelector })).toBe("boolean");
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }),
    );
  });
});

describe("a field selector", () => {
  test.each([
    ["metadata.name=a", true],
    ["metadata.name==b", false],
    ["metadata.name!=b", true],
    ["metadata.namespace=", true],
    ["status.phase=Active,metadata.name=a", true],
  ])("%j: %j", (fieldSelector, expected) => {
    expect(selects({ fieldSelector })).toBe(expected);
  });

  test("knows no other field", () => {
    expect(() => selects({ fieldSelector: "spec.colour=a" })).toThrow(
      '"spec.colour" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });
});
