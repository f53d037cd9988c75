import fc from "fast-check";
import { expect, it } from "vitest";
import { SharedParts } from "../../../src/foundation/confidential/shared-parts.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", "é", "0"), maxLength: 60 });

it("finds the parts that a text shares with one of the added texts, and no other", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(letters),
      letters,
      letters,
      (length, texts, later, text) => {
        const parts = new SharedParts(length);
        for (const each of texts) parts.add(each);
        expect(parts.startsIn(text)).toEqual(shared(texts, length, text));
        parts.add(later);
        expect(parts.startsIn(text)).toEqual(shared([...texts, later], length, text));
      },
    ),
  );
});

/** By the definition, part by part. */
function shared(texts: readonly string[], length: number, text: string): number[] {
  const starts = Array.from({ length: Math.max(0, text.length - length + 1) }, (_, start) => start);
  return starts.filter((start) => texts.some((each) => each.includes(text.slice(start, start + length))));
}
