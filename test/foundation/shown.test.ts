import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shown, shownPath, unsafeCharacters } from "../../src/foundation/shown.ts";
import { keyPair, pkcs8 } from "../certificates.ts";

it("names each control character, separator of lines and mark of writing direction of Unicode", () => {
  const named = new RegExp(`^[${unsafeCharacters}]$`, "u");
  const properties =
    /^[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u{ad}\u{180e}\u{200b}\u{2060}-\u{2064}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]$/u;
  const differing = Array.from({ length: 0x110000 }, (_, point) => String.fromCodePoint(point)).filter(
    (character) => named.test(character) !== properties.test(character),
  );
  expect(differing).toEqual([]);
});

describe("a value in a message", () => {
  it.each([
    "demo",
    "us-west-2",
    "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111",
    "arn:aws:iam::111122223333:role/a/very/long/path/of/lower/case/words/that/ends/in/eks-read-only",
    "/home/alice/some/folder/far/below/the/root/of/the/drive/alice.pem",
    "/home/alice@example.com/alice.pem",
    "arn:aws:iam::111122223333:role/alice@example.com",
    "eks-read-only@arn:aws:eks:us-west-2:111122223333:cluster/demo",
    String.raw`C:\Users\alice@example.com\alice.pem`,
    "x".repeat(101),
  ])("is repeated: %s", (value) => {
    expect(shown(value)).toBe(JSON.stringify(value));
  });

  it("is not, when it is a key: in PEM, in base64, in one line or in several", () => {
    const pem = pkcs8(keyPair("p256"));
    const base64 = pem.replace(/-----.*-----|\n/g, "");
    for (const value of [pem, base64, `arn:aws:iam::${base64}`, base64.slice(0, 60)])
      expect(shown(value)).toBe(`(${value.length} characters, not shown)`);
  });

  it.each([
    "demo=https://alice:hunter2@127.0.0.1:8443",
    "demo=alice:hunter2@127.0.0.1:8443",
    "https://hunter2@127.0.0.1",
    "http://alice:Top@hunter2/x@127.0.0.1",
  ])("is not, when it is a URL with a user name, nor as a path: %s", (value) => {
    expect(shown(value)).not.toContain("hunter2");
    if (value.includes("://")) expect(shownPath(value)).not.toContain("hunter2");
  });

  it("never contains a line break, or 32 random bytes in base64", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 200 }), fc.string(), (bytes, text) => {
        const secret = Buffer.from(bytes).toString("base64");
        expect(shown(text)).not.toMatch(/[\n\r]/);
        if (/[a-z]/.test(secret) && /[A-Z]/.test(secret) && /[0-9]/.test(secret))
          expect(shown(`${text}${secret}`)).not.toContain(secret);
      }),
    );
  });
});
