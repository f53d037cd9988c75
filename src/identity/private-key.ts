/** A private key file: PKCS#1, SEC1 or PKCS#8 in PEM, possibly beside certificates. */
import { constants, createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import { EksX509Error } from "../foundation/errors.ts";
import type { FileContent, NamedBytes } from "../foundation/files.ts";
import { pemBlocks, type PemBlock } from "./pem.ts";
import type { Signer } from "./signer.ts";

const formats: Readonly<Record<string, "pkcs1" | "sec1" | "pkcs8">> = {
  "RSA PRIVATE KEY": "pkcs1",
  "EC PRIVATE KEY": "sec1",
  "PRIVATE KEY": "pkcs8",
};

/** The curves that Roles Anywhere takes, by their OpenSSL names: P-256, P-384, P-521. */
const curves = new Set(["prime256v1", "secp384r1", "secp521r1"]);

/** @throws EksX509Error as readPrivateKey does */
export function openPrivateKey(file: FileContent): Signer {
  return keySigner(readPrivateKey(file), file);
}

/** A signer whose RSA or EC private key is in memory. */
function keySigner(key: KeyObject, { name, mode }: FileContent): Signer {
  const isRsa = key.asymmetricKeyType === "rsa";
  const options = isRsa
    ? { key, padding: constants.RSA_PKCS1_PADDING }
    : { key, dsaEncoding: "der" as const };
  return {
    algorithm: isRsa ? "AWS4-X509-RSA-SHA256" : "AWS4-X509-ECDSA-SHA256",
    publicKey: createPublicKey(key).export({ type: "spki", format: "der" }),
    description: name,
    warnings: othersMayRead(name, mode),
    sign: (bytes) => Promise.resolve(sign("sha256", bytes, options)),
  };
}

/** POSIX permissions. */
function othersMayRead(name: string, mode: number): string[] {
  if ((mode & 0o077) === 0) return [];
  return [`others may read ${name} (mode ${mode.toString(8)}); run: chmod 600 ${name}`];
}

/**
 * The file's first private key.
 * @throws EksX509Error PRIVATE_KEY_MISSING, PRIVATE_KEY_ENCRYPTED, PRIVATE_KEY_UNREADABLE, PRIVATE_KEY_UNSUPPORTED, PEM_MALFORMED
 */
export function readPrivateKey(file: NamedBytes): KeyObject {
  const blocks = pemBlocks(file, "private-key");
  const block = blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (!block) throw missing(file.name, blocks);
  if (block.label === "ENCRYPTED PRIVATE KEY" || block.headers.some((line) => line.includes("ENCRYPTED")))
    throw encrypted(file.name);
  const type = formats[block.label];
  if (!type) throw unsupported(file.name, `a ${block.label} block`);
  return supported(file.name, parseKey(file.name, block.der, type));
}

function parseKey(name: string, der: Buffer, type: "pkcs1" | "sec1" | "pkcs8"): KeyObject {
  try {
    return createPrivateKey({ key: der, format: "der", type });
  } catch {
    // The cause stays out: OpenSSL's texts help nobody here, and must never quote the key.
    throw new EksX509Error({
      category: "identity",
      hop: "private-key",
      code: "PRIVATE_KEY_UNREADABLE",
      message: `${name}: the private key cannot be read`,
      hint: "The file was damaged, or its label does not tell the format. Check it with: openssl pkey -noout -in FILE",
    });
  }
}

function supported(name: string, key: KeyObject): KeyObject {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === "rsa") return key;
  if (key.asymmetricKeyType === "ec" && curve !== undefined && curves.has(curve)) return key;
  throw unsupported(name, `a key of type ${curve ?? key.asymmetricKeyType ?? "unknown"}`);
}

function unsupported(name: string, what: string): EksX509Error {
  return new EksX509Error({
    category: "identity",
    hop: "private-key",
    code: "PRIVATE_KEY_UNSUPPORTED",
    message: `${name}: holds ${what}, which is not supported`,
    hint: "Roles Anywhere takes RSA keys, and EC keys on P-256, P-384 or P-521; give one as PKCS#1, SEC1 or PKCS#8 in PEM.",
  });
}

function encrypted(name: string): EksX509Error {
  return new EksX509Error({
    category: "identity",
    hop: "private-key",
    code: "PRIVATE_KEY_ENCRYPTED",
    message: `${name}: the private key is encrypted, which is not supported yet`,
    hint: "Keep a decrypted copy that only you can read: openssl pkey -in FILE -out FILE.plain && chmod 600 FILE.plain",
  });
}

function missing(name: string, blocks: PemBlock[]): EksX509Error {
  const labels = [...new Set(blocks.map(({ label }) => label))].join(", ");
  return new EksX509Error({
    category: "identity",
    hop: "private-key",
    code: "PRIVATE_KEY_MISSING",
    message: `${name}: holds no private key${labels ? `, only ${labels}` : ", nor any other PEM block"}`,
    hint: "Give a PEM file with a PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY block as --private-key. A DER key converts with: openssl pkey -inform DER -in FILE -out FILE.pem",
  });
}
