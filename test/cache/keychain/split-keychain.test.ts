import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Keychain } from "../../../src/cache/keychain/keychain.ts";
import { cut, splitKeychain } from "../../../src/cache/keychain/split-keychain.ts";
import { ShortKeychain, wellFormed } from "./short-keychain.ts";

let ids = 0;
function split(inner: Keychain): Keychain {
  const newId = (): string => (++ids).toString(16).padStart(8, "0");
  return splitKeychain(inner, { size: 1200, newId });
}

const text = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 8000 }),
    fc
      .tuple(fc.constantFrom("a", "é", "🔑", "x🔑"), fc.nat(7000))
      .map(([unit, length]) => unit.repeat(length).slice(0, 9000)),
    fc.constantFrom("eks-x509 pieces 1", "eks-x509 pieces 1 00000001 2 3", "{}"),
  )
  .map((value) => wellFormed(value))
  .filter((value) => value !== "");

describe("pieces", () => {
  it("are short, whole characters, and add up", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 2000 }), (value, size) => {
        const pieces = cut(value, size);
        expect(pieces.join("")).toBe(value);
        expect(
          pieces.every((piece) => piece.length <= size && piece.length > 0 && piece === wellFormed(piece)),
        ).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["x".repeat(1200), 1],
    ["x".repeat(1201), 3],
    ["eks-x509 pieces 1", 2],
  ])("are needed for what is long, or looks like a manifest", async (value, entries) => {
    const inner = new ShortKeychain();
    await split(inner).setPassword("s", "token/a", value);
    expect(inner.entries.size).toBe(entries);
  });
});

describe("a keychain of short values", () => {
  it("keeps and replaces long ones, and leaves nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), async (values) => {
        const inner = new ShortKeychain();
        const keychain = split(inner);
        for (const value of values) {
          await keychain.setPassword("s", "token/a", value);
          expect(await keychain.getPassword("s", "token/a")).toBe(value);
        }
        expect(await keychain.findCredentials("s")).toEqual([
          { account: "token/a", password: values.at(-1) },
        ]);
        expect(await keychain.deletePassword("s", "token/a")).toBe(true);
        expect(await keychain.deletePassword("s", "token/a")).toBe(false);
        expect(inner.entries.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("never shows a reader a mixture, whatever other writers do", async () => {
    const value = fc.integer({ min: 1, max: 5 }).map((count) => String(count).repeat(count * 1100));
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 2, maxLength: 5 }),
        fc.array(fc.nat(12), { minLength: 5, maxLength: 5 }),
        async (values, delays) => {
          const inner = new ShortKeychain();
          const writers = values.map(async (each, index) => {
            await turns(delays[index] ?? 0);
            await split(inner).setPassword("s", "token/a", each);
          });
          const readers = Array.from({ length: 12 }, async (_, index) => {
            await turns(index);
            return split(inner).getPassword("s", "token/a");
          });
          const seen = await Promise.all(readers);
          await Promise.all(writers);
          for (const each of seen) expect([undefined, ...values]).toContain(each);
          expect([undefined, ...values]).toContain(await split(inner).getPassword("s", "token/a"));
          await split(inner).deletePassword("s", "token/a");
          expect(inner.entries.size).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("has the old value or the new when the writer dies, or none; never a mixture; and can be cleared", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(14), async (lives) => {
        const inner = new ShortKeychain();
        const [before, after] = ["1".repeat(4000), "2".repeat(5000)];
        await split(inner).setPassword("s", "token/a", before);
        inner.lives = lives;
        await split(inner)
          .setPassword("s", "token/a", after)
          .catch(() => undefined);
        inner.lives = Infinity;
        expect([before, after]).toContain(await split(inner).getPassword("s", "token/a"));
        const found = await split(inner).findCredentials("s");
        expect(found.map(({ account }) => account)).toEqual(["token/a"]);
        await split(inner).deletePassword("s", "token/a");
        expect(inner.entries.size).toBe(0);
      }),
    );
  });

  it("reads a short value at once", async () => {
    const inner = new ShortKeychain();
    await split(inner).setPassword("s", "token/a", "short");
    inner.reads = 0;
    await split(inner).getPassword("s", "token/a");
    expect(inner.reads).toBe(1);
  });

  it("has nothing where the manifest is damaged, a piece is missing, or has changed its length", async () => {
    const inner = new ShortKeychain();
    await split(inner).setPassword("s", "token/a", "1".repeat(3000));
    const piece = [...inner.entries.keys()].find((name) => name.startsWith("token/a#2.")) ?? "";
    inner.entries.set(piece, "short");
    expect(await split(inner).getPassword("s", "token/a")).toBeUndefined();
    inner.entries.delete(piece);
    expect(await split(inner).getPassword("s", "token/a")).toBeUndefined();
    inner.entries.set("token/a", "eks-x509 pieces 1 and more");
    expect(await split(inner).getPassword("s", "token/a")).toBeUndefined();
    expect(await split(inner).findCredentials("s")).toEqual([{ account: "token/a", password: "" }]);
  });
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}
