/** The work of reading and editing a kubeconfig grows as its text does, whatever the text is made of. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseConfigFile } from "../../../src/cli/settings/config-yaml.ts";
import { EksX509Error } from "../../../src/foundation/errors.ts";
import { editKubeconfig } from "../../../src/kubeconfig/edit/edit.ts";
import { codeOf } from "../../failure.ts";
import { machineIn } from "../../ports.ts";
import { growth } from "../../steps.ts";
import { isThorough } from "../../thorough.ts";
import { entriesFor } from "./entries-in-text.ts";

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("");

/** Each of what a text can have many of; by index, so that keys and anchors differ. */
const parts: Record<string, (index: number) => string> = {
  keys: (index) => `k${index}: v\n`,
  "quoted keys": (index) => `"k${index}": 'v'\n`,
  mappings: (index) => `m${index}: {a: 1, b: [x, y]}\n`,
  anchors: (index) => `a${index}: &a${index} v\nb${index}: *a${index}\n`,
  "aliases of one": (index) => `c${index}: [*base, x${index}]\n`,
  "merge keys": (index) => `d${index}: {<<: *map, x: ${index}}\n`,
  comments: (index) => `# comment ${index}\n`,
  tags: (index) => `t${index}: !!str ${index}\n`,
  texts: (index) => `f${index}: >\n  folded\n  text\n`,
  "question marks": (index) => `? q${index}\n: v\n`,
};
const head = "base0: &base v\nmap0: &map {m: 1}\n";

const edit = (text: string): void => {
  try {
    editKubeconfig({ name: "config", text }, [entriesFor("demo"), entriesFor("other")]);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
  }
};

const lists: Record<string, (size: number) => string> = {
  "clusters in block style": (size) =>
    `clusters:\n${lines(size, (index) => `- name: c${index}\n  cluster: {server: "https://x"}\n`)}`,
  "users in flow style": (size) =>
    `users: [${lines(size, (index) => `{name: u${index}, user: {username: x, password: y}}, `)}]\n`,
  JSON: (size) =>
    JSON.stringify({
      contexts: Array.from({ length: size }, (_, index) => ({ name: `x${index}`, context: { user: "u" } })),
    }),
  "keys in flow style": (size) => `{${lines(size, (index) => `k${index}: v, `)}z: 1}\n`,
};

it.each(Object.entries(lists))("for %s", async (_name, textOf) => {
  expect(await growth(textOf, edit, 250)).toBeLessThan(5.5);
});

it("for any mixture of what a text can have many of", async () => {
  const names = Object.keys(parts);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
      async (mix) => {
        const textOf = (size: number) =>
          head + mix.map((name) => lines(size, parts[name] ?? (() => ""))).join("");
        expect(await growth(textOf, edit, 150)).toBeLessThan(5.5);
      },
    ),
    { seed: 20_261_126, numRuns: isThorough ? 6 : 3 },
  );
});

it("for a config file", async () => {
  const machine = machineIn({});
  for (const textOf of [
    (size: number) => lines(size, (index) => `k${index}: v\n`),
    (size: number) => lines(size, (index) => `a${index}: &a${index} v\nb${index}: *a${index}\n`),
  ]) {
    const parse = (text: string): unknown =>
      codeOf(() => parseConfigFile({ name: "config.yaml", bytes: Buffer.from(text), mode: 0o600 }, machine));
    parse(textOf(1));
    expect(await growth(textOf, parse, 400)).toBeLessThan(5.5);
  }
});
