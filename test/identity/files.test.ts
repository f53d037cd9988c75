/** Files as people have them: what PowerShell, CI variables, OpenSSL and an editor make of a certificate or a key. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { absent } from "../keys/pkcs11/softhsm.ts";
import { afterAll, describe, expect, it } from "vitest";
import { readCertificates } from "../../src/identity/certificate.ts";
import { isSameKey } from "../../src/identity/algorithms.ts";
import { lockedKey, readPrivateKey } from "../../src/identity/private-key.ts";
import { intermediate, keyPair, leaf, named, pkcs8, root, toPem } from "../certificates.ts";
import { codeOf, failureOf } from "../failure.ts";

const ca = root();
const issuer = intermediate(ca);
const alice = leaf(issuer);
const both = alice.pem + issuer.pem;

const folder = mkdtempSync(join(tmpdir(), "files-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
writeFileSync(join(folder, "alice.pem"), alice.pem);
writeFileSync(join(folder, "alice.key"), alice.keyPem);
/** What openssl writes with these arguments. */
const missing = absent("openssl");
const why = missing ? ` (${missing})` : "";
const withOpenssl = it.skipIf(missing);
const openssl = (...args: string[]): Buffer => {
  if (missing) return Buffer.alloc(0);
  execFileSync("openssl", [...args, "-out", "out"], { cwd: folder, stdio: "pipe" });
  return readFileSync(join(folder, "out"));
};

const rsaKey = keyPair("rsa-2048").publicKey.export({ type: "spki", format: "der" });
const utf16 = (text: string, mark = true): Buffer => Buffer.from((mark ? "\uFEFF" : "") + text, "utf16le");
const hex = (one: string): string => one.charCodeAt(0).toString(16);
const forms: readonly (readonly [string, (text: string) => string | Buffer])[] = [
  ["UTF-16 LE, as PowerShell's > writes it", (text) => utf16(text.replaceAll("\n", "\r\n"))],
  ["UTF-16 LE without a byte-order mark", (text) => utf16(text, false)],
  ["UTF-16 BE", (text) => utf16(text).swap16()],
  ["UTF-8 with a byte-order mark", (text) => `\uFEFF${text}`],
  ["\\n as two letters", (text) => text.replaceAll("\n", "\\n")],
  ["\\r\\n as four letters", (text) => text.replaceAll("\n", "\\r\\n")],
  ["a JSON string", (text) => JSON.stringify(text)],
  ["a JSON string with \\/", (text) => JSON.stringify(text).replaceAll("/", "\\/")],
  ["no line break between the blocks", (text) => text.replaceAll("-----\n-----", "----------")],
  ["one line, with spaces", (text) => text.replaceAll("\n", " ")],
  ["one line, with nothing", (text) => text.replaceAll("\n", "")],
  ["base64 of the file", (text) => Buffer.from(text).toString("base64")],
  ["base64 of the file, in lines", (text) => Buffer.from(text).toString("base64").replace(/.{76}/g, "$&\n")],
  ["base64 of the file in UTF-16", (text) => utf16(Buffer.from(text).toString("base64"))],
  ["a JSON string in a JSON string", (text) => JSON.stringify(JSON.stringify({ pem: text }))],
  [
    "a JSON string with \\u002f",
    (text) => JSON.stringify(text).replace(/[/+=]/g, (one) => `\\u00${hex(one)}`),
  ],
  ["a JSON list of lines", (text) => JSON.stringify(text.split("\n"), undefined, 2)],
  ["a YAML block, folded with backslashes", (text) => `pem: "${text.replaceAll("\n", "\\n\\\n  ")}"\n`],
  ["URL encoding, as nginx passes it on", (text) => encodeURIComponent(text)],
  ["HTML", (text) => `<p class="x">${text.replaceAll("\n", "<br/>\n").replaceAll("+", "&#43;")}</p>`],
  ["a quotation in a mail", (text) => text.replace(/^/gm, "> ")],
  ["a terminal's colours", (text) => text.replace(/^.*$/gm, "\x1b[32m$&\x1b[0m")],
  ["a chat tool's dashes", (text) => text.replaceAll("-----", "\u2014\u2014-")],
  ["a word processor's spaces", (text) => text.replaceAll(" ", "\u00a0").replace(/^.{9}/gm, "$&\u200b")],
  ["four dashes, and spaces beside them", (text) => text.replace(/-----([A-Z ]+)-----/g, "---- $1 ----")],
  ["five dashes between two blocks", (text) => text.replaceAll("-----\n-----", "-----")],
  ["PowerShell's `n", (text) => text.replaceAll("\n", "`n")],
  ["base64 in quotes", (text) => `"${Buffer.from(text).toString("base64")}"`],
  ["base64 for URLs, without padding", (text) => Buffer.from(text).toString("base64url")],
  ["base64 twice", (text) => Buffer.from(Buffer.from(text).toString("base64")).toString("base64")],
  ["base64 in a data URL", (text) => `data:text/plain;base64,${Buffer.from(text).toString("base64")}`],
  ["a Kubernetes secret", (text) => `data:\n  tls.x: ${Buffer.from(text).toString("base64")}\n  y: eA==\n`],
  [
    "a damaged CRL under it",
    (text) => `${text}-----BEGIN X509 CRL-----\nnot base64!\n-----END X509 CRL-----\n`,
  ],
  ["a block without an end under it", (text) => `${text}-----BEGIN X509 CRL-----\nMIIB\n`],
  [
    "a damaged block before it",
    (text) => `-----BEGIN DH PARAMETERS-----\n?\n-----END DH PARAMETERS-----\n${text}`,
  ],
];

