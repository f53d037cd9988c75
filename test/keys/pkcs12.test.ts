/** PKCS#12 files of each maker: OpenSSL 3, OpenSSL's -legacy, the forms of Windows and macOS, and Java's keytool. */
import crypto, { createHash, createHmac, createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPkcs12 } from "../../src/keys/pkcs12.ts";
import { keyPair, leaf } from "../certificates.ts";
import { asnNull, explicit, integer, octetString, oid, sequence } from "../der.ts";
import { rejectionOf } from "../failure.ts";
import { alice, issuer, KeyFolder } from "./key-folder.ts";
import { without } from "./programs.ts";

const password = "correct hörse 🔋";
const noOpenssl = without("openssl", "version");
const noLegacy = noOpenssl ?? without("openssl", "list", "-providers", "-provider", "legacy");
const noKeytool = noOpenssl ?? without("keytool", "-help");
const why = (missing: string | undefined): string => (missing === undefined ? "" : ` (${missing})`);

const folder = new KeyFolder();
const rsa = leaf(issuer, { name: "rsa", keys: keyPair("rsa-2048", "rsa") });

beforeAll(() => {
  folder.writeIssued("rsa", rsa);
  folder.write("right", `${password}\n`);
  folder.write("ascii", "changeit\n");
  folder.write("empty", "\n");
});

afterAll(() => {
  folder.remove();
});

const exported = "pkcs12 -export -inkey alice.key -in alice.pem -certfile chain.pem";

/** Key, leaf and chain come from the one file. */
async function holdsAll(certificate: string, given?: string, subject = "alice"): Promise<void> {
  const { leaf: found, chain } = await folder.identity({
    certificate,
    ...(given !== undefined && { password: given }),
  });
  expect(found.subject).toContain(`CN=${subject}`);
  expect(chain.map(({ subject: name }) => name)).toEqual([expect.stringContaining("CN=Company Issuing CA")]);
}

async function failureWith(certificate: string, given?: string) {
  return rejectionOf(folder.identity({ certificate, ...(given !== undefined && { password: given }) }));
}

const makers: readonly (readonly [string, string, string | undefined])[] = [
  ["OpenSSL 3", "", noOpenssl],
  ["OpenSSL -legacy: RC2-40 and 3DES", "-legacy", noLegacy],
  [
    "Windows, TripleDES-SHA1",
    "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1 -iter 2000",
    noLegacy,
  ],
  ["Windows, AES256-SHA256", "-certpbe AES-256-CBC -keypbe AES-256-CBC -macalg sha256 -iter 2000", noOpenssl],
  [
    "macOS Keychain",
    "-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1 -iter 2048",
    noLegacy,
  ],
  ["RC2-128 and two keys of DES", "-legacy -certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-2DES", noLegacy],
  ["AES-128 and SHA-512", "-certpbe AES-128-CBC -keypbe AES-128-CBC -macalg sha512", noOpenssl],
  ["SHA-384 as MAC", "-macalg sha384", noOpenssl],
  ["one iteration", "-noiter -nomaciter", noOpenssl],
  ["no MAC", "-nomac", noOpenssl],
  ["certificates without encryption", "-certpbe NONE", noOpenssl],
  ["a key without encryption", "-keypbe NONE", noOpenssl],
  ["with a friendly name and a name of a CSP", "-name alice -CSP Microsoft -LMK", noOpenssl],
];

