/** Encrypted private keys as OpenSSL writes them: every form that is read, and every form that is named. */
import { createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyPair, leaf } from "../certificates.ts";
import { octetString, oid, sequence, integer } from "../der.ts";
import { rejectionOf } from "../failure.ts";
import { parsed } from "../../src/identity/asn1.ts";
import { decrypted, Effort } from "../../src/keys/encryption.ts";
import { alice, issuer, KeyFolder } from "./key-folder.ts";
import { without } from "./programs.ts";

const password = "correct hörse 🔋";
const noOpenssl = without("openssl", "version");
const noLegacy = noOpenssl ?? without("openssl", "list", "-providers", "-provider", "legacy");
const why = (missing: string | undefined): string => (missing === undefined ? "" : ` (${missing})`);

const folder = new KeyFolder();
const rsa = leaf(issuer, { name: "rsa", keys: keyPair("rsa-2048", "rsa") });
const p521 = leaf(issuer, { name: "p521", keys: keyPair("p521", "p521") });

beforeAll(() => {
  folder.writeIssued("rsa", rsa);
  folder.writeIssued("p521", p521);
  // Of one file for both, OpenSSL takes the second line for the second password.
  for (const name of ["right", "again"]) folder.write(name, `${password}\n`);
});

afterAll(() => {
  folder.remove();
});

/** Signs, and verifies with the certificate. */
async function opens(privateKey: string, certificate = "alice.pem", given = password): Promise<void> {
  const { signer, leaf: found } = await folder.identity({ certificate, privateKey, password: given });
  const bytes = Buffer.from("string to sign");
  expect(verify("sha256", bytes, found.x509.publicKey, await signer.sign(bytes))).toBe(true);
  expect(createPublicKey({ key: Buffer.from(signer.publicKey), format: "der", type: "spki" })).toBeDefined();
}

async function codeWith(
  privateKey: string,
  given: string | undefined,
  certificate?: string,
): Promise<string> {
  const key = { privateKey, ...(certificate !== undefined && { certificate }) };
  const failure = await rejectionOf(
    folder.identity({ ...key, ...(given !== undefined && { password: given }) }),
  );
  expect(`${failure.message} ${failure.hint}`).not.toContain(given === "" ? password : (given ?? password));
  return failure.code;
}

const pbes2: readonly (readonly [string, string])[] = [
  ...["hmacWithSHA1", "hmacWithSHA224", "hmacWithSHA256", "hmacWithSHA384", "hmacWithSHA512"].map(
    (prf) => [`PBKDF2 with ${prf}`, `-v2 aes-256-cbc -v2prf ${prf}`] as const,
  ),
  ["scrypt", "-scrypt"],
  ["AES-128", "-v2 aes-128-cbc"],
  ["AES-192", "-v2 aes-192-cbc"],
  ["3DES", "-v2 des3"],
  ["a million iterations", "-v2 aes-256-cbc -iter 1000000"],
];

describe(`encrypted PKCS#8 with PBES2${why(noOpenssl)}`, () => {
  it.skipIf(noOpenssl !== undefined).each(pbes2)("%s, in PEM and in DER", async (_name, options) => {
    folder.openssl(`pkcs8 -topk8 -in alice.key -out k.pem -passout file:right ${options}`);
    folder.openssl(`pkcs8 -topk8 -in alice.key -outform DER -out k.der -passout file:right ${options}`);
    await opens("k.pem");
    await opens("k.der");
  });

  it.skipIf(noOpenssl !== undefined).each(["rsa", "p521"])("a key of kind %s", async (name) => {
    folder.openssl(`pkcs8 -topk8 -in ${name}.key -out k2.pem -passout file:right`);
    await opens("k2.pem", `${name}.pem`);
  });

  it.skipIf(noOpenssl !== undefined)("beside its certificate in one file, given once", async () => {
    folder.openssl("pkcs8 -topk8 -in alice.key -out k3.pem -passout file:right");
    folder.run("sh", "-c", "cat alice.pem k3.pem > both.pem");
    await opens("both.pem", "both.pem");
  });

  it.skipIf(noOpenssl !== undefined)("a wrong password, none, and an empty one", async () => {
    folder.openssl("pkcs8 -topk8 -in alice.key -out k4.pem -passout file:right");
    expect(await codeWith("k4.pem", "incorrect")).toBe("PASSWORD_WRONG");
    expect(await codeWith("k4.pem", undefined)).toBe("PASSWORD_NEEDED");
    expect(await codeWith("k4.pem", `${password} `)).toBe("PASSWORD_WRONG");
  });

  it.skipIf(noOpenssl !== undefined)(
    "a wrong password whose padding looks right is a wrong password",
    async () => {
      folder.openssl("pkcs8 -topk8 -in alice.key -out k5.pem -passout file:right -v2 des3 -iter 1");
      // Of 300 wrong passwords, about one leaves a valid padding.
      for (let tries = 0; tries < 300; tries += 1)
        expect(await codeWith("k5.pem", `wrong ${tries}`)).toBe("PASSWORD_WRONG");
    },
  );
});

describe(`the older encryption of PEM${why(noOpenssl)}`, () => {
  it.skipIf(noOpenssl !== undefined).each(["aes256", "aes128", "des3"])("%s", async (cipher) => {
    folder.openssl(`ec -in alice.key -out t.pem -${cipher} -passout file:right`);
    folder.openssl(`rsa -in rsa.key -traditional -out t-rsa.pem -${cipher} -passout file:right`);
    await opens("t.pem");
    await opens("t-rsa.pem", "rsa.pem");
    expect(await codeWith("t.pem", "incorrect")).toBe("PASSWORD_WRONG");
    expect(await codeWith("t.pem", undefined)).toBe("PASSWORD_NEEDED");
  });
});

