import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inspectionOf } from "./given.ts";
import {
  day,
  from,
  hour,
  intermediate,
  keyPair,
  leaf,
  named,
  now,
  pkcs8,
  root,
  toPem,
  type Issued,
} from "../certificates.ts";
import { codeOf, failureOf } from "../failure.ts";

const ca = root();
const issuer = intermediate(ca);
const alice = leaf(issuer);
const bob = leaf(issuer, { name: "bob", keys: keyPair("p256", "bob"), notAfter: from(60 * day) });

const inspect = (content: string | Buffer, key?: string, intermediates?: string) =>
  inspectionOf(
    {
      certificate: named(content),
      privateKey: key === undefined ? undefined : named(key, "alice.key"),
      intermediates: intermediates === undefined ? undefined : named(intermediates, "chain.pem"),
    },
    now,
  );
const subjectOf = (...given: Parameters<typeof inspect>) => inspect(...given).view.subject;
const pem = (...certificates: Issued[]): string => certificates.map((one) => one.pem).join("");

describe("the leaf of a file", () => {
  it("is the certificate that issued none of the others, wherever it stands", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([ca, issuer, alice], { minLength: 3 }), (shuffled) => {
        expect(subjectOf(pem(...shuffled))).toBe("O=Example Corp, CN=alice");
      }),
      { seed: 1, numRuns: 12 },
    );
  });

  it("is the one certificate of a file with one, be it a CA's", () => {
    expect(subjectOf(alice.der)).toBe("O=Example Corp, CN=alice");
    expect(subjectOf(ca.pem)).toBe("O=Example Corp, CN=Test Root");
  });

  it("is the same when the file holds it twice", () => {
    expect(subjectOf(pem(alice, issuer, alice, issuer))).toBe("O=Example Corp, CN=alice");
  });

  it("of several is the one that stays valid longest, and no CA's", () => {
    expect(subjectOf(pem(alice, bob))).toBe("O=Example Corp, CN=bob");
    expect(subjectOf(pem(alice, root("Stranger", { notAfter: from(900 * day) })))).toBe(
      "O=Example Corp, CN=alice",
    );
  });

  it("is the one that belongs to the key, when there is one", () => {
    expect(subjectOf(pem(bob, alice), alice.keyPem)).toBe("O=Example Corp, CN=alice");
    expect(subjectOf(pem(alice, ca), ca.keyPem)).toBe("O=Example Corp, CN=Test Root");
  });

  it("is one of them, where CAs have certified each other in a circle", () => {
    const a = root("A");
    const b = intermediate(a, "B");
    expect(subjectOf(pem(intermediate(b, "A"), b))).toMatch(/CN=[AB]$/);
  });
});

describe("the chain", () => {
  it("is shown with the root at its end", () => {
    expect(inspect(pem(ca, alice, issuer))).toMatchObject({
      chain: {
        intermediates: [
          {
            subject: "O=Example Corp, CN=Test Intermediate",
            issuer: "O=Example Corp, CN=Test Root",
            notAfter: from(30 * day),
          },
        ],
        endsAt: "O=Example Corp, CN=Test Root",
        rootIsThere: true,
      },
      passedOver: [],
    });
  });

  it("ends at the first issuer that the files do not hold", () => {
    expect(inspect(pem(alice, ca)).chain).toEqual({
      intermediates: [],
      endsAt: "O=Example Corp, CN=Test Intermediate",
      rootIsThere: false,
    });
    expect(inspect(pem(alice, issuer)).chain).toMatchObject({
      endsAt: "O=Example Corp, CN=Test Root",
      rootIsThere: false,
    });
  });

  it("takes intermediates from their own file too", () => {
    expect(inspect(alice.pem, undefined, pem(issuer, ca)).chain).toMatchObject({
      endsAt: "O=Example Corp, CN=Test Root",
      rootIsThere: true,
    });
  });

  it("names what does not belong to it", () => {
    const { passedOver } = inspect(pem(alice, issuer, root("Stranger")), alice.keyPem, ca.pem);
    expect(passedOver).toEqual(["O=Example Corp, CN=Stranger"]);
  });
});

describe("the problems", () => {
  it("are none for a good certificate", () => {
    expect(inspect(pem(alice, issuer))).toMatchObject({ problems: [], warnings: [] });
  });

  it("are all reported, in the order in which get-token finds them", () => {
    const old = intermediate(ca, "Old", { notAfter: from(-day), keys: keyPair("rsa-2048", "old") });
    const worst = leaf(old, {
      name: "",
      keys: keyPair("rsa-1024"),
      hash: "sha1",
      ca: true,
      keyUsage: undefined,
      notAfter: from(-hour),
    });
    expect(inspect(pem(worst), undefined, pem(old)).problems.map(({ code }) => code)).toEqual([
      "CERTIFICATE_EXPIRED",
      "CERTIFICATE_SUBJECT_EMPTY",
      "CERTIFICATE_IS_CA",
      "CERTIFICATE_KEY_USAGE",
      "CERTIFICATE_WEAK_HASH",
      "CERTIFICATE_RSA_TOO_SMALL",
      "CERTIFICATE_EXPIRED",
    ]);
  });

  it.each(["ed25519", "secp256k1"] as const)("name a key of a kind that is not supported: %s", (kind) => {
    expect(inspect(leaf(issuer, { keys: keyPair(kind) }).pem).problems).toMatchObject([
      { code: "CERTIFICATE_KEY_UNSUPPORTED" },
    ]);
  });
});

describe("a file is refused", () => {
  it("whose certificates do not belong to the key", () => {
    expect(failureOf(() => inspect(alice.pem, pkcs8(keyPair("p256", "bob"))))).toMatchObject({
      code: "PRIVATE_KEY_MISMATCH",
      message:
        "alice.key: this EC key does not match a certificate in alice.pem, which is for O=Example Corp, CN=alice",
    });
  });

  it.each([
    ["that is a key", alice.keyPem, "CERTIFICATE_IS_KEY"],
    ["that is text", "hello", "CERTIFICATE_MISSING"],
    ["that is cut short", alice.pem.slice(0, 200), "PEM_MALFORMED"],
    ["whose certificate is none", toPem("CERTIFICATE", Buffer.from("hello")), "CERTIFICATE_UNREADABLE"],
  ])("%s", (_what, content, code) => {
    expect(codeOf(() => inspect(content))).toBe(code);
  });
});