describe("PKCS#12", () => {
  for (const [maker, options, missing] of makers)
    it.skipIf(missing !== undefined)(`${maker}${why(missing)}`, async () => {
      const made = `${exported} -passout file:right -out alice.p12 ${options}`.trim();
      folder.openssl(made);
      await holdsAll("alice.p12", password);
      expect((await failureWith("alice.p12", "incorrect")).code).toBe("PASSWORD_WRONG");
      expect((await failureWith("alice.p12")).code).toBe("PASSWORD_NEEDED");
    });

  it.skipIf(noOpenssl !== undefined)(
    "as BER with indefinite lengths, as NSS and older macOS write it",
    async () => {
      folder.openssl(`${exported} -passout file:right -out der.p12`);
      folder.write("ber.p12", indefinite(readFileSync(join(folder.path, "der.p12"))));
      await holdsAll("ber.p12", password);
    },
  );

  it.skipIf(noOpenssl !== undefined)(
    "in base64, as Azure and CI variables have it, and in PEM, as certtool writes it",
    async () => {
      folder.openssl(`${exported} -passout file:right -out der.p12`);
      const base64 = readFileSync(join(folder.path, "der.p12")).toString("base64");
      for (const text of [
        base64,
        base64.replaceAll(/.{76}/g, "$&\r\n"),
        `-----BEGIN PKCS12-----\n${base64.replaceAll(/.{64}/g, "$&\n")}\n-----END PKCS12-----\n`,
      ]) {
        folder.write("text.p12", text);
        await holdsAll("text.p12", password);
        expect((await failureWith("text.p12", "incorrect")).code).toBe("PASSWORD_WRONG");
      }
    },
  );

  it.skipIf(noOpenssl !== undefined)("the empty password needs no question", async () => {
    for (const [name, options] of [
      ["e1.p12", ""],
      ["e2.p12", " -nomac"],
    ] as const) {
      folder.openssl(`${exported} -passout file:empty -out ${name}${options}`);
      await holdsAll(name);
    }
  });

  it.skipIf(noOpenssl !== undefined)("no password at all, which others derive from no bytes", async () => {
    folder.openssl(`${exported} -passout file:empty -keypbe NONE -certpbe NONE -nomac -out plain.p12`);
    await holdsAll("plain.p12");
    folder.write("none.p12", withMacOfNoPassword(readFileSync(join(folder.path, "plain.p12"))));
    await holdsAll("none.p12");
  });

  it.skipIf(noOpenssl !== undefined)("the key alone, for a certificate in PEM", async () => {
    folder.openssl(`pkcs12 -export -inkey alice.key -nocerts -passout file:right -out key.p12`);
    const { leaf: found } = await folder.identity({ privateKey: "key.p12", password });
    expect(found.subject).toContain("CN=alice");
  });

  it.skipIf(noOpenssl !== undefined)("certificates alone: the key is missing", async () => {
    folder.openssl("pkcs12 -export -nokeys -in alice.pem -passout file:right -out certificates.p12");
    const failure = await failureWith("certificates.p12", password);
    expect(failure.code).toBe("PRIVATE_KEY_MISSING");
    expect(failure.message).toMatch(/certificates\.p12: the PKCS#12 file contains no private key/);
    const { leaf: found } = await folder.identity({
      certificate: "certificates.p12",
      privateKey: "alice.key",
      password,
    });
    expect(found.subject).toContain("CN=alice");
  });

  it.skipIf(noOpenssl !== undefined)(
    "a key without its certificate: the certificate is missing",
    async () => {
      folder.openssl("pkcs12 -export -inkey alice.key -nocerts -passout file:right -out only-key.p12");
      const failure = await failureWith("only-key.p12", password);
      expect(failure.code).toBe("CERTIFICATE_MISSING");
      expect(failure.message).toContain("only-key.p12");
    },
  );

  it.skipIf(noOpenssl !== undefined)("damaged: one message, at each length", async () => {
    folder.openssl(`${exported} -passout file:right -iter 1 -out whole.p12`);
    const whole = readFileSync(join(folder.path, "whole.p12"));
    for (let length = 1; length < whole.length; length += 23) {
      folder.write("cut.p12", whole.subarray(0, length));
      expect((await failureWith("cut.p12", password)).message).toContain("cut.p12");
    }
    for (let at = 0; at < whole.length; at += 31) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x5a, at);
      folder.write("changed.p12", changed);
      const outcome = await folder.identity({ certificate: "changed.p12", password }).catch(String);
      if (typeof outcome === "string") expect(outcome).toMatch(/EksX509Error: .*changed\.p12/);
    }
  });
});

