/** TAB in real shells, on a terminal, and as kubectl asks for it. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { named } from "../cache/keychain/programs.ts";
import { install, type Installation } from "./plugin.ts";
import { cleanEnvironment, emptyHome, kubectls, run } from "./sandbox-process.ts";
import { isThorough } from "../thorough.ts";
import { Terminal } from "./terminal.ts";
import { commandOf } from "../program-under-test.ts";

const repository = join(import.meta.dirname, "..", "..");
const home = emptyHome();
const bin = join(home, "bin");
const work = join(home, "work");
const context = "eks-read-only@arn:aws:eks:us-west-2:111122223333:cluster/demo";
const env: NodeJS.ProcessEnv = {
  ...cleanEnvironment(home),
  PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter),
  KUBECONFIG: join(home, "kubeconfig.yaml"),
  INPUTRC: "/dev/null",
};
/** Names that a shell would take for something else; each is found by its first two letters. */
const hostile = [
  "pa$(touch PWN)`touch PWN`$HOME",
  `pb!b"c'd\\e`,
  "pc  &;|<>*?[x]{y,z}~#(z)\\",
  "pd:e=f@g$(touch PWN)",
  "~pe",
  "-pf",
  "pg'$(touch PWN)'1",
  "pg'$(touch PWN)'2",
  "ph@1",
  "ph@2",
  'pi"$(touch PWN)@1',
  'pi"$(touch PWN)@2',
  "pj!a=`touch PWN`\\1",
  "pj!a=`touch PWN`\\2",
];
let installation: Installation;

beforeAll(() => {
  installation = install();
  for (const folder of [bin, work]) mkdirSync(folder);
  for (const name of ["alice.pem", "output.txt", "zebra"]) writeFileSync(join(work, name), "");
  writeFileSync(
    join(home, "kubeconfig.yaml"),
    kubeconfig([context, "my cluster", String.raw`$\'$(touch PWN)`, ...hostile]),
  );
  writeFileSync(join(home, "kube config"), kubeconfig(["only"]));
  symlinkSync(installation.program, join(bin, "kubectl-eks_x509"));
  // The archives without Node have a script like it.
  symlinkSync(join(repository, "bin/kubectl_complete-eks_x509"), join(bin, "kubectl_complete-eks_x509"));
  // Completes as it does; the command that then runs prints its words.
  const program = join(bin, "eks-x509");
  writeFileSync(
    program,
    `#!/bin/sh\n[ "$1" = __complete ] && exec ${commandOf(installation.program).join(" ")} "$@"\nprintf 'ran:'; printf '<%s>' "$@"; echo .\n`,
  );
  chmodSync(program, 0o755);
});

afterAll(() => {
  installation.remove();
});

function kubeconfig(contexts: readonly string[]): string {
  const entries = contexts.map((name) => ({ name, context: { cluster: "demo", user: "alice" } }));
  return JSON.stringify({ apiVersion: "v1", kind: "Config", contexts: entries });
}

const hasTerminal = String(spawnSync("script", ["--version"]).stdout).includes("util-linux");
const shells = [
  {
    shell: "bash",
    start: "bash --norc --noprofile -i",
    setUp: (script: string) => `PS1='$ '; bind 'set bell-style none'; source ${script}; echo re""ady\n`,
  },
  {
    shell: "zsh",
    start: "zsh -f -i",
    setUp: (script: string) =>
      `PS1='$ '; setopt no_beep; autoload -Uz compinit; compinit -D -u; source ${script}; echo re""ady\n`,
  },
  {
    shell: "fish",
    start: "fish --no-config -i",
    setUp: (script: string) =>
      `function fish_prompt; echo '$ '; end; set -g fish_greeting; source ${script}; echo re""ady\n`,
  },
] as const;

function missing(shell: string): string | undefined {
  if (!hasTerminal) return "there is no util-linux script to lend a terminal";
  return spawnSync(shell, ["--version"]).status === 0 ? undefined : `there is no ${shell}`;
}

const found = shells.map((shell) => ({ ...shell, why: missing(shell.shell) }));