it.skipIf(noLegacy !== undefined).each(["des", "seed"])(
  "the older encryption of PEM with a cipher that Node lacks is named: %s",
  async (cipher) => {
    const legacy = "-provider legacy -provider default";
    folder.openssl(`rsa -in rsa.key -traditional -out t-old.pem -${cipher} -passout file:right ${legacy}`);
    expect(await codeWith("t-old.pem", password, "rsa.pem")).toBe("ENCRYPTION_UNKNOWN");
  },
);

describe(`PBES1 and PKCS#12's schemes in PKCS#8${why(noLegacy)}`, () => {
  const legacy = "-provider legacy -provider default";

  it
    .skipIf(noLegacy !== undefined)
    .each(["PBE-SHA1-3DES", "PBE-SHA1-2DES", "PBE-SHA1-RC2-40", "PBE-SHA1-RC2-128"])(
    "%s is read",
    async (scheme) => {
      folder.openssl(`pkcs8 -topk8 -in alice.key -out v1.pem -passout file:right -v1 ${scheme} ${legacy}`);
      await opens("v1.pem");
      expect(await codeWith("v1.pem", "incorrect")).toBe("PASSWORD_WRONG");
    },
  );

  it.skipIf(noLegacy !== undefined).each(["PBE-MD5-DES", "PBE-SHA1-DES"])(
    "%s is named, with a command that converts it",
    async (scheme) => {
      folder.openssl(`pkcs8 -topk8 -in alice.key -out old.pem -passout file:right -v1 ${scheme} ${legacy}`);
      const failure = await rejectionOf(folder.identity({ privateKey: "old.pem", password }));
      expect(failure.code).toBe("ENCRYPTION_PBES1");
      expect(failure.message).toContain("PBES1");
      const command = /: (\(umask.*\))/.exec(failure.hint)?.[1] ?? "";
      const filled = command
        .replaceAll("FILE", "old.pem")
        .replace("openssl pkcs8", `openssl pkcs8 -passin file:right -passout file:again ${legacy}`);
      folder.run("sh", "-c", filled);
      await opens("old.pem.new");
    },
  );
});

describe("hostile encrypted files", () => {
  const pbkdf2 = (salt: Buffer, count: bigint) =>
    sequence(oid("1.2.840.113549.1.5.12"), sequence(octetString(salt), integer(count)));
  const scrypt = (N: bigint, r: bigint, p: bigint) =>
    sequence(
      oid("1.3.6.1.4.1.11591.4.11"),
      sequence(octetString(Buffer.alloc(8)), integer(N), integer(r), integer(p)),
    );
  const aes = (iv: Buffer) => sequence(oid("2.16.840.1.101.3.4.1.42"), octetString(iv));
  const file = (derivation: Buffer, encryption = aes(Buffer.alloc(16))) =>
    sequence(
      sequence(oid("1.2.840.113549.1.5.13"), sequence(derivation, encryption)),
      octetString(Buffer.alloc(64, 1)),
    );

  it.each([
    ["iterations for years", file(pbkdf2(Buffer.alloc(8), 2n ** 60n))],
    ["no iterations", file(pbkdf2(Buffer.alloc(8), 0n))],
    ["negative iterations", file(pbkdf2(Buffer.alloc(8), -1n))],
    ["scrypt for a terabyte", file(scrypt(2n ** 40n, 8n, 1n))],
    ["scrypt with an N that is no power of two", file(scrypt(1000n, 8n, 1n))],
    ["scrypt with r of 0", file(scrypt(1024n, 0n, 1n))],
    ["scrypt with p in the millions", file(scrypt(2n, 1n, 2n ** 30n))],
    ["scrypt that takes hours within the bound of memory", file(scrypt(2n ** 14n, 1n, 500n))],
    ["an IV of 3 bytes", file(pbkdf2(Buffer.alloc(8), 1n), aes(Buffer.alloc(3)))],
    ["no salt", file(sequence(oid("1.2.840.113549.1.5.12"), sequence(integer(1n))))],
    ["nothing in PBES2", sequence(sequence(oid("1.2.840.113549.1.5.13")), octetString(Buffer.alloc(8)))],
    [
      "RC5",
      file(pbkdf2(Buffer.alloc(8), 1n), sequence(oid("1.2.840.113549.3.9"), octetString(Buffer.alloc(8)))),
    ],
  ])("%s: one message, at once", async (name, bytes) => {
    const path = folder.write("hostile.der", bytes);
    const failure = await rejectionOf(folder.identity({ privateKey: "hostile.der", password }));
    expect(failure.message, name).toContain(path);
    expect(["ENCRYPTION_UNKNOWN", "PASSWORD_WRONG"]).toContain(failure.code);
  });

  it("many small steps cost no more than one large one", () => {
    const effort = new Effort();
    const algorithm = sequence(
      oid("1.2.840.113549.1.5.13"),
      sequence(pbkdf2(Buffer.alloc(8), 2000n), aes(Buffer.alloc(16))),
    );
    const open = () => decrypted(parsed(algorithm), Buffer.alloc(16), { password, effort });
    expect(open).not.toThrow();
    effort.spend(9_993_000);
    expect(open).toThrow("too many iterations");
  });
});

it("a plain key asks for no password", async () => {
  const { signer } = await folder.identity({
    privateKey: "alice.key",
    access: {
      askpass: "/does/not/exist",
      passwordFile: { path: "/does/not/exist", source: "--password-file" },
    },
  });
  expect(signer.publicKey).toEqual(alice.keys.publicKey.export({ type: "spki", format: "der" }));
});
