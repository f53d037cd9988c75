/** A key file that a password locks: PKCS#8 (RFC 5958), the older PEM encryption (RFC 1421), or PKCS#12. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { resolve } from "node:path";
import { errorsOf, type EksX509Error } from "../foundation/errors.ts";
import type { NamedBytes } from "../foundation/ports.ts";
import { areEqual, keyFromDer } from "../identity/algorithms.ts";
import { children, octets, parsed } from "../identity/asn1.ts";
import { kindOfDer, pkcs12In, unfit } from "../identity/file-kinds.ts";
import type { PemBlock } from "../identity/pem.ts";
import { lockedKey } from "../identity/private-key.ts";
import { canDecrypt, decrypted, Effort, UnknownEncryption } from "./encryption.ts";
import type { Lock, Unlock } from "./password/unlock.ts";
import { LastPkcs12, MalformedPkcs12, type Pkcs12Content } from "./pkcs12.ts";

const failure = errorsOf("identity", "private-key");

/** The locked files of one run. */
export class LockedFiles {
  readonly #unlock: Unlock;
  readonly #pkcs12 = new LastPkcs12();

  constructor(unlock: Unlock) {
    this.#unlock = unlock;
  }

  /**
   * The file, or in place of a locked key that key, open: PKCS#8 in DER.
   * @param publicKeys of the certificates at hand, to choose from the keys of a PKCS#12 file
   * @throws EksX509Error PASSWORD_…, ENCRYPTION_…
   */
  async key<File extends NamedBytes>(file: File, publicKeys: readonly Uint8Array[]): Promise<File> {
    const locked = lockedKey(file);
    if (!locked) return file;
    const open = (password: string) =>
      locked === "pkcs12"
        ? chosenKey(this.#opened(file, password), file, publicKeys)
        : openedKey(locked, password);
    const bytes = await this.#unlock(lockOf(file), (password) =>
      Promise.resolve(named(file, () => open(password))),
    );
    return { ...file, bytes };
  }

  /**
   * The certificates of a PKCS#12 file as PEM.
   * @throws EksX509Error PASSWORD_…, ENCRYPTION_…, CERTIFICATE_MISSING
   */
  async certificates(file: NamedBytes): Promise<NamedBytes> {
    const { certificates } = await this.#unlock(lockOf(file), (password) =>
      Promise.resolve(named(file, () => this.#opened(file, password))),
    );
    if (certificates.length === 0)
      throw unfit(
        "CERTIFICATE_MISSING",
        `${file.name}: the PKCS#12 file contains no certificate`,
        "Export it again with the certificate, or use the certificate's own file as --certificate.",
      );
    return { name: file.name, bytes: Buffer.from(certificates.map(pem).join("")) };
  }

  #opened(file: NamedBytes, password: string): Pkcs12Content | undefined {
    return this.#pkcs12.open(pkcs12In(file) ?? file.bytes, password);
  }
}

/** The OS keychain has the password under the file's absolute path, however the file is named. */
function lockOf({ name }: NamedBytes): Lock {
  return { kind: "password", description: name, id: resolve(name) };
}

/** @returns PKCS#8 in DER; undefined for a wrong password */
function openedKey(locked: PemBlock | Uint8Array, password: string): Uint8Array | undefined {
  if (!(locked instanceof Uint8Array)) return openedPem(locked, password);
  const [algorithm, second] = children(parsed(locked));
  const encrypted = octets(second);
  if (!encrypted) throw new UnknownEncryption("a damaged PKCS#8 structure");
  const key = decrypted(algorithm, encrypted, { password, effort: new Effort() });
  return key && isKey(key) ? key : undefined;
}

/** A wrong password can leave a padding that looks right, one time in 256. */
function isKey(der: Uint8Array): boolean {
  try {
    createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
    return true;
  } catch {
    return kindOfDer(der) === "key";
  }
}

/** RFC 1421 §4.6: OpenSSL derives the key from the password with MD5, once. */
function openedPem({ label, headers, der }: PemBlock, password: string): Uint8Array | undefined {
  const [, cipher = "no DEK-Info"] =
    headers.map((line) => /^DEK-Info: *([\w-]+)/.exec(line)).find(Boolean) ?? [];
  if (!canDecrypt(cipher)) throw new UnknownEncryption(cipher);
  // An empty line at the end makes OpenSSL refuse the block.
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  const text = [`-----BEGIN ${label}-----`, ...headers, "", ...lines, `-----END ${label}-----`, ""].join(
    "\n",
  );
  try {
    return createPrivateKey({ key: text, passphrase: password }).export({ type: "pkcs8", format: "der" });
  } catch {
    return undefined;
  }
}

function chosenKey(
  content: Pkcs12Content | undefined,
  file: NamedBytes,
  publicKeys: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!content) return undefined;
  const key = content.keys.find((one) => belongs(one, publicKeys)) ?? content.keys[0];
  if (key) return key;
  throw failure(
    "PRIVATE_KEY_MISSING",
    `${file.name}: the PKCS#12 file contains no private key`,
    "Export it again with the key, or use the key's own file as --private-key.",
  );
}

function belongs(pkcs8: Uint8Array, publicKeys: readonly Uint8Array[]): boolean {
  try {
    const own = createPublicKey(createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }));
    return publicKeys.some((key) => areEqual(own, keyFromDer(key)));
  } catch {
    return false;
  }
}

function pem(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`;
}

/** @throws EksX509Error ENCRYPTION_… */
function named<Opened>(file: NamedBytes, open: () => Opened): Opened {
  try {
    return open();
  } catch (error) {
    throw unknownEncryption(file, error);
  }
}

const ways = {
  key: {
    what: "the key is encrypted with",
    cure: "Encrypt it anew: (umask 077; openssl pkcs8 -topk8 -v2 aes256 -in FILE -out FILE.new). Add -provider legacy -provider default if OpenSSL 3 cannot read it.",
  },
  // Its key is encrypted inside, and its MAC can be the unknown part.
  pkcs12: {
    what: "the PKCS#12 file is protected with",
    cure: "Export it anew: (umask 077; openssl pkcs12 -in FILE -out FILE.pem && openssl pkcs12 -export -in FILE.pem -out FILE.new). Add -legacy to the first command if OpenSSL 3 cannot read it.",
  },
};

function unknownEncryption(file: NamedBytes, error: unknown): EksX509Error {
  const { name } = file;
  if (error instanceof UnknownEncryption) {
    const { what, cure } = ways[pkcs12In(file) ? "pkcs12" : "key"];
    const code = error.scheme === "PBES1" ? "ENCRYPTION_PBES1" : "ENCRYPTION_UNKNOWN";
    return failure(code, `${name}: ${what} ${error.scheme}, which is not supported`, cure);
  }
  if (error instanceof MalformedPkcs12)
    return failure(
      "PRIVATE_KEY_UNREADABLE",
      `${name}: the PKCS#12 file is damaged: ${error.message}`,
      "Export it again.",
    );
  throw error;
}
