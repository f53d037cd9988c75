import { createVerify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { identityOf } from "./given.ts";
import {
  from,
  day,
  intermediate,
  keyPair,
  leaf,
  named,
  now,
  pkcs8,
  root,
  type Issued,
} from "../certificates.ts";
import { failureOf } from "../failure.ts";

const ca = root();
const issuer = intermediate(ca);
const alice = leaf(issuer);

const identity = (certificate: string | Buffer, intermediates?: string | Buffer, key = alice.keyPem) =>
  identityOf(
    {
      certificate: named(certificate, "alice.pem"),
      privateKey: named(key, "alice.key"),
      intermediates: intermediates === undefined ? undefined : named(intermediates, "chain.pem"),
    },
    now,
  );
const chainOf = (...given: Parameters<typeof identity>) => identity(...given).chain.map(({ der }) => der);

describe("an identity", () => {
  it.each<[string, string | Buffer, string | Buffer | undefined]>([
    ["leaf and intermediate in one file", alice.pem + issuer.pem, undefined],
    ["intermediate first", issuer.pem + alice.pem, undefined],
    ["with the root", ca.pem + issuer.pem + alice.pem, undefined],
    ["intermediate apart", alice.pem, issuer.pem],
    ["both in DER", alice.der, issuer.der],
    ["intermediate in both files", alice.pem + issuer.pem, issuer.pem + ca.pem],
    ["everything in both files, and the key", alice.keyPem + alice.pem + issuer.pem, alice.pem + issuer.pem],
  ])("is made of %s: leaf, then its intermediate, no root", (_what, certificate, intermediates) => {
    expect(identity(certificate, intermediates).leaf.der).toEqual(alice.der);
    expect(chainOf(certificate, intermediates)).toEqual([issuer.der]);
  });

  it.each(["rsa-2048", "p256", "p384", "p521"] as const)(
    "signs with its key, SHA-256 always: %s",
    async (kind) => {
      const mine = leaf(issuer, { keys: keyPair(kind, "mine") });
      const { signer } = identity(mine.pem, undefined, mine.keyPem);
      expect(signer.algorithm).toBe(kind === "rsa-2048" ? "AWS4-X509-RSA-SHA256" : "AWS4-X509-ECDSA-SHA256");
      const signature = await signer.sign(Buffer.from("string to sign"));
      expect(createVerify("sha256").update("string to sign").verify(mine.keys.publicKey, signature)).toBe(
        true,
      );
    },
  );
});

describe("an identity is refused", () => {
  it("when the key is another certificate's, with the names of those that", () => {
    const key = pkcs8(keyPair("rsa-2048"));
    expect(failureOf(() => identity(alice.pem + issuer.pem, undefined, key))).toMatchObject({
      category: "identity",
      hop: "private-key",
      code: "PRIVATE_KEY_MISMATCH",
      message:
        "alice.key: this RSA key does not match a certificate in alice.pem, which is for O=Example Corp, CN=alice; O=Example Corp, CN=Test Intermediate",
    });
  });

  it("when the key is of the right kind and another one all the same", () => {
    expect(failureOf(() => identity(alice.pem, undefined, pkcs8(keyPair("p256", "mallory")))).code).toBe(
      "PRIVATE_KEY_MISMATCH",
    );
  });

  it("when the file holds the chain and no leaf, and the leaf is in the other: each in its place", () => {
    expect(failureOf(() => identity(issuer.pem, alice.pem)).code).toBe("PRIVATE_KEY_MISMATCH");
  });

  it("when the intermediates' file is broken, by its name", () => {
    expect(failureOf(() => identity(alice.pem, "nothing"))).toMatchObject({
      code: "CERTIFICATE_MISSING",
      message: "chain.pem contains no certificate, no PEM block",
    });
  });

  it("when an intermediate is expired, by the name of the file that holds it", () => {
    const old = intermediate(ca, "Old", { notAfter: from(-day) });
    const bob = leaf(old);
    expect(failureOf(() => identity(bob.pem, old.pem)).message).toContain(
      "chain.pem: the intermediate O=Example Corp, CN=Old expired 1 day ago",
    );
    expect(failureOf(() => identity(bob.pem + old.pem)).message).toContain(
      "alice.pem: the intermediate O=Example Corp, CN=Old expired 1 day ago",
    );
  });

  it("when its chain is too long", () => {
    let current: Issued = ca;
    const chain = Array.from({ length: 6 }, (_, index) => (current = intermediate(current, `CA ${index}`)));
    expect(failureOf(() => identity(leaf(current).pem, chain.map(({ pem }) => pem).join(""))).code).toBe(
      "CHAIN_TOO_LONG",
    );
  });
});
