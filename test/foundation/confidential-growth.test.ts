/** The filter's work grows as the texts and the secrets do, whatever both are made of. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Confidential } from "../../src/foundation/confidential.ts";
import { presignedUrl, tokenOf } from "../authenticator/token-form/mutated-token.ts";
import { growth } from "../steps.ts";
import { isThorough } from "../thorough.ts";

const token = tokenOf(presignedUrl());

/** By index, so that each differs from the others. */
const parts: Record<string, (index: number) => string> = {
  "one letter": () => "a".repeat(40),
  zeros: () => "0".repeat(40),
  words: (index) => `word${index} and word${index + 1} `,
  tokens: () => token,
  "random letters": (index) => (index * 0x9e3779b1).toString(36).repeat(3),
  backslashes: () => "\\".repeat(40),
  "percent signs": () => "%25".repeat(13),
  entities: () => "&#".repeat(20),
  "terminal sequences": () => "\u001b[".repeat(20),
  "characters that normalise to several": () => "\ufb03\u00e9\u{1d4d0}".repeat(10),
  "symbols of one set": (index) => `a1!@#$%^b${index}&*()_+`,
  "symbols of many sets": (index) =>
    `${Array.from("!@#$%^&*()_+-={}[]:;<>?/|~")
      .filter((_, bit) => ((index * 2654435761) >>> bit) & 1)
      .join("")}p${index}`,
  "short words": (index) => ` ${(index * 7919).toString(36)} `,
};

const runs = { seed: 20_261_127, numRuns: isThorough ? 10 : 4 };
const partNames = fc.constantFrom(...Object.keys(parts));

function listOf(names: readonly string[], size: number): string[] {
  return Array.from({ length: size }, (_, index) => parts[names[index % names.length] ?? ""]?.(index) ?? "");
}

it("with the length of a text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(partNames, { minLength: 1, maxLength: 3 }), async (names) => {
      const textOf = (size: number) => listOf(names, size).join("");
      expect(await growth(textOf, (text) => new Confidential([token]).text(text), 40)).toBeLessThan(5);
    }),
    runs,
  );
});

it("with the length of a secret and of a text that repeats it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(partNames, { minLength: 1, maxLength: 3 }), async (names) => {
      const textOf = (size: number) => listOf(names, size).join("");
      expect(await growth(textOf, (text) => new Confidential([text]).text(text), 30)).toBeLessThan(5);
    }),
    runs,
  );
});

it("with the number of secrets and the length of a text that repeats them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(partNames, { minLength: 1, maxLength: 3 }), async (names) => {
      const secretsOf = (size: number) => listOf(names, size);
      const clean = (secrets: readonly string[]) => new Confidential(secrets).text(secrets.join("\n"));
      expect(await growth(secretsOf, clean, 60)).toBeLessThan(5);
    }),
    runs,
  );
});

it("not with the number of secrets, where a short text repeats none", async () => {
  const filterOf = (size: number) => {
    const filter = new Confidential(
      Array.from({ length: size }, (_, index) => tokenOf(`${presignedUrl()}${index}`)),
    );
    filter.text("the first text");
    return filter;
  };
  expect(await growth(filterOf, (filter) => filter.text("GET / from 127.0.0.1 accepted"), 8)).toBeLessThan(
    1.5,
  );
});
