/** What an entry that changes keeps: the text of each node, and with it comments and the type that kubectl sees. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editKubeconfig } from "../../../src/kubeconfig/edit/edit.ts";
import type { KubeconfigEntries } from "../../../src/kubeconfig/edit/entries.ts";
import { codeOf, failureOf } from "../../failure.ts";
import { entriesFor } from "./entries-in-text.ts";

const quiet = entriesFor("demo", { isCurrent: false });
const edited = (text: string, entries: KubeconfigEntries = quiet) => {
  const { text: result } = editKubeconfig({ name: "config", text }, [entries]);
  expect(editKubeconfig({ name: "config", text: result }, [entries]).text).toBe(result);
  return result;
};
const withArgs = (...args: string[]) => ({
  ...quiet,
  user: { name: "robot", user: { exec: { command: "eks-x509", args } } },
});
const argsOf = (text: string) => /args:[^]*?(?=\n {6}command|\n {4}command|\}\}\})/.exec(text)?.[0];

describe("what stays in an entry that changes", () => {
  it.each([
    "yes",
    "off",
    "010",
    "0x1F",
    "1_000",
    "1e3",
    "1.50",
    "~",
    "TRUE",
    "12345678901234567890",
    "2020-01-01",
    "!!str 007",
    "!!binary YQ==",
    '"\\u2028"',
    "'it''s'",
    "[a,   b]",
    "{a: 12345678901234567890, g: yes, h: 010}",
  ])("keeps its text: %s", (value) => {
    expect(
      edited(
        `clusters:\n- name: demo\n  cluster:\n    x-other: ${value} # theirs\n    server: https://old\n`,
      ),
    ).toContain(`    x-other: ${value} # theirs\n    server: https://demo.eks.example\n`);
    expect(
      edited(`clusters: [{name: demo, cluster: {server: https://old, x-other:  ${value} }}]\n`),
    ).toContain(`x-other:  ${value}`);
  });

  it("keeps its brackets apart from those of a new value", () => {
    const context = { name: "demo", context: { cluster: "a,b]", user: "{c}" } };
    expect(edited("contexts: [{name: demo, context: {cluster: old}}]\n", { ...quiet, context })).toContain(
      '{cluster: "a,b]", user: "{c}"}',
    );
  });

  it("keeps its text in JSON", () => {
    const kept = '"x": {"a": 12345678901234567890, "b":1.50, "c" : "\\u2028"}';
    for (const json of [
      `{"clusters": [{"name": "demo", "cluster": {"server": "https://old", ${kept}}}]}`,
      `{\n  "clusters": [\n    {\n      "name": "demo",\n      "cluster": {\n        ${kept},\n        "server": "a"\n      }\n    }\n  ]\n}\n`,
    ]) {
      const text = edited(json);
      expect(text).toContain(kept);
      expect(JSON.parse(text)).toMatchObject({
        clusters: [{ cluster: { server: "https://demo.eks.example" } }],
      });
    }
  });

  it("keeps its lines when its first and last members go", () => {
    const text = `clusters:
- name: demo
  cluster:
    # goes with it
    insecure-skip-tls-verify: true # goes too
    # kept
    x-a: |
      # no comment
    tls-server-name: old # gone
    server:   "https://old" # it
    certificate-authority: /ca
# after
`;
    expect(edited(text)).toContain(`clusters:
- name: demo
  cluster:
    # kept
    x-a: |
      # no comment
    server:   "https://demo.eks.example" # it
    certificate-authority-data: Q0E=
`);
  });

  it("has one of two extensions of one name", () => {
    const ours = "client.authentication.k8s.io/exec";
    const text = edited(`clusters:
- name: demo
  cluster:
    extensions:
    - name: ${ours}
    - name: other
      extension: yes
    - name: ${ours}
      extension: {cluster-name: old}
`);
    expect(text.match(new RegExp(`name: ${ours}`, "g"))).toHaveLength(1);
    expect(text).toContain("    - name: other\n      extension: yes\n");
  });
});

describe("a comment in args", () => {
  const block = `users:
- name: robot
  user:
    exec:
      args: # all of them
      # first
      - get-token # always
      # about the profile
      - --profile=x # profile
      # about the region
      - --region=y # region
      # behind
      command: eks-x509
`;
  it.each([
    [
      ["get-token", "--region=y"],
      ["# first\n      - get-token # always", "# about the region\n      - --region=y # region"],
    ],
    [
      ["get-token", "--new", "--region=y"],
      ["- get-token # always\n      - --new\n      # about the region\n      - --region=y # region"],
    ],
    [
      ["--region=y", "--last"],
      ["args: # all of them\n      # about the region\n      - --region=y # region\n      - --last\n"],
    ],
    [
      ["--new", "get-token"],
      ["args: # all of them\n      - --new\n      # first\n      - get-token # always\n      # behind"],
    ],
    [["--new"], ["args: # all of them\n      - --new\n"]],
    [
      ["--region=y", "get-token"],
      ["args: # all of them\n      # about the region\n      - --region=y # region\n      - get-token\n"],
    ],
  ])("stays with its argument, or goes with it: %j", (args, lines) => {
    const text = edited(block, withArgs(...args));
    for (const line of lines) expect(text).toContain(line);
    if (!args.includes("--profile=x")) expect(text).not.toContain("profile");
  });

  it.each([
    [["get-token", "--c"], "args: [\n  # first\n  get-token, # always\n  --c # c\n  ]"],
    [["get-token", "--b"], "args: [\n  # first\n  get-token, # always\n  # about b\n  --b # b\n  ]"],
    [["--b", "--c", "--d"], "args: [\n  # about b\n  --b, # b\n  --c, # c\n  --d\n  ]"],
    [["--0", "get-token"], "args: [\n  --0,\n  # first\n  get-token # always\n  ]"],
    [["--new"], "args: [--new]"],
  ])("stays in flow style: %j", (args, expected) => {
    const text = `users:\n- {name: robot, user: {exec: {command: eks-x509, args: [
  # first
  get-token, # always
  # about b
  --b, # b
  --c # c
  ]}}}\n`;
    expect(argsOf(edited(text, withArgs(...args)))).toBe(expected);
  });

  it.each([
    ["[get-token, --a, --b]", ["get-token", "--b"], "[get-token, --b]"],
    ["[get-token, --a, --b]", ["--a", "--c"], "[--a, --c]"],
    ["[ get-token, --a ]", ["--a"], "[ --a ]"],
    ["[get-token, --a, ]", ["get-token", "--a", "--b"], "[get-token, --a, --b ]"],
    ["[get-token,]", ["x", "get-token"], "[x, get-token,]"],
  ])("is missed by nobody in %s", (before, args, after) => {
    const text = edited(
      `users:\n- {name: robot, user: {exec: {command: eks-x509, args: ${before}}}}\n`,
      withArgs(...args),
    );
    expect(text).toContain(`args: ${after}`);
  });
});

describe("comments in args, whatever becomes of them", () => {
  const letters = fc.uniqueArray(fc.constantFrom("--a", "--b", "--c", "--d", "--e"), { minLength: 1 });
  const styles = fc.constantFrom(
    ["- ", "", "    args:", ""],
    ["- ", "", "    args: # all", ""],
    ["", ",", "    args: [", "      ]"],
    ["", ",", "    args: [ # all", "      # end\n      ]"],
  );

  it("stand at no other argument, and at those that stay in their order", () => {
    fc.assert(
      fc.property(letters, letters, styles, ([first = "", ...rest], wanted, [dash, comma, open, close]) => {
        const lines = [first, ...rest].map((arg, index) => {
          const end = index < rest.length ? comma : "";
          return `      # above ${arg}\n      ${dash}${arg}${end} # at ${arg}\n`;
        });
        const text = `users:\n- name: robot\n  user:\n   exec:\n    command: eks-x509\n${open}\n${lines.join("")}${close}\n`;
        const after = edited(text, withArgs(...wanted));
        for (const [line, , arg] of after.matchAll(/^.*# (at) (--.)$/gm))
          expect(line.split("#")[0]).toContain(arg);
        for (const [, arg, line] of after.matchAll(/# above (--.)\n(.*)/g))
          expect(line?.split("#")[0]).toContain(arg);
        // The first that is wanted is always found.
        const [kept = ""] = wanted;
        if (text.includes(`# at ${kept}`)) expect(after).toContain(`# above ${kept}\n      ${dash}${kept}`);
      }),
      { seed: 20_261_123, numRuns: 150 },
    );
  });
});

describe("a comment where nothing was", () => {
  it("stays", () => {
    expect(edited("users:\n- name: robot\n  user: # nothing\n- name: other\n")).toContain(
      "  user: # nothing\n    exec:\n",
    );
    expect(edited("users: [ # none\n  # yet\n] # so far\n")).toContain(
      "users: # none\n# yet # so far\n- name: robot\n",
    );
    expect(edited("current-context: # none yet\n", entriesFor("demo"))).toContain(
      "current-context: demo # none yet\n",
    );
    expect(edited("null # nothing\n")).toMatch(/^# nothing\napiVersion: v1\n/);
  });
});

describe("small files of unusual layout", () => {
  const demo = entriesFor("demo");
  it.each([
    "null",
    "null\n",
    "~\r\n",
    "--- null\n",
    "# a\nnull\n# b\n",
    "current-context: |-\n",
    "current-context: >\n  old\nkind: Config\n",
    "clusters: !!seq []\n",
    "{}",
    "{ }\n",
  ])("%j is changed", (text) => {
    expect(edited(text, demo)).toContain("demo.eks.example");
  });

  it("that cannot be changed are refused with what helps", () => {
    const failure = failureOf(() => edited("? current-context\n: old\n", demo));
    expect(failure.code).toBe("KUBECONFIG_LAYOUT");
    expect(failure.hint).toContain("kubectl config set-context NEW, then kubectl config delete-context NEW");
  });
});

describe("characters that kubectl reads otherwise", () => {
  it.each(["\u0085", "\u2028", "\u2029"])(
    "%j in others' text, where a line ends for it alone, is refused",
    (character) => {
      const failure = failureOf(() => edited(`kind: Config\n# a${character}b\n`));
      expect(failure.code).toBe("KUBECONFIG_LINE_BREAK");
      expect(failure.message).toMatch(/^config has a U\+(0085|202[89]) at line 2, column 4,/);
    },
  );

  it("that are half of one are refused", () => {
    expect(codeOf(() => edited("", { ...quiet, context: { name: "a\ud800", context: {} } }))).toBe(
      "KUBECONFIG_NOT_UNICODE",
    );
  });
});