describe.each(forms)("in the form of %s", (_what, form) => {
  it("certificates are read", () => {
    expect(readCertificates(named(form(both))).map(({ der }) => der)).toEqual([alice.der, issuer.der]);
  });

  it("a key is read", () => {
    expect(readPrivateKey(named(form(alice.keyPem))).equals(alice.keys.privateKey)).toBe(true);
  });
});

describe("a certificate file", () => {
  withOpenssl(
    `may be a TRUSTED CERTIFICATE of OpenSSL, with trust settings behind the certificate${why}`,
    () => {
      const trusted = openssl(
        "x509",
        "-in",
        "alice.pem",
        "-trustout",
        "-setalias",
        "alice",
        "-addtrust",
        "clientAuth",
      );
      expect(trusted.toString()).toContain("BEGIN TRUSTED CERTIFICATE");
      expect(readCertificates(named(trusted))[0].der).toEqual(alice.der);
    },
  );

  it("may be the base64 of DER", () => {
    expect(readCertificates(named(alice.der.toString("base64")))[0].der).toEqual(alice.der);
  });

  it("may have a damaged key beside the certificate, which nobody asked for", () => {
    expect(readCertificates(named(both + alice.keyPem.slice(0, 100)))).toHaveLength(2);
  });

  it("is refused when a certificate in it is damaged", () => {
    expect(codeOf(() => readCertificates(named(both + issuer.pem.slice(0, 100))))).toBe("PEM_MALFORMED");
  });

  it("may be several certificates in DER", () => {
    const der = Buffer.concat([alice.der, issuer.der, Buffer.from("300804", "hex")]);
    expect(readCertificates(named(der)).map((one) => one.der)).toEqual([alice.der, issuer.der]);
  });

  withOpenssl(`is named when the label is a certificate's and the content is not${why}`, () => {
    const p7 = openssl("crl2pkcs7", "-nocrl", "-certfile", "alice.pem", "-outform", "DER");
    expect(codeOf(() => readCertificates(named(toPem("CERTIFICATE", p7))))).toBe("CERTIFICATE_IS_PKCS7");
  });

  withOpenssl(`is named in base64 too, when it is a PKCS#12 file${why}`, () => {
    const p12 = openssl("pkcs12", "-export", "-in", "alice.pem", "-inkey", "alice.key", "-passout", "pass:x");
    expect(codeOf(() => readCertificates(named(p12.toString("base64"))))).toBe("CERTIFICATE_IS_PKCS12");
  });
});

describe("a key file", () => {
  it.each(["pkcs8", "pkcs1"] as const)("may be DER: %s", (type) => {
    const { privateKey } = keyPair("rsa-2048");
    expect(readPrivateKey(named(privateKey.export({ format: "der", type }))).equals(privateKey)).toBe(true);
  });

  it("may be DER: sec1", () => {
    const { privateKey } = alice.keys;
    expect(readPrivateKey(named(privateKey.export({ format: "der", type: "sec1" }))).equals(privateKey)).toBe(
      true,
    );
  });

  it("may have a damaged certificate beside the key, which nobody asked for", () => {
    expect(readPrivateKey(named(alice.pem.slice(0, 100) + pkcs8(alice.keys))).type).toBe("private");
  });

  const p12 = openssl("pkcs12", "-export", "-in", "alice.pem", "-inkey", "alice.key", "-passout", "pass:x");
  const encryptedSec1 = alice.keys.privateKey
    .export({ format: "pem", type: "sec1", cipher: "aes-256-cbc", passphrase: "secret" })
    .toString();
  const encrypted = ["pkcs8", "-topk8", "-in", "alice.key", "-passout", "pass:x"];
  withOpenssl.each<[string, string | Buffer]>([
    ["PKCS#12", p12],
    ["PKCS#12 in base64", p12.toString("base64")],
    ["encrypted, PEM", openssl(...encrypted)],
    ["encrypted, DER", openssl(...encrypted, "-outform", "DER")],
    ["encrypted as in RFC 1421", encryptedSec1],
  ])(`may need a password: %s${why}`, (_what, content) => {
    expect(lockedKey(named(content))).toBeDefined();
  });

  it("in the clear needs none", () => {
    for (const content of [alice.keyPem, alice.pem, alice.der, ""])
      expect(lockedKey(named(content))).toBeUndefined();
  });

  it.each<[string, string | Buffer, string, RegExp]>([
    [
      "OpenSSH",
      toPem("OPENSSH PRIVATE KEY", Buffer.from("openssh-key-v1\0")),
      "PRIVATE_KEY_UNSUPPORTED",
      /ssh-keygen -p -m PEM/,
    ],
    [
      "a TPM's",
      toPem("TSS2 PRIVATE KEY", Buffer.from("3003020100", "hex")),
      "PRIVATE_KEY_UNSUPPORTED",
      /tpm2_ptool link --label TOKEN/,
    ],
    ["a certificate in DER", alice.der, "PRIVATE_KEY_MISSING", /PRIVATE KEY block/],
    [
      "other DER",
      Buffer.from("3081030201ff".padEnd(264, "0"), "hex"),
      "PRIVATE_KEY_MISSING",
      /PRIVATE KEY block/,
    ],
  ])("is named when it is %s, with the command that converts it", (_what, content, code, hint) => {
    const failure = failureOf(() => readPrivateKey(named(content, "alice.key")));
    expect(failure).toMatchObject({ category: "identity", hop: "private-key", code });
    expect(failure.hint).toMatch(hint);
  });
});

