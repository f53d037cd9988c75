import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCertificates, type Certificate } from "../../src/identity/certificate.ts";
import { examine } from "../../src/identity/fitness/examination.ts";
import { examineForKey } from "../../src/identity/identity.ts";
import {
  day,
  from,
  intermediate,
  keyPair,
  leaf,
  named,
  now,
  pkcs8,
  root,
  type Issued,
} from "../certificates.ts";
import { codeOf } from "../failure.ts";
import { signerOf } from "./given.ts";

const ca = root();
const upper = intermediate(ca, "Upper");
const middle = intermediate(upper, "Middle");
const lower = intermediate(middle, "Lower");
const alice = leaf(lower);

describe("the leaf", () => {
  const found = (certificates: Issued[], key = alice.keys) =>
    codeOrName(() => {
      const [first, ...others] = certificates.map(read);
      if (!first) expect.fail("no certificate");
      const given = {
        file: "alice.pem",
        certificates: [first, ...others] as const,
        candidates: [first, ...others],
      };
      return examineForKey(given, signerOf(named(pkcs8(key), "alice.key")), now).leaf.subject;
    });

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
    expect(found([ca, upper, lower])).toBe("PRIVATE_KEY_MISMATCH");
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

  it("of several fit ones is the first in the file", () => {
    const renewals = [
      leaf(lower, { name: "short" }),
      leaf(lower, { name: "long", notAfter: from(40 * day) }),
    ];
    expect(found(renewals)).toBe("O=Example Corp, CN=short");
    expect(found(renewals.toReversed())).toBe("O=Example Corp, CN=long");
  });

  it("is the one that a CA issued, before a self-signed one of ten years", () => {
    const bootstrap = leaf(undefined, { name: "bootstrap", keys: alice.keys, notAfter: from(3650 * day) });
    expect(found([bootstrap, alice])).toBe("O=Example Corp, CN=alice");
    expect(found([alice, bootstrap])).toBe("O=Example Corp, CN=alice");
  });

  it("is the first one when none is fit", () => {
    const old = [3, 2].map((days) =>
      leaf(lower, { name: `old ${days}`, notBefore: from(-9 * day), notAfter: from(-days * day) }),
    );
    expect(found(old)).toBe("O=Example Corp, CN=old 3");
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
      const found = sentWith(mine, [namesake, issuer]);
      expect(found.map(({ der }) => der)).toEqual([issuer.der]);
    }
  });

  it("sends no issuer that may not issue, and says so: CA:false, or keyUsage without keyCertSign", () => {
    for (const [recipe, code] of [
      [{ ca: false }, "CHAIN_NOT_A_CA"],
      [{ keyUsage: ["digitalSignature"] }, "CHAIN_KEY_USAGE"],
    ] as const) {
      const issuer = intermediate(ca, "No CA", recipe);
      const { sent, findings } = examine(read(leaf(issuer)), [read(issuer)], now);
      expect(sent).toEqual([]);
      expect(findings.map((finding) => finding.code)).toContain(code);
    }
  });

  it("takes the valid one of a renewed intermediate, and else judges the one that expired last", () => {
    const [older, old] = [-20, -2].map((days) =>
      intermediate(ca, "Renewed", { notBefore: from(-30 * day), notAfter: from(days * day) }),
    );
    const renewed = intermediate(ca, "Renewed");
    const issuers = (...candidates: (Issued | undefined)[]) =>
      examine(
        read(leaf(renewed)),
        candidates.flatMap((one) => (one ? [read(one)] : [])),
        now,
      ).intermediates.map(({ notAfter }) => notAfter);
    expect(issuers(older, old, renewed)).toEqual([from(30 * day)]);
    expect(issuers(older, old)).toEqual([from(-2 * day)]);
  });

  it("follows a cross-signed CA to the root that is there", () => {
    const otherRoot = root("Other Root");
    const cross = intermediate(otherRoot, "Upper");
    expect(chain(alice, [lower, middle, cross, otherRoot])).toEqual(["Lower", "Middle", "Upper"]);
  });

  it("holds all certificates of a cross-signed CA, and is judged by the way that leads to a root", () => {
    const absent = root("Absent Root");
    const cross = intermediate(absent, "Upper", { notAfter: from(300 * day) });
    const found = examine(read(alice), [cross, lower, middle, upper, ca].map(read), now);
    const names = (chain: readonly Certificate[]) =>
      chain.map(({ issuer }) => issuer.replace("O=Example Corp, CN=", ""));
    expect(names(found.intermediates)).toEqual(["Middle", "Upper", "Test Root"]);
    expect(names(found.sent)).toEqual(["Middle", "Upper", "Absent Root", "Test Root"]);
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

function codeOrName(call: () => string): string {
  let name = "";
  return codeOf(() => (name = call())) ?? name;
}

function sentWith(leaf: Issued, candidates: readonly Issued[]): readonly Certificate[] {
  return examine(read(leaf), candidates.map(read), now).sent;
}

function chain(of: Issued, candidates: readonly Issued[]): string[] {
  return sentWith(of, candidates).map(({ subject }) => subject.replace("O=Example Corp, CN=", ""));
}
