import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { absent } from "../keys/pkcs11/softhsm.ts";
import { describe, expect, it } from "vitest";
import { readCertificates } from "../../src/identity/certificate.ts";
import { certificateView } from "../../src/identity/certificate-view.ts";
import { nameText } from "../../src/identity/names.ts";
import { day, from, hour, keyPair, leaf, named, now, root, type Recipe } from "../certificates.ts";
import { asnTrue, explicit, integer, oid, sequence, tlv, utf8String } from "../der.ts";
import { codeOf } from "../failure.ts";
import {
  commonName,
  directoryName,
  dns,
  email,
  ip,
  organization,
  richCertificate,
  uri,
} from "./rich-certificate.ts";

const rsaRoot = root("RSA Root", { keys: keyPair("rsa-2048", "ca") });
const viewOf = (der: Buffer) => certificateView(readCertificates(named(der))[0], now);
const view = (recipe: Recipe) => viewOf(leaf(rsaRoot, recipe).der);
const openssl = (der: Buffer, ...options: string[]): string =>
  execFileSync("openssl", ["x509", "-noout", "-inform", "DER", ...options], { input: der })
    .toString()
    .trim();

describe("a certificate's view", () => {
  it("shows names, key, signature and usage in words", () => {
    expect(
      view({ keyUsage: ["digitalSignature", "keyEncipherment", "decipherOnly"], serial: 0xabcn }),
    ).toMatchObject({
      subject: "O=Example Corp, CN=alice",
      issuer: "O=Example Corp, CN=RSA Root",
      serial: { decimal: "2748", hex: "abc" },
      version: 3,
      key: "EC P-256",
      signatureAlgorithm: "RSA with SHA-256",
      keyUsage: ["digitalSignature", "keyEncipherment", "decipherOnly"],
      extendedKeyUsage: undefined,
      basicConstraints: { ca: false, pathLength: undefined },
    });
  });

  it.each([
    ["rsa-2048", "RSA 2048"],
    ["p384", "EC P-384"],
    ["p521", "EC P-521"],
    ["secp256k1", "EC secp256k1"],
    ["ed25519", "Ed25519"],
  ] as const)("names the key %s %s", (kind, name) => {
    expect(view({ keys: keyPair(kind, "named") }).key).toBe(name);
  });

  it.each<[Recipe, string]>([
    [{ hash: "sha1" }, "RSA with SHA-1"],
    [{ hash: "sha512" }, "RSA with SHA-512"],
    [{ pss: true, hash: "sha384" }, "RSASSA-PSS with SHA-384"],
    [{ pss: true, hash: "sha1" }, "RSASSA-PSS with SHA-1"],
    [{ issuer: root("EC Root"), hash: "sha384" }, "ECDSA with SHA-384"],
    [{ issuer: root("Ed Root", { keys: keyPair("ed25519") }) }, "Ed25519"],
  ])("names the key of the issuer %j", (recipe, name) => {
    expect(view(recipe).signatureAlgorithm).toBe(name);
  });

  it.each([
    ["a minute", 60_000, 0],
    ["23 hours", 23 * hour, 0],
    ["two days", 2 * day, 2],
    ["a second ago", -1000, -1],
    ["a day and a half ago", -1.5 * day, -1],
    ["two days ago", -2 * day, -2],
  ])("counts whole days until it expires: %s", (_what, left, days) => {
    expect(view({ notAfter: from(left) }).daysLeft).toBe(days);
  });

  it("shows extended key usage by name, and the others by OID", () => {
    const purposes = ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1", "2.5.29.37.0", "1.2.3.4"];
    expect(viewOf(richCertificate({ purposes })).extendedKeyUsage).toEqual([
      "clientAuth",
      "serverAuth",
      "anyExtendedKeyUsage",
      "1.2.3.4",
    ]);
    expect(viewOf(richCertificate({ purposes: [] })).extendedKeyUsage).toEqual([]);
  });

  it.each([
    [sequence(), { ca: false, pathLength: undefined }],
    [sequence(asnTrue()), { ca: true, pathLength: undefined }],
    [sequence(asnTrue(), integer(3n)), { ca: true, pathLength: 3 }],
    [undefined, undefined],
  ])("shows basicConstraints %#", (basicConstraints, seen) => {
    expect(
      viewOf(richCertificate({ ...(basicConstraints && { basicConstraints }) })).basicConstraints,
    ).toEqual(seen);
  });
});

describe("alternative names", () => {
  const upn = explicit(0, oid("1.3.6.1.4.1.311.20.2.3"), explicit(0, utf8String("alice@corp")));
  const { alternativeNames } = viewOf(
    richCertificate({
      alternativeNames: [
        dns("a.example.com"),
        uri("spiffe://example.com/a"),
        ip(10, 0, 0, 1),
        email("a@example.com"),
        directoryName([commonName, 'A, "B"'], [organization, "C+D"]),
        upn,
        tlv(0x88, Buffer.from([0x2a, 3])),
        dns("b.example.com"),
        ip(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1),
        ip(...Array.from({ length: 15 }, () => 0), 1),
        ip(1, 2, 3),
      ],
    }),
  );

  it("are listed by type, in the certificate's order", () => {
    expect(alternativeNames).toMatchObject({
      dns: ["a.example.com", "b.example.com"],
      uri: ["spiffe://example.com/a"],
      email: ["a@example.com"],
      ip: ["10.0.0.1", "fd00::1:0:0:1", "::1", "(3 octets)"],
      other: ["otherName 1.3.6.1.4.1.311.20.2.3: alice@corp", "registeredID"],
    });
    expect(alternativeNames.directoryNames.map(nameText)).toEqual(['CN=A\\, \\"B\\", O=C\\+D']);
  });
});

const missing = absent("openssl");

describe.skipIf(missing)(`OpenSSL shows the same${missing ? ` (${missing})` : ""}`, () => {
  const der = richCertificate({
    serial: 0x0a0b0cn,
    alternativeNames: [dns("a.example.com"), ip(10, 0, 0, 1)],
  });
  const seen = viewOf(der);

  it("of the serial number, but for its leading zero", () => {
    expect(openssl(der, "-serial")).toBe(`serial=0${seen.serial.hex.toUpperCase()}`);
  });

  it("of the fingerprint", () => {
    const [, fingerprint = ""] = openssl(der, "-fingerprint", "-sha256").split("=");
    expect(fingerprint.replaceAll(":", "").toLowerCase()).toBe(seen.fingerprint);
  });

  it("of the dates", () => {
    const dates = openssl(der, "-dates")
      .split("\n")
      .map((line) => new Date(line.replace(/^\w+=/, "")));
    expect(dates).toEqual([seen.notBefore, seen.notAfter]);
  });

  it("of the alternative names", () => {
    expect(openssl(der, "-ext", "subjectAltName")).toContain(
      `DNS:${seen.alternativeNames.dns.join()}, IP Address:${seen.alternativeNames.ip.join()}`,
    );
  });
});

it("a certificate that is damaged and can still be read has a view", () => {
  const der = richCertificate({
    purposes: ["1.2.3"],
    basicConstraints: sequence(asnTrue(), integer(1n)),
    alternativeNames: [dns("a"), uri("b"), ip(1, 2, 3, 4), directoryName([commonName, "c"])],
  });
  const damage = fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(damage, (changes) => {
      const damaged = Buffer.from(der);
      for (const [index, octet] of changes) damaged[index] = octet;
      expect(codeOf(() => viewOf(damaged)) ?? "CERTIFICATE_UNREADABLE").toMatch(
        /^CERTIFICATE_(UNREADABLE|MISSING|IS_\w+)$/,
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});
