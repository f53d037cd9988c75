/** What names a token in messages and in the cache: never a PIN. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { identitySources, withoutPin } from "../../src/keys/identity-sources.ts";

it.each([
  ["pkcs11:token=a?pin-value=7392", "pkcs11:token=a?pin-value=…"],
  [
    "pkcs11:token=a?pin-value=7392&module-path=/a.so&pin-source=/b",
    "pkcs11:token=a?pin-value=…&module-path=/a.so&pin-source=/b",
  ],
  ["pkcs11:token=a?module-path=/a.so&pin-value=73&92=1;2?3", "pkcs11:token=a?module-path=/a.so&pin-value=…"],
  ["pkcs11:token=a?pin-source=/b", "pkcs11:token=a?pin-source=/b"],
  ["ssh-agent:/run/pin-value=x", "ssh-agent:/run/pin-value=…"],
  ["/home/alice/pin-value=x", "/home/alice/pin-value=x"],
])("%s", (path, expected) => {
  expect(withoutPin(path)).toBe(expected);
});

it("no spelling of the attribute leaves the PIN, in a description or in the state that names a cache entry", async () => {
  const escaped = (letter: string): string => `%${letter.charCodeAt(0).toString(16)}`;
  const spellings = fc
    .tuple(
      ...Array.from("pin-value", (letter) => fc.constantFrom(letter, letter.toUpperCase(), escaped(letter))),
    )
    .map((letters) => letters.join(""));
  const before = fc.constantFrom("token=a?", "token=a;", "token=a&", "?", "", "token=a?x=1&module-name=b&");
  const pins = fc.stringMatching(/^[A-Z0-9&;?=%]{4,20}$/);
  const sources = identitySources(
    {
      readFile: () => Promise.reject(new Error("a file is read")),
      fileState: () => Promise.reject(new Error("a file is read")),
      sha256: String,
    },
    () => Promise.reject(new Error("something is opened")),
  );
  await fc.assert(
    fc.asyncProperty(spellings, before, pins, async (name, start, pin) => {
      const given = { path: `pkcs11:${start}${name}=${pin}`, source: "--private-key" };
      const key = sources.signer(given);
      const shown = [key.description, await key.state(), await sources.certificates(given).state()];
      expect(shown.filter((text) => text.includes(pin))).toEqual([]);
    }),
  );
});