describe(`PKCS#12 of Java's keytool${why(noKeytool)}`, () => {
  const store = (name: string, legacy: boolean, ...more: readonly string[]): void => {
    folder.run(
      "keytool",
      ...(legacy ? ["-J-Dkeystore.pkcs12.legacy"] : []),
      ...["-importkeystore", "-noprompt", "-srckeystore", "source.p12", "-srcstoretype", "PKCS12"],
      ...["-srcstorepass", "changeit", "-destkeystore", name, "-deststoretype", "PKCS12"],
      ...["-deststorepass", "changeit", ...more],
    );
  };

  it.skipIf(noKeytool !== undefined).each([
    ["today's form", false],
    ["the form before Java 17", true],
  ])("%s", async (_name, isLegacy) => {
    const file = `java-${isLegacy}.p12`;
    folder.openssl(`${exported} -passout file:ascii -name alice -out source.p12`);
    store(file, isLegacy);
    await holdsAll(file, "changeit");
    expect((await failureWith(file, "changeme")).code).toBe("PASSWORD_WRONG");
  });

  it.skipIf(noKeytool !== undefined)(
    "several keys: that of the chosen certificate, whatever the order",
    async () => {
      for (const name of ["rsa", "alice"]) {
        folder.openssl(
          `pkcs12 -export -inkey ${name}.key -in ${name}.pem -certfile chain.pem -passout file:ascii -name ${name} -out source.p12`,
        );
        store("several.p12", false);
      }
      for (const [name, issued] of [
        ["rsa", rsa],
        ["alice", alice],
      ] as const) {
        const { leaf: found, signer } = await folder.identity({
          certificate: `${name}.pem`,
          privateKey: "several.p12",
          password: "changeit",
        });
        expect(found.subject).toContain(`CN=${name}`);
        expect(signer.publicKey).toEqual(issued.keys.publicKey.export({ type: "spki", format: "der" }));
      }
      const { leaf: first } = await folder.identity({ certificate: "several.p12", password: "changeit" });
      expect(first.subject).toMatch(/CN=(rsa|alice)/);
    },
  );
});

it.skipIf(noOpenssl !== undefined)(
  `derives keys from the password once for certificate and key${why(noOpenssl)}`,
  async () => {
    folder.openssl(`${exported} -out once.p12 -passout pass:changeit`);
    const { pbkdf2Sync } = crypto;
    let derivations = 0;
    crypto.pbkdf2Sync = (...parameters) => {
      derivations += 1;
      return pbkdf2Sync(...parameters);
    };
    syncBuiltinESMExports();
    try {
      await folder.identity({ certificate: "once.p12", password: "changeit" });
    } finally {
      crypto.pbkdf2Sync = pbkdf2Sync;
      syncBuiltinESMExports();
    }
    // The certificates and the key are encrypted apart.
    expect(derivations).toBe(2);
  },
);