describe.each(found.map((shell) => ({ ...shell, title: named(shell.shell, shell.why) })))(
  "$title",
  (given) => {
    const { shell, start, setUp, why } = given;
    const test = why === undefined ? it : it.skip;
    let terminal: Terminal | undefined;

    beforeAll(async () => {
      if (why !== undefined) return;
      const script = join(home, `completion.${shell}`);
      const { stdout } = await run(installation.program, ["completion", shell], env);
      writeFileSync(script, stdout);
      terminal = new Terminal(start, work, env);
      await terminal.type(setUp(script), /^ready/m);
    });
    afterAll(() => terminal?.close());

    test.each([
      ["commands, flags and values", "tok\tdeb\t--outp\tj\t", ["token", "debug", "--output", "json"]],
      ["the value of --flag=", "token debug --output=j\t", ["token", "debug", "--output=json"]],
      ["a file", "cert ins\tali\t", ["cert", "inspect", "alice.pem"]],
      ["a flag's file", "get-token --cert\tali\t", ["get-token", "--certificate", "alice.pem"]],
      ["a flag's file after =", "get-token --config=ali\t", ["get-token", "--config=alice.pem"]],
      ["a context with : and @", "token debug --context eks\t", ["token", "debug", "--context", context]],
      [
        "its latter half",
        "token debug --context eks-read-only@arn:a\t",
        ["token", "debug", "--context", context],
      ],
      ["a context after =", "token debug --context=eks\t", ["token", "debug", `--context=${context}`]],
      ["a context with a space", "token debug --context my\t", ["token", "debug", "--context", "my cluster"]],
      ["one that is quoted", `token debug --context "my c\t`, ["token", "debug", "--context", "my cluster"]],
      ["no file where none may stand", "cache zeb\t", ["cache", "zeb"]],
      [
        "nothing for what it does not know",
        "token debug --nonsense=zeb\t",
        ["token", "debug", "--nonsense=zeb"],
      ],
    ])("%s", async (_what, keys, words) => {
      const shown = await terminal?.type(`eks-x509 ${keys}\n`, /^ran:.*\.\r?$/m);
      expect(/^ran:(.*)\.\r?$/m.exec(shown ?? "")?.[1]).toBe(words.map((word) => `<${word}>`).join(""));
    });

    const states = ["", '"', "'"].flatMap((quote) => [
      {
        state: `--context ${quote}`,
        quote,
        open: `--context ${quote}`,
        as: (name: string) => ["--context", name],
      },
      {
        state: `--context=${quote}`,
        quote,
        open: `--context=${quote}`,
        as: (name: string) => [`--context=${name}`],
      },
    ]);
    // fish quotes by itself: its script does not.
    const tried = shell === "fish" && !isThorough ? states.slice(3, 4) : states;
    test.each(tried)("names with a meaning to the shell, behind $state", async ({ open, quote, as }) => {
      // Behind =, zsh writes the whole value without the quotes.
      const end = open.includes("=") ? "\t" : quote;
      const keys: [string, string][] = [
        ...hostile.slice(0, 4).map((name): [string, string] => [`${name.slice(0, 2)}\t`, name]),
        ...hostile
          .slice(6)
          .map((name): [string, string] => [`${name.slice(0, 2)}\t${name.slice(-1)}${end}`, name]),
      ];
      for (const [typed, name] of keys) {
        const shown = await terminal?.type(`eks-x509 token debug ${open}${typed}\n`, /^ran:.*\.\r?$/m);
        expect(/^ran:(.*)\.\r?$/m.exec(shown ?? "")?.[1]).toBe(
          ["token", "debug", ...as(name)].map((word) => `<${word}>`).join(""),
        );
      }
      expect(existsSync(join(work, "PWN"))).toBe(false);
    });

    const ofBash = shell === "bash" ? test : it.skip;
    ofBash("nothing in quotes where a backslash has another meaning", async () => {
      const shown = await terminal?.type("eks-x509 token debug --context $'\t'\n", /^ran:.*\.\r?$/m);
      expect(shown).toContain("<--context><>");
    });

    test("words before the one that is typed, in quotes", async () => {
      const keys = `token debug "--kubeconfig" '${join(home, "kube config")}' --context o\t`;
      const shown = await terminal?.type(`eks-x509 ${keys}\n`, /^ran:.*\.\r?$/m);
      expect(shown).toContain("<--context><only>");
    });
  },
);

describe.each(kubectls())("$name eks-x509", ({ path }) => {
  const test = path === undefined ? it.skip : it;
  const complete = async (...words: string[]): Promise<string> =>
    (await run(path ?? "", ["__complete", "eks-x509", ...words], env)).stdout;

  test("asks the plugin for words, and where files may stand", async () => {
    const [values, files] = await Promise.all([
      complete("token", "debug", "--output", ""),
      complete("cert", "inspect", ""),
    ]);
    expect(values).toBe("text\njson\n:4\n");
    expect(files).toBe(":0\n");
  });
});

describe("eks-x509 __complete", () => {
  it.each([
    ["a kubeconfig that is none", ["token", "debug", "--kubeconfig", "zebra/", "--context", ""]],
    ["no such command", ["nonsense", ""]],
    ["no words at all", []],
  ])("says nothing of %s", async (_what, words) => {
    const { code, stdout, stderr } = await run(installation.program, ["__complete", ...words], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^([^:\n][^\n]*\n)*:4\n$/);
  });

  it("is not in --help", async () => {
    const { stdout } = await run(installation.program, ["--help"], env);
    expect(stdout).toContain("completion");
    expect(stdout).not.toContain("__complete");
  });
});
