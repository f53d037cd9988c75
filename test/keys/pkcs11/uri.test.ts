/** RFC 7512, with its own examples of §3. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allows, parsePkcs11Uri, UriProblem, uriOf, type Pkcs11Uri } from "../../../src/keys/pkcs11/uri.ts";
import type { FoundToken } from "../../../src/keys/pkcs11/protocol.ts";

function parsed(text: string): Pkcs11Uri {
  const uri = parsePkcs11Uri(text);
  if (uri instanceof UriProblem) throw uri;
  return uri;
}

function problem(text: string): string {
  const uri = parsePkcs11Uri(text);
  return uri instanceof UriProblem ? uri.message : expect.fail("it is accepted");
}

const attributes = {
  place: new Map(),
  object: undefined,
  id: undefined,
  type: undefined,
  pinValue: undefined,
  pinSource: undefined,
  moduleName: undefined,
  modulePath: undefined,
};

describe("a pkcs11: URI", () => {
  it.each<[string, Partial<Pkcs11Uri>]>([
    ["pkcs11:", {}],
    ["pkcs11:object=my-pubkey;type=public", { object: "my-pubkey", type: "public" }],
    [
      "pkcs11:object=my-key;type=private?pin-source=file:/etc/token",
      { object: "my-key", type: "private", pinSource: "/etc/token" },
    ],
    [
      "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=?pin-source=file:/etc/token_pin",
      {
        place: new Map([
          ["token", "The Software PKCS#11 Softtoken"],
          ["manufacturer", "Snake Oil, Inc."],
          ["serial", ""],
          ["model", "1.0"],
        ]),
        object: "my-certificate",
        type: "cert",
        id: "69953e5cf4bdec91",
        pinSource: "/etc/token_pin",
      },
    ],
    [
      "pkcs11:object=my-sign-key;type=private?module-name=mypkcs11",
      { object: "my-sign-key", type: "private", moduleName: "mypkcs11" },
    ],
    [
      "pkcs11:object=my-sign-key?module-path=/mnt/libmypkcs11.so.1",
      { object: "my-sign-key", modulePath: "/mnt/libmypkcs11.so.1" },
    ],
    [
      "pkcs11:token=Software%20PKCS%2311%20softtoken?pin-value=the-pin",
      { place: new Map([["token", "Software PKCS#11 softtoken"]]), pinValue: "the-pin" },
    ],
    ["pkcs11:slot-description=Sun%20Metaslot", { place: new Map([["slot-description", "Sun Metaslot"]]) }],
    [
      "pkcs11:library-manufacturer=Snake%20Oil,%20Inc.;library-description=Soft%20Token%20Library;library-version=1.23",
      {
        place: new Map([
          ["library-manufacturer", "Snake Oil, Inc."],
          ["library-description", "Soft Token Library"],
          ["library-version", "1.23"],
        ]),
      },
    ],
    [
      "pkcs11:token=foo?x-vendor=1&x-vendor=%zz&pin-value=a%26b?c/d",
      { place: new Map([["token", "foo"]]), pinValue: "a&b?c/d" },
    ],
    ["PKCS11:token=a;", { place: new Map([["token", "a"]]) }],
    ["pkcs11:object=a=b", { object: "a=b" }],
    ["pkcs11:object=gr%C3%BC%C3%9Fe", { object: "grüße" }],
    ["pkcs11:?pin-source=file:///run/my%2520pin", { pinSource: "/run/my pin" }],
    ["pkcs11:?pin-source=file://localhost/run/pin", { pinSource: "/run/pin" }],
    ["pkcs11:?pin-source=/run/pin", { pinSource: "/run/pin" }],
  ])("%s", (text, expected) => {
    expect(parsePkcs11Uri(text)).toEqual({ ...attributes, ...expected });
  });

  it.each([
    ["pkcs11:objekt=a", 'has an unknown attribute, "objekt"'],
    ["pkcs11:x-vendor=a", 'has an unknown attribute, "x-vendor"'],
    ["pkcs11:TOKEN=a", "has an unknown attribute, whose name is not shown"],
    ["pkcs11:token=a;token=b", 'has the attribute "token" twice'],
    ["pkcs11:?pin-value=1111&pin-value=2222", 'has the attribute "pin-value" twice'],
    ["pkcs11:?pin-value=1111&pin-source=/pin", "has both a pin-value and a pin-source"],
    ["pkcs11:token", "has an attribute without a name or a value"],
    ["pkcs11:=a", "has an attribute without a name or a value"],
    ["pkcs11:token=%zz", 'has a "%" without two hexadecimal digits, in "token"'],
    ["pkcs11:id=%1", 'has a "%" without two hexadecimal digits, in "id"'],
    ["pkcs11:type=certificate", "has an unknown type"],
    ["pkcs11:slot-id=one", 'has a "slot-id" that is no number'],
    ["pkcs11:library-version=new", 'has a "library-version" that is no version'],
    ["pkcs11:?pin-source=|/usr/bin/pin", "has a program as pin-source, for which --askpass is"],
    ["pkcs11:token=%FF", 'has a value that is not UTF-8, in "token"'],
    ["pkcs11:?pin-value=12%C3", 'has a value that is not UTF-8, in "pin-value"'],
    ["pkcs11:?pin-source=file:/run/%25FF", 'has a value that is not UTF-8, in "pin-source"'],
    ["pkcs11:?pin-source=/run/pin%00", 'has a NUL, in "pin-source"'],
    ["pkcs11:?module-path=%00", 'has a NUL, in "module-path"'],
    ["pkcs11:?module-name=", 'has a "module-name" that is no name'],
    ["pkcs11:?module-name=../evil", 'has a "module-name" that is no name'],
    ["pkcs11:?pin-source=https://example.com/pin", "has a pin-source that is no file"],
  ])("%s %s", (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  // U+FFFD is refused: it stands for bytes that are not UTF-8.
  const value = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
    .filter((text) => !Buffer.from(text).includes("\uFFFD"));
  const escaped = (text: string): string =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

  it("means the same in any order and with any escapes", () => {
    const pairs = fc.record(
      { token: value, serial: value, object: value, model: value },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(pairs, fc.infiniteStream(fc.boolean()), (texts, choices) => {
        const written = Object.entries(texts).map(([name, text]) => `${name}=${escaped(text)}`);
        const loosely = Object.entries(texts).map(
          ([name, text]) =>
            `${name}=${Array.from(text)
              .map((one) => (choices.next().value && /[\w-]/.test(one) ? one : escaped(one)))
              .join("")}`,
        );
        expect(parsed(`pkcs11:${written.join(";")}`)).toEqual(
          parsed(`pkcs11:${loosely.reverse().join(";")}`),
        );
      }),
    );
  });

  it("that is printed for an object names that object", () => {
    const bytes = fc.uint8Array({ maxLength: 20 }).map((id) => Buffer.from(id).toString("hex"));
    fc.assert(
      fc.property(value, value, bytes, value, (token, serial, id, label) => {
        const reach = { pinSource: "/run/a pin&b", moduleName: undefined, modulePath: "/usr/lib/ä;b?c.so" };
        const uri = parsed(uriOf({ place: { token, serial }, object: { id, label, type: "cert" } }, reach));
        expect(uri).toMatchObject({ ...reach, id: id === "" ? undefined : id, object: label, type: "cert" });
        expect([...uri.place]).toEqual([
          ["token", token],
          ["serial", serial],
        ]);
      }),
    );
  });

  it("that is printed has no value that is not UTF-8", () => {
    const reach = { pinSource: undefined, moduleName: undefined, modulePath: undefined };
    const place = { token: "\ufffd", serial: "\ufffd1", "slot-id": "3" };
    const object = { id: "ff", label: "\ufffd", type: "cert" } as const;
    expect(uriOf({ place, object }, reach)).toBe("pkcs11:slot-id=3;id=%ff;type=cert");
    expect(uriOf({ place: { ...place, serial: "1" } }, reach)).toBe("pkcs11:serial=1");
  });

  it("that is refused is refused without any of its values", () => {
    const secret = "S3cr3tPin";
    const text = fc.array(
      fc.constantFrom("token", "pin-value", "pin-source", "=", ";", "&", "?", "%", "|", "x:", secret, "type"),
    );
    fc.assert(
      fc.property(text, (parts) => {
        const uri = parsePkcs11Uri(`pkcs11:${parts.join("")}`);
        if (uri instanceof UriProblem) expect(uri.message).not.toContain(secret);
      }),
    );
  });

  it("compares numbers as numbers", () => {
    const token: FoundToken = {
      slot: 17,
      place: { "slot-id": "17", "library-version": "2.6", token: "a" },
      isLoginRequired: true,
      hasPinPad: false,
      tries: "normal",
    };
    expect(
      ["slot-id=017", "library-version=2.6", "token=a"].map((one) => allows(parsed(`pkcs11:${one}`), token)),
    ).toEqual([true, true, true]);
    expect(
      ["slot-id=1", "library-version=2", "token=A", "serial=1"].map((one) =>
        allows(parsed(`pkcs11:${one}`), token),
      ),
    ).toEqual([false, false, false, false]);
  });
});