it.each([
  ["", /is empty/, /again/],
  [Buffer.from("feedfeed00000002", "hex"), /Java keystore/, /keytool -importkeystore .* && openssl pkcs12/],
  ["PuTTY-User-Key-File-3: ssh-rsa\n", /PuTTY/, /puttygen FILE -O private-openssh/],
  [Buffer.from("1f8b0800", "hex"), /gzip/, /gzip -dc FILE/],
  ["PK\x03\x04", /ZIP/, /unzip FILE/],
  [Buffer.from("1ef1b5b00000", "hex"), /Microsoft key \(\.pvk\)/, /openssl rsa -inform PVK/],
  [Buffer.from("0702000000a40000", "hex"), /Microsoft key BLOB/, /openssl rsa -inform MSBLOB/],
  ["SQLite format 3\0", /key4\.db/, /pk12util -o/],
  ['{ "kty": "EC" }', /JSON Web Key/, /format: "jwk"/],
  ["-----BEGIN PKCS#11 PROVIDER URI-----\n", /on a token/, /openssl asn1parse/],
])("a container is named, for a certificate and a key: %j", (content, what, hint) => {
  for (const read of [readCertificates, readPrivateKey]) {
    const failure = failureOf(() => read(named(content)));
    expect(failure.message).toMatch(what);
    expect(failure.hint).toMatch(hint);
  }
});

it("a key of another type than the certificate's does not disturb the key that is read next", () => {
  isSameKey(readCertificates(named(alice.pem))[0].x509, rsaKey);
  expect(readPrivateKey(named(alice.keyPem)).type).toBe("private");
});

const noKeygen = absent("ssh-keygen");

it.skipIf(noKeygen)(
  `the conversion of an OpenSSH key that a hint names works${noKeygen ? ` (${noKeygen})` : ""}`,
  () => {
    const file = join(folder, "ssh");
    execFileSync("ssh-keygen", ["-q", "-t", "ecdsa", "-b", "256", "-N", "", "-f", file]);
    expect(readFileSync(file, "utf8")).toContain("OPENSSH PRIVATE KEY");
    execFileSync("ssh-keygen", ["-q", "-p", "-m", "PEM", "-N", "", "-f", file]);
    expect(readPrivateKey(named(readFileSync(file))).asymmetricKeyType).toBe("ec");
  },
);

describe("any bytes", () => {
  const known = new Set([
    ...["PEM_MALFORMED", "CERTIFICATE_MISSING", "CERTIFICATE_UNREADABLE"],
    ...["REQUEST", "KEY", "PUBLIC_KEY", "PKCS12", "PKCS7"].map((kind) => `CERTIFICATE_IS_${kind}`),
    ...["MISSING", "UNREADABLE", "UNSUPPORTED"].map((kind) => `PRIVATE_KEY_${kind}`),
  ]);
  const wild = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(alice.der, alice.keys.privateKey.export({ format: "der", type: "pkcs8" })).chain((der) =>
      fc.tuple(fc.nat(der.length - 1), fc.nat(255)).map(([index, octet]) => {
        const copy = Buffer.from(der);
        copy[index] = octet;
        return new Uint8Array(copy);
      }),
    ),
  );

  it("are read, or refused with a code, whatever form they come in", () => {
    fc.assert(
      fc.property(wild, fc.constantFrom("raw", "base64", "utf16"), (bytes, form) => {
        const text = Buffer.from(bytes).toString("base64");
        const content =
          form === "raw" ? bytes : form === "base64" ? text : utf16(toPem("CERTIFICATE", bytes));
        for (const read of [readCertificates, readPrivateKey]) {
          const code = codeOf(() => read(named(content)));
          if (code !== undefined) expect(known).toContain(code);
        }
      }),
      { numRuns: 500 },
    );
  });
});
