import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { mistakenFor } from "../../src/identity/file-kinds.ts";
import { readCertificates } from "../../src/identity/certificate.ts";
import { keyPair, leaf, named, root, toPem } from "../certificates.ts";
import { octetString, sequence, tlv } from "../der.ts";
import { codeOf } from "../failure.ts";
import { absent } from "../keys/pkcs11/softhsm.ts";

const folder = mkdtempSync(join(tmpdir(), "mistakes-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const path = (name: string): string => join(folder, name);
const missing = absent("openssl");
const openssl = (...args: string[]): void => {
  if (missing) return;
  execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
};

const ca = root();
const alice = leaf(ca);
writeFileSync(path("alice.pem"), alice.pem + ca.pem);
writeFileSync(path("alice.key"), alice.keyPem);
openssl("req", "-new", "-key", "alice.key", "-subj", "/CN=alice", "-out", "alice.csr");
openssl("req", "-in", "alice.csr", "-outform", "DER", "-out", "csr.der");
openssl(
  "pkcs12",
  "-export",
  "-in",
  "alice.pem",
  "-inkey",
  "alice.key",
  "-passout",
  "pass:x",
  "-out",
  "alice.p12",
);
openssl("crl2pkcs7", "-nocrl", "-certfile", "alice.pem", "-out", "alice.p7b");
openssl("crl2pkcs7", "-nocrl", "-certfile", "alice.pem", "-outform", "DER", "-out", "p7b.der");
openssl(
  "pkcs8",
  "-topk8",
  "-in",
  "alice.key",
  "-passout",
  "pass:x",
  "-outform",
  "DER",
  "-out",
  "encrypted.der",
);
openssl("pkcs8", "-topk8", "-in", "alice.key", "-passout", "pass:x", "-out", "encrypted.key");

const { privateKey: ec, publicKey } = keyPair("p256");
const { privateKey: rsa } = keyPair("rsa-2048");
const file = (name: string): Buffer => (missing ? Buffer.alloc(0) : readFileSync(path(name)));
const mistake = (content: string | Uint8Array) => mistakenFor(named(content, "given.pem"));

describe.skipIf(missing)(
  `a file that is no certificate is called by its name${missing ? ` (${missing})` : ""}`,
  () => {
    it.each<[string, string | Buffer, string, string]>([
      ["a request", file("alice.csr"), "CERTIFICATE_IS_REQUEST", "a certificate signing request"],
      ["a request in DER", file("csr.der"), "CERTIFICATE_IS_REQUEST", "a certificate signing request"],
      [
        "a request with its key",
        alice.keyPem + file("alice.csr").toString(),
        "CERTIFICATE_IS_REQUEST",
        "a certificate signing request",
      ],
      ["PKCS#12", file("alice.p12"), "CERTIFICATE_IS_PKCS12", "a PKCS#12 file (.p12, .pfx)"],
      ["PKCS#7", file("alice.p7b"), "CERTIFICATE_IS_PKCS7", "a PKCS#7 file (.p7b, .p7c)"],
      ["PKCS#7 in DER", file("p7b.der"), "CERTIFICATE_IS_PKCS7", "a PKCS#7 file (.p7b, .p7c)"],
      ["a key, PKCS#8", alice.keyPem, "CERTIFICATE_IS_KEY", "a private key"],
      ["a key, encrypted", file("encrypted.key"), "CERTIFICATE_IS_KEY", "a private key"],
      ["a key in DER, encrypted", file("encrypted.der"), "CERTIFICATE_IS_KEY", "a private key"],
      [
        "a key in DER, PKCS#8",
        ec.export({ format: "der", type: "pkcs8" }),
        "CERTIFICATE_IS_KEY",
        "a private key",
      ],
      [
        "a key in DER, SEC 1",
        ec.export({ format: "der", type: "sec1" }),
        "CERTIFICATE_IS_KEY",
        "a private key",
      ],
      [
        "a key in DER, PKCS#1",
        rsa.export({ format: "der", type: "pkcs1" }),
        "CERTIFICATE_IS_KEY",
        "a private key",
      ],
      [
        "a public key",
        publicKey.export({ format: "pem", type: "spki" }),
        "CERTIFICATE_IS_PUBLIC_KEY",
        "a public key",
      ],
      [
        "a public key in DER",
        publicKey.export({ format: "der", type: "spki" }),
        "CERTIFICATE_IS_PUBLIC_KEY",
        "a public key",
      ],
    ])("%s", (_what, content, code, what) => {
      expect(mistake(content)).toMatchObject({
        category: "identity",
        hop: "certificate",
        code,
        message: `given.pem is ${what}, not a certificate`,
      });
    });
  },
);

describe("nothing is said of", () => {
  it.each<[string, string | Uint8Array]>([
    ["a certificate", alice.pem],
    ["a certificate in DER", alice.der],
    ["a certificate that is cut short", alice.der.subarray(0, 100)],
    [
      "a certificate that cannot be read, beside a key",
      toPem("CERTIFICATE", Buffer.from("x")) + alice.keyPem,
    ],
    ["plain text", "hello"],
    ["an unknown block", toPem("DH PARAMETERS", Buffer.from("x"))],
    ["a SEQUENCE of nothing", Buffer.from([0x30, 0])],
  ])("%s", (_what, content) => {
    expect(mistake(content)).toBeUndefined();
  });
});

it("nothing is known of dates that are none", () => {
  const date = sequence(sequence(tlv(0x18, Buffer.from("20261301000000Z"))), tlv(0x18, Buffer.from("x")));
  expect(mistakenFor(named(date))).toBeUndefined();
  const padded = sequence(date, octetString(Buffer.alloc(200)));
  expect(codeOf(() => readCertificates(named(padded)))).toBe("CERTIFICATE_UNREADABLE");
});
