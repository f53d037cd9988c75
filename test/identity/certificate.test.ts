import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCertificates } from "../../src/identity/certificate.ts";
import { from, intermediate, keyPair, leaf, named, now, pkcs8, root, toPem, day } from "../certificates.ts";
import { codeOf, failureOf } from "../failure.ts";

const read = (content: string | Uint8Array) => readCertificates(named(content));
const rsaRoot = root("RSA Root", { keys: keyPair("rsa-2048") });
const alice = leaf(rsaRoot, { serial: 0x0102030405060708090a0b0c0d0e0f10n });

describe("a certificate file", () => {
  it("is read in PEM", () => {
    expect(read(alice.pem)).toMatchObject([
      {
        der: alice.der,
        subject: "O=Example Corp, CN=alice",
        issuer: "O=Example Corp, CN=RSA Root",
        serial: 0x0102030405060708090a0b0c0d0e0f10n,
        notBefore: from(-day),
        notAfter: from(30 * day),
        version: 3,
        signedWith: { name: "RSA with SHA-256", weakHash: undefined, isUnknown: false },
        keyUsage: new Set([0]),
      },
    ]);
  });

  it("is read in DER", () => {
    expect(read(alice.der)[0].der).toEqual(alice.der);
  });

  it("may hold many certificates, in any order, and the key", () => {
    const content = [rsaRoot.pem, pkcs8(alice.keys), alice.pem, intermediate(rsaRoot).pem].join(
      "text: between\n",
    );
    expect(read(content).map(({ subject }) => subject)).toEqual([
      "O=Example Corp, CN=RSA Root",
      "O=Example Corp, CN=alice",
      "O=Example Corp, CN=Test Intermediate",
    ]);
  });

  it("may call its block X509 CERTIFICATE, as old OpenSSL did", () => {
    expect(read(toPem("X509 CERTIFICATE", alice.der))).toHaveLength(1);
  });

  it("reads every keyUsage bit, also the ninth, and distinguishes a missing extension from an empty one", () => {
    const usageOf = (keyUsage: Parameters<typeof leaf>[1]) => read(leaf(undefined, keyUsage).pem)[0].keyUsage;
    expect(usageOf({ keyUsage: ["digitalSignature", "keyEncipherment", "decipherOnly"] })).toEqual(
      new Set([0, 2, 8]),
    );
    expect(usageOf({ keyUsage: [] })).toEqual(new Set());
    expect(usageOf({ keyUsage: undefined })).toBeUndefined();
  });

  it("reads the hash that RSASSA-PSS names", () => {
    expect(read(leaf(rsaRoot, { pss: true, hash: "sha384" }).pem)[0].signedWith.name).toBe(
      "RSASSA-PSS with SHA-384",
    );
    expect(read(leaf(rsaRoot, { pss: true, hash: "sha1" }).pem)[0].signedWith.weakHash).toBe("SHA-1");
  });

  it("reads version 1", () => {
    expect(read(leaf(rsaRoot, { version: 1 }).pem)[0].version).toBe(1);
  });

  it("reads an empty subject", () => {
    expect(read(leaf(rsaRoot, { name: "" }).pem)[0].subject).toBe("");
  });

  it.each([0n, 1n, 255n, 2n ** 159n - 1n, -5n])("reads the serial number %i", (serial) => {
    expect(read(leaf(rsaRoot, { serial }).pem)[0].serial).toBe(serial);
  });
});

describe("a certificate file is refused", () => {
  it.each([
    ["only a key", pkcs8(alice.keys), "CERTIFICATE_IS_KEY", "alice.pem is a private key, not a certificate"],
    ["plain text", "hello", "CERTIFICATE_MISSING", "alice.pem contains no certificate, no PEM block"],
    [
      "binary",
      Buffer.from([0, 255, 254, 1, 2]),
      "CERTIFICATE_MISSING",
      "alice.pem contains no certificate, no PEM block",
    ],
    [
      "DER that is something else",
      alice.der.subarray(0, 100),
      "CERTIFICATE_UNREADABLE",
      "alice.pem: not an X.509 certificate",
    ],
    [
      "PEM that is something else",
      `\n${toPem("CERTIFICATE", Buffer.from("hello!"))}`,
      "CERTIFICATE_UNREADABLE",
      "alice.pem, line 2: not an X.509 certificate",
    ],
    [
      "a certificate cut short",
      toPem("CERTIFICATE", alice.der.subarray(0, -1)),
      "CERTIFICATE_UNREADABLE",
      "alice.pem, line 1: not an X.509 certificate",
    ],
    [
      "a date that is none",
      leaf(rsaRoot, { notAfter: "20261399000000Z" }).pem,
      "CERTIFICATE_UNREADABLE",
      "alice.pem, line 1: not an X.509 certificate",
    ],
    [
      "a block that is cut short",
      alice.pem.slice(0, 200),
      "PEM_MALFORMED",
      "alice.pem, line 1: the CERTIFICATE block has no END line",
    ],
  ])("with %s", (_what, content, code, message) => {
    expect(failureOf(() => read(content))).toMatchObject({
      category: "identity",
      hop: "certificate",
      code,
      message,
    });
  });

  it("whichever octets are damaged, with its own error or none", () => {
    const damage = fc.array(fc.tuple(fc.nat(alice.der.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const der = Buffer.from(alice.der);
        for (const [index, octet] of changes) der[index] = octet;
        const code = codeOf(() => {
          for (const { notAfter, notBefore } of read(toPem("CERTIFICATE", der)))
            expect([notAfter, notBefore].map(Number)).not.toContain(NaN);
        });
        // Its outermost octets can become those of a key.
        expect([undefined, "CERTIFICATE_UNREADABLE", "CERTIFICATE_IS_KEY"]).toContain(code);
      }),
    );
  });
});

it("dates of the far future are kept: RFC 5280 §4.1.2.5 has 99991231235959Z for no expiry", () => {
  const [certificate] = read(leaf(rsaRoot, { notAfter: "99991231235959Z" }).pem);
  expect(certificate.notAfter).toEqual(new Date("9999-12-31T23:59:59Z"));
  expect(certificate.notAfter > now).toBe(true);
});
