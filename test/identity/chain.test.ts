import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCertificates, type Certificate } from "../../src/identity/certificate.ts";
import { chainOf, leafOf } from "../../src/identity/chain.ts";
import { day, from, intermediate, keyPair, leaf, named, now, root, type Issued } from "../certificates.ts";

const ca = root();
const upper = intermediate(ca, "Upper");
const middle = intermediate(upper, "Middle");
const lower = intermediate(middle, "Lower");
const alice = leaf(lower);

describe("the leaf", () => {
  const found = (certificates: Issued[], key = alice.keys) =>
    nameOf(leafOf(certificates.map(read), key.publicKey.export({ type: "spki", format: "der" }), now));

  it.each(["rsa-2048", "p256", "p384", "p521"] as const)(
    "is the certificate whose key matches, among others: %s",
    (kind) => {
      const mine = leaf(lower, { name: "mine", keys: keyPair(kind, "mine") });
      const others = [
        leaf(lower, { name: "ed25519", keys: keyPair("ed25519") }),
        leaf(lower, { name: "rsa", keys: keyPair("rsa-2048") }),
        alice,
      ];
      expect(found([ca, upper, ...others, mine], mine.keys)).toBe("O=Example Corp, CN=mine");
    },
  );

  it("is none when no key matches", () => {
    expect(found([ca, upper, lower])).toBeUndefined();
    expect(found([])).toBeUndefined();
  });

  it("of several certificates of one key is the one that is valid now", () => {
    const renewals = [
      leaf(lower, { name: "expired", notAfter: from(-day / 2) }),
      leaf(lower, { name: "valid" }),
      leaf(lower, { name: "future", notBefore: from(day), notAfter: from(90 * day) }),
    ];
    expect(found(renewals)).toBe("O=Example Corp, CN=valid");
    expect(found(renewals.toReversed())).toBe("O=Example Corp, CN=valid");
  });

  it("of several valid ones is the one that stays valid longest", () => {
    const renewals = [
      leaf(lower, { name: "long", notAfter: from(40 * day) }),
      leaf(lower, { name: "short" }),
    ];
    expect(found(renewals)).toBe("O=Example Corp, CN=long");
    expect(found(renewals.toReversed())).toBe("O=Example Corp, CN=long");
  });
});

describe("the chain", () => {
  it("goes from the leaf's issuer upwards, without the root, whatever the order of the file", () => {
    const all = [alice, lower, middle, upper, ca];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(chain(alice, shuffled)).toEqual(["Lower", "Middle", "Upper"]);
      }),
      { numRuns: 30 },
    );
  });

  it("is empty for a leaf that the root issued, or whose issuer is not there", () => {
    expect(chain(leaf(ca), [ca])).toEqual([]);
    expect(chain(alice, [ca, upper])).toEqual([]);
    expect(chain(alice, [])).toEqual([]);
  });

  it("is empty for a self-signed leaf", () => {
    const own = leaf(undefined);
    expect(chain(own, [own, ca])).toEqual([]);
  });

  it("reaches as far as the certificates do", () => {
    expect(chain(alice, [alice, lower, upper, ca])).toEqual(["Lower"]);
  });

  it("holds each certificate once, however often the files hold it", () => {
    expect(chain(alice, [lower, lower, middle, alice, middle, upper, alice, lower])).toEqual([
      "Lower",
      "Middle",
      "Upper",
    ]);
  });

  it("passes over what does not belong to the path", () => {
    const stranger = root("Stranger");
    expect(
      chain(alice, [
        stranger,
        intermediate(stranger, "Other"),
        leaf(stranger),
        lower,
        leaf(lower, { name: "bob" }),
      ]),
    ).toEqual(["Lower"]);
  });

  it("passes over a namesake with another key, with and without key identifiers", () => {
    for (const keyIdentifiers of [true, false]) {
      const issuer = intermediate(ca, "Same Name", { keyIdentifiers });
      const namesake = intermediate(ca, "Same Name", {
        keys: keyPair("p256", "impostor"),
        keyIdentifiers,
        notAfter: from(300 * day),
      });
      const mine = leaf(issuer, { keyIdentifiers });
      const found = chainOf(read(mine), [namesake, issuer].map(read), now);
      expect(found.map(({ der }) => der)).toEqual([issuer.der]);
    }
  });

  it("passes over an issuer that may not issue: CA:false, or keyUsage without keyCertSign", () => {
    for (const recipe of [{ ca: false }, { keyUsage: ["digitalSignature"] as const }]) {
      const issuer = intermediate(ca, "No CA", recipe);
      expect(chain(leaf(issuer), [issuer])).toEqual([]);
    }
  });

  it("takes the valid one of a renewed intermediate, and else the one that expired last", () => {
    const [older, old] = [-20, -2].map((days) =>
      intermediate(ca, "Renewed", { notBefore: from(-30 * day), notAfter: from(days * day) }),
    );
    const renewed = intermediate(ca, "Renewed");
    const issuers = (...candidates: (Issued | undefined)[]) =>
      chainOf(
        read(leaf(renewed)),
        candidates.flatMap((one) => (one ? [read(one)] : [])),
        now,
      ).map(({ notAfter }) => notAfter);
    expect(issuers(older, old, renewed)).toEqual([from(30 * day)]);
    expect(issuers(older, old)).toEqual([from(-2 * day)]);
  });

  it("follows a cross-signed CA to the root that is there", () => {
    const otherRoot = root("Other Root");
    const cross = intermediate(otherRoot, "Upper");
    expect(chain(alice, [lower, middle, cross, otherRoot])).toEqual(["Lower", "Middle", "Upper"]);
  });

  it("takes the way that leads on, where a cross-signed CA offers two and one is a dead end", () => {
    const absent = root("Absent Root");
    const cross = intermediate(absent, "Upper", { notAfter: from(300 * day) });
    const found = chainOf(read(alice), [cross, lower, middle, upper, ca].map(read), now);
    expect(found.map(({ issuer }) => issuer)).toEqual(
      ["Middle", "Upper", "Test Root"].map((name) => `O=Example Corp, CN=${name}`),
    );
  });

  it("ends, when two CAs have certified each other", () => {
    const a = root("A");
    const b = intermediate(a, "B");
    const aByB = intermediate(b, "A");
    expect(chain(leaf(b), [b, aByB])).toEqual(["B", "A"]);
  });

  it("leaves a self-issued CA in, whose key another certificate of its name certified: it is no root", () => {
    const oldKey = root("Rolling");
    const newKey = intermediate(oldKey, "Rolling", { keys: keyPair("p256", "Rolling, new") });
    expect(chain(leaf(newKey), [oldKey, newKey])).toEqual(["Rolling"]);
  });
});

function read({ pem }: Issued): Certificate {
  return readCertificates(named(pem))[0];
}

function nameOf(certificate: Certificate | undefined): string | undefined {
  return certificate?.subject;
}

function chain(of: Issued, candidates: readonly Issued[]): string[] {
  return chainOf(read(of), candidates.map(read), now).map(({ subject }) =>
    subject.replace("O=Example Corp, CN=", ""),
  );
}