describe("PKCS#12 with PBMAC1: the files of RFC 9579 appendix A, in the form of OpenSSL 3.4", () => {
  const vector = (name: string): Buffer => {
    const path = new URL(`../vectors/pkcs12/rfc9579-${name}.txt`, import.meta.url);
    return Buffer.from(readFileSync(path, "utf8"), "base64");
  };

  it.each(["a1", "a2", "a3"])("%s is read", (name) => {
    const { certificates, keys } = openPkcs12(vector(name), "1234") ?? expect.fail();
    const [certificate] = certificates.map((der) => new X509Certificate(der));
    const [own] = keys.map((der) =>
      createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" }),
    );
    expect(own && certificate?.checkPrivateKey(own)).toBe(true);
    expect(openPkcs12(vector(name), "12345")).toBeUndefined();
  });

  it.each([
    ["a4", "another iteration count"],
    ["a5", "another salt"],
  ])("%s is not authentic: %s", (name) => {
    expect(openPkcs12(vector(name), "1234")).toBeUndefined();
  });

  it("a6, without the length of its key, is named", async () => {
    folder.write("a6.p12", vector("a6"));
    const { code, message } = await failureWith("a6.p12", "1234");
    expect(code).toBe("ENCRYPTION_UNKNOWN");
    expect(message).toContain("PBMAC1 with a key of 0 bytes");
  });

  it("another MAC or cipher than it knows is named, with the command for a PKCS#12 file", async () => {
    const pkcs12 = "pkcs12 -export -inkey alice.key -in alice.pem -passout pass:1234 -out";
    folder.openssl(`${pkcs12} md5.p12 -macalg md5`);
    folder.openssl(`${pkcs12} camellia.p12 -keypbe camellia-256-cbc -certpbe camellia-256-cbc`);
    for (const name of ["md5", "camellia"]) {
      const { code, message, hint } = await failureWith(`${name}.p12`, "1234");
      expect(code).toBe("ENCRYPTION_UNKNOWN");
      expect(message).toMatch(/the PKCS#12 file is protected with [\d.]+, which is not supported$/);
      expect(hint).toContain("openssl pkcs12 -in FILE");
    }
  });

  it("a changed file is not authentic", () => {
    const bytes = vector("a1");
    // In a certificate, behind its encryption.
    bytes.writeUInt8(bytes.readUInt8(700) ^ 1, 700);
    expect(openPkcs12(bytes, "1234")).toBeUndefined();
  });
});

describe("hostile PKCS#12 files", () => {
  const data = oid("1.2.840.113549.1.7.1");
  const withMac = (digest: Buffer, count: bigint): Buffer => {
    const algorithm = sequence(oid("2.16.840.1.101.3.4.2.1"), asnNull());
    const safe = octetString(sequence());
    const mac = sequence(
      sequence(algorithm, octetString(digest)),
      octetString(Buffer.alloc(8)),
      integer(count),
    );
    return sequence(integer(3n), sequence(data, explicit(0, safe)), mac);
  };

  it.each([
    ["a MAC of ten million iterations", withMac(Buffer.alloc(32), 10_000_000n), "ENCRYPTION_UNKNOWN"],
    ["a MAC of no iteration", withMac(Buffer.alloc(32), 0n), "ENCRYPTION_UNKNOWN"],
    ["a MAC of 60,000 bytes", withMac(Buffer.alloc(60_000), 4_000_000n), "PRIVATE_KEY_UNREADABLE"],
    [
      "no certificate",
      sequence(integer(3n), sequence(data, explicit(0, octetString(sequence())))),
      "CERTIFICATE_MISSING",
    ],
  ])("%s: one message, at once", async (name, bytes, code) => {
    folder.write("hostile.p12", bytes);
    const failure = await failureWith("hostile.p12", "any");
    expect({ name, code: failure.code }).toEqual({ name, code });
    expect(failure.message).not.toContain("is empty");
  });
});

/** The same structure in BER: every constructed element ends with two NULs in place of a length (X.690 §8.1.3.6). */
function indefinite(der: Buffer): Buffer {
  const out: Buffer[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der.readUInt8(at);
    const first = der.readUInt8(at + 1);
    const octets = first < 0x80 ? 0 : first & 0x7f;
    const length = octets === 0 ? first : der.readUIntBE(at + 2, octets);
    const start = at + 2 + octets;
    const content = der.subarray(start, start + length);
    out.push(
      (tag & 0x20) === 0
        ? der.subarray(at, start + length)
        : Buffer.concat([Buffer.from([tag, 0x80]), indefinite(content), Buffer.alloc(2)]),
    );
    at = start + length;
  }
  return Buffer.concat(out);
}

/** Adds the MAC of a missing password: RFC 7292 appendix B.2 with an empty P, which is not the one of "". */
function withMacOfNoPassword(pfx: Buffer): Buffer {
  const header = pfx.readUInt8(1) === 0x82 ? 4 : 3;
  const body = pfx.subarray(header);
  const safe = contentOf(pfx);
  const salt = Buffer.from("12345678");
  const filled = Buffer.alloc(64, salt);
  const key = createHash("sha1")
    .update(Buffer.concat([Buffer.alloc(64, 3), filled]))
    .digest();
  const mac = createHmac("sha1", key).update(safe).digest();
  const digest = sequence(sequence(oid("1.3.14.3.2.26"), asnNull()), octetString(mac));
  return sequence(body, sequence(digest, octetString(salt), integer(1n)));
}

/** The authenticated safe: the first OCTET STRING of the file. */
function contentOf(pfx: Buffer): Buffer {
  // SEQUENCE, INTEGER 3, SEQUENCE, OID data, [0], OCTET STRING, each with two octets of length.
  const at = pfx.indexOf(Buffer.from("2a864886f70d010701", "hex")) + 9 + 4;
  expect(pfx.readUInt8(at)).toBe(4);
  return pfx.subarray(at + 4, at + 4 + pfx.readUInt16BE(at + 2));
}
