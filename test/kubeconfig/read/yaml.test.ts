import { describe, expect, it } from "vitest";
import { largestKubeconfig, readYaml } from "../../../src/kubeconfig/read/yaml.ts";
import { codeOf, failureOf } from "../../failure.ts";

const read = (text: string) => readYaml({ name: "~/.kube/config", text }).content;

describe("a kubeconfig's text", () => {
  it.each([
    ["", null],
    ["# nothing yet\n", null],
    ["---\n", null],
    ["kind: Config\n", { kind: "Config" }],
    ["\uFEFFkind: Config\r\n", { kind: "Config" }],
    ['{\n\t"kind":\t"Config"\n}\n', { kind: "Config" }],
    ["a: &x {b: 1}\nc: {<<: *x, d: 2}\n", { a: { b: 1 }, c: { b: 1, d: 2 } }],
  ])("is a YAML document (%#)", (text, content) => {
    expect(read(text)).toEqual(content);
  });

  it.each([
    ["clusters: [a\n", "line 2, column 1, indented wrongly"],
    ['clusters: {a: "b\n', "line 2, column 1, something is missing"],
    ["clusters:\n\t- name: a\n", "line 2, column 1, a tab where spaces belong"],
    ["clusters:\n  - name: a\n - name: b\n", "line 3, column 1, indented wrongly"],
    ["clusters: *none\n", "line 1, column 11, an alias without its anchor"],
    ["kind: Config\n}\n", "line 2, column 1, something does not belong there"],
    ["kind: Config\r\nname: \0\0\0", "line 2, column 7, a control character"],
    ["name: a\u0080", "line 1, column 8, a control character"],
    ['name: "\uFFFE"', "line 1, column 8, a control character"],
    ["a: {<<: 1}\n", "a merge key (<<) of something other than a mapping"],
  ])("is refused when it is broken (%#)", (text, where) => {
    const failure = failureOf(() => read(text));
    expect(failure).toMatchObject({ category: "usage", hop: "kubeconfig", code: "KUBECONFIG_INVALID" });
    expect(failure.message).toBe(`~/.kube/config is not YAML: ${where}`);
  });

  it.each([
    ["a: 1\nb:\n  c: 1\n  c: 2\n", "KUBECONFIG_DUPLICATE_KEY", "line 4, column 3"],
    ["a: 1\n---\nb: 2\n", "KUBECONFIG_SEVERAL_DOCUMENTS", "line 2, column 1"],
  ])("is refused when it has two meanings (%#)", (text, code, where) => {
    const failure = failureOf(() => read(text));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(where);
  });

  it("never comes back in a message: it may hold keys", () => {
    for (const text of [
      "token: {secret",
      "secret\n\tsecret: a: b: secret",
      "secret: *secret",
      "? secret: !secret &",
    ])
      expect(failureOf(() => read(text)).message).not.toContain("secret");
  });

  it("is bounded in size", () => {
    const filler = (length: number) => `# ${"x".repeat(length - 2)}`;
    expect(codeOf(() => read(filler(largestKubeconfig)))).toBeUndefined();
    expect(codeOf(() => read(filler(largestKubeconfig + 1)))).toBe("KUBECONFIG_TOO_LARGE");
    expect(codeOf(() => read(filler(50_000_000)))).toBe("KUBECONFIG_TOO_LARGE");
  });

  it("is bounded in words and marks", () => {
    const failure = failureOf(() => read(`x: [${"1,".repeat(600_000)}]`));
    expect(failure.code).toBe("KUBECONFIG_TOO_LARGE");
    expect(failure.message).toBe("~/.kube/config has more than 700000 words and marks");
  });

  it.each([
    "[".repeat(20_000),
    "[".repeat(20_000) + "]".repeat(20_000),
    "- ".repeat(20_000) + "a",
    "{a: ".repeat(20_000),
    "? ".repeat(20_000),
    Array.from({ length: 1000 }, (_, level) => `${" ".repeat(level)}a:\n`).join(""),
  ])("is bounded in depth (%#)", (text) => {
    expect(codeOf(() => read(text))).toBe("KUBECONFIG_TOO_DEEP");
  });

  it("is bounded in what its aliases unfold to", () => {
    const bomb = Array.from({ length: 30 }, (_, level) =>
      level === 0 ? "a0: &a0 [x, x]" : `a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`,
    );
    expect(codeOf(() => read(bomb.join("\n")))).toBe("KUBECONFIG_ALIASES");
    expect(codeOf(() => read("a: &a {b: *a}\n"))).toBe("KUBECONFIG_ALIASES");
    expect(codeOf(() => read(bomb.slice(0, 4).join("\n")))).toBeUndefined();
  });
});
