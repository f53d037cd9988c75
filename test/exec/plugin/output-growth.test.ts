/** The work for a plugin's output grows as the output does, whatever it is made of. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { readExecCredential } from "../../../src/exec/exec-credential-reading.ts";
import { lastLines } from "../../../src/foundation/foreign-text.ts";
import { exitFailure } from "../../../src/exec/plugin/plugin-failures.ts";
import { codeOf } from "../../failure.ts";
import { growth } from "../../steps.ts";
import { isThorough } from "../../thorough.ts";

const pieces = [
  "{",
  '{"',
  "}",
  "{ ",
  "} {",
  " ",
  "\n",
  "env: ",
  "a/",
  "- a\n",
  "k: v\n",
  "x",
  "\t",
  "eks-x509: ",
];
/** The beginnings of what lines are cleaned of. */
const formed = [
  "-----BEGIN ",
  "-----END x-----",
  "\u001b[",
  "password is ",
  "token: '",
  "https://a@",
  "arn:aws:iam::",
  "aB0/",
];
const mixtures = fc.uniqueArray(fc.constantFrom(...pieces, ...formed), { minLength: 1, maxLength: 3 });
const textOf = (mix: readonly string[]) => (size: number) => mix.join("").repeat(size);
const expected = { plugin: "tool", apiVersion: "client.authentication.k8s.io/v1" } as const;

it("on stdout and on stderr", async () => {
  await fc.assert(
    fc.asyncProperty(mixtures, async (mix) => {
      const read = (text: string) => codeOf(() => readExecCredential(text, expected));
      expect(await growth(textOf(mix), read, 50)).toBeLessThan(5.5);
      const judge = (text: string) => exitFailure("tool", 1, lastLines({ text, isCut: true }));
      expect(await growth(textOf(mix), judge, 50)).toBeLessThan(5.5);
    }),
    { seed: 20_261_127, numRuns: isThorough ? 12 : 5 },
  );
});

/** V8 counts no steps of a pattern. One that backtracks needs hours for these. */
it.each(pieces)("on the most stdout that is read, made of %j", (piece) => {
  const text = piece.repeat(1_048_576 / piece.length);
  const forms = [text, `note: ${text}`, `${text}{"a": 1`];
  // One form of each piece in the ordinary run, and all of them in the complete one.
  const first = pieces.indexOf(piece) % forms.length;
  for (const whole of isThorough ? forms : forms.slice(first, first + 1))
    expect(codeOf(() => readExecCredential(whole, expected))).toMatch(/^PLUGIN_/);
});

it.each([...pieces, ...formed])("on the most stderr that is kept, made of %j", (piece) => {
  const text = piece.repeat(65_536 / piece.length);
  for (const whole of [text, `note: ${text}`, `${text}\n${piece.repeat(200)}`])
    expect(lastLines({ text: whole, isCut: false }).length).toBeLessThanOrEqual(5);
});
