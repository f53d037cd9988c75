import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { largestKubeconfig, readYaml } from "../../../src/kubeconfig/read/yaml.ts";
import { withFolder } from "../../cache/flight/crowd.ts";
import { kubectls, run } from "../../e2e/sandbox-process.ts";
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
    ["kind: Config\n}\n", "line 2, column 1, something does not belong there"],
  ])("is refused when it is broken (%#)", (text, where) => {
    const failure = failureOf(() => read(text));
    expect(failure).toMatchObject({ category: "usage", hop: "kubeconfig", code: "KUBECONFIG_INVALID" });
    expect(failure.message).toBe(`~/.kube/config is not YAML: ${where}`);
  });

  const onlyYaml12 = [
    ["clusters: *none\n", "line 1, column 11, unknown anchor referenced"],
    ["kind: Config\r\nname: \0\0\0", "line 2, column 7, control characters are not allowed"],
    ["name: a\u0080", "line 1, column 8, control characters are not allowed"],
    ['name: "\uFFFE"', "line 1, column 8, control characters are not allowed"],
    ["a: {<<: 1}\n", "line 1, column 9, map merge requires map or sequence of maps as the value"],
    ["%YAML 1.2\n---\na: b\n", "line 1, column 1, found incompatible YAML document"],
    ["%FOO bar\n---\na: b\n", "line 1, column 1, found unknown directive name"],
    ["a: 1\n~: b\n", "line 2, column 1, a key is empty"],
    ["{a: 1, null: b}\n", "line 1, column 8, a key is empty"],
    [`{${"k".repeat(1025)}: v}\n`, "line 1, column 1027, did not find expected ',' or '}'"],
    ["a: .inf\n", "line 1, column 1, it contains a number that is not finite"],
    ["a: [-.Inf, b]\n", "line 1, column 1, it contains a number that is not finite"],
    ["a: {b: .NaN}\n", "line 1, column 1, it contains a number that is not finite"],
    ["a: !!int x\n", "line 1, column 10, a value does not match its tag"],
    ["a: !!int 1.5\n", "line 1, column 10, a value does not match its tag"],
    ['a: !!float "x"\n', "line 1, column 12, a value does not match its tag"],
    ["a: !!null x\n", "line 1, column 11, a value does not match its tag"],
    ["a: !!bool 1\n", "line 1, column 11, a value does not match its tag"],
    ['a: !!binary "%"\n', "line 1, column 13, a value does not match its tag !!binary"],
    ["a: b\n\t\n", "line 3, column 1, found a tab character that violates indentation"],
    ["a: b\n\t# c\n", "line 2, column 1, found a tab character that violates indentation"],
    ['a: "\\/"\n', "line 1, column 4, found unknown escape character"],
    ['a: "\\ud83d\\ude00"\n', "line 1, column 4, found invalid Unicode character escape code"],
    ["{a: ?! }\n", "line 1, column 5, did not find expected node content"],
  ] as const;
  it.each(onlyYaml12)(
    "is refused when it is YAML 1.2, and nothing that kubectl reads (%#)",
    (text, where) => {
      const failure = failureOf(() => read(text));
      expect(failure.code).toBe("KUBECONFIG_INVALID");
      expect(failure.message).toBe(`~/.kube/config is not YAML that kubectl reads: ${where}`);
    },
  );

  const [kubectl] = kubectls();
  it.skipIf(kubectl?.path === undefined)("is refused by kubectl too (kubectl)", async () => {
    const accepted = [
      "%YAML 1.1\n---\na: b\n",
      "a: [!!int 0x1F, !!float 1, !!null '', !!bool yes, !!binary YQ==, !foo x, !!str .inf, '.inf', \".nan\"]\n",
      "{'null': a, \"~\": b}\n",
    ];
    await withFolder(async (folder) => {
      const texts = [...onlyYaml12.map(([text]) => text), ...accepted];
      const refused = texts.map(async (text, index) => {
        const path = join(folder, `config-${index}`);
        writeFileSync(path, text);
        const { code } = await run(kubectl?.path ?? "", ["config", "view", "--kubeconfig", path], {});
        return code === 0 ? [] : [text];
      });
      expect((await Promise.all(refused)).flat()).toEqual(onlyYaml12.map(([text]) => text));
    });
    for (const text of accepted) expect(codeOf(() => read(text))).toBeUndefined();
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
