/** A private key file: PKCS#1, SEC1 or PKCS#8, in PEM, possibly beside certificates, or in DER. */
import { shownPath } from "../foundation/shown.ts";
import { constants, createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import { errorsOf, type CodeOf, type EksX509Error } from "../foundation/errors.ts";
import type { FileContent, NamedBytes } from "../foundation/ports.ts";
import { isMlDsaSupported, keyKind, mlDsaHint, mlDsaName, signingAlgorithm } from "./algorithms.ts";
import { children, integer, isDer, oid, parsed, sequence } from "./asn1.ts";
import { containerOf, kindOfDer, pkcs12In } from "./file-kinds.ts";
import { onlyLabels, pemBlocks, unwrapped, type PemBlock } from "./pem.ts";
import type { KeyWarning, Signer } from "./signer.ts";

type Format = "pkcs1" | "sec1" | "pkcs8";

const formats: Readonly<Record<string, Format>> = {
  "RSA PRIVATE KEY": "pkcs1",
  "EC PRIVATE KEY": "sec1",
  "PRIVATE KEY": "pkcs8",
};

/** @param unlock opens a key that a password locks */
export async function openKeyFile(
  file: FileContent,
  unlock: (file: FileContent) => Promise<FileContent>,
): Promise<Signer> {
  if (!lockedKey(file)) return openPrivateKey(file);
  const signer = openPrivateKey(await unlock(file));
  return { ...signer, facts: () => [["kept in", `${shownPath(file.name)}, encrypted`]] };
}

export function openPrivateKey(file: FileContent): Signer {
  const { name, mode } = file;
  const key = readPrivateKey(file);
  const algorithm = signingAlgorithm(key);
  const hash = algorithm === "AWS4-X509-MLDSA" ? null : "sha256";
  const options = algorithm === "AWS4-X509-RSA-SHA256" ? { key, padding: constants.RSA_PKCS1_PADDING } : key;
  return {
    algorithm,
    publicKey: createPublicKey(key).export({ type: "spki", format: "der" }),
    description: name,
    warnings: othersMayRead(name, mode),
    facts: () => [["kept in", shownPath(name)]],
    sign: (bytes) => Promise.resolve(sign(hash, bytes, options)),
  };
}

/**
 * The bits of a mode by which other users can read or change a file. systemd gives a credential to the service's user by an ACL, and the
 * group's bits are then the mask of the ACL, acl(5). Nobody else can enter the folder: systemd.exec(5), "CREDENTIALS".
 */
export function bitsOfOthers(path: string): number {
  return /^\/run\/(user\/\d+\/|)credentials\/[^/]+\/[^/]+$/.test(path) ? 0o027 : 0o077;
}

function othersMayRead(name: string, mode: number): KeyWarning[] {
  if ((mode & bitsOfOthers(name)) === 0) return [];
  const message = `other users can read ${name} (mode ${mode.toString(8)}); run: chmod 600 ${name}`;
  return [{ code: "PRIVATE_KEY_OPEN", message, hint: "Only its owner may read it." }];
}

/** A key that a password locks: PKCS#12, EncryptedPrivateKeyInfo of RFC 5958 §3, or a block with the encryption of RFC 1421. */
export type LockedKey = "pkcs12" | Uint8Array | PemBlock;

/** Undefined for a file whose key is not locked, and for a file without a key. @throws EksX509Error PEM_MALFORMED */
export function lockedKey(given: NamedBytes): LockedKey | undefined {
  if (pkcs12In(given)) return "pkcs12";
  const file = unwrapped(given);
  if (isDer(file.bytes)) return kindOfDer(file.bytes) === "encryptedKey" ? file.bytes : undefined;
  const block = keyBlock(keyBlocks(file));
  if (block?.label === "ENCRYPTED PRIVATE KEY") return block.der;
  return block && isEncrypted(block) ? block : undefined;
}

function keyBlocks(file: NamedBytes): PemBlock[] {
  return pemBlocks(file, "private-key", /PRIVATE KEY$/);
}

function keyBlock(blocks: readonly PemBlock[]): PemBlock | undefined {
  return blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
}

function isEncrypted({ headers }: PemBlock): boolean {
  return headers.some((line) => line.includes("ENCRYPTED"));
}

/**
 * The file's first private key, which no password locks.
 * @throws EksX509Error PEM_MALFORMED, and PRIVATE_KEY_… for a file without a key that can be used
 */
export function readPrivateKey(given: NamedBytes): KeyObject {
  const file = unwrapped(given);
  if (isDer(file.bytes)) return supported(file.name, fromDer(file));
  const blocks = keyBlocks(file);
  const block = keyBlock(blocks);
  if (!block) throw refused(file.name, "missing", containerOf(file.bytes) ?? otherBlocks(blocks));
  const { label, der } = block;
  if (label === "OPENSSH PRIVATE KEY")
    throw der.includes("ssh-ed25519") ? unsupported(file.name, "ed25519") : refused(file.name, "openssh");
  if (label === "TSS2 PRIVATE KEY") throw refused(file.name, "tpm");
  const type = formats[label];
  if (!type)
    throw refused(file.name, "unsupported", { what: `contains a ${label} block, which is not supported` });
  const key = parsedKey(der, type);
  if (!key) throw unreadable(file.name, der);
  return supported(file.name, key);
}

function otherBlocks(blocks: readonly PemBlock[]): { what: string } {
  return { what: `contains no private key, ${onlyLabels(blocks) ?? "and no other PEM block"}` };
}

function fromDer({ name, bytes }: NamedBytes): KeyObject {
  if (kindOfDer(bytes) !== "key") throw refused(name, "missing");
  const [key] = (["pkcs8", "pkcs1", "sec1"] as const).flatMap(
    (type) => parsedKey(Buffer.from(bytes), type) ?? [],
  );
  if (!key) throw unreadable(name, bytes);
  return key;
}

function parsedKey(der: Buffer, type: Format): KeyObject | undefined {
  const key = createdKey(der, type);
  if (key || type !== "pkcs8") return key;
  const old = inVersion0(der);
  return old && createdKey(old, type);
}

/**
 * RFC 5958 §2: PKCS#8 of version 1 has the public key behind the private one. ring and BouncyCastle write it, and OpenSSL 3.0 reads only
 * version 0.
 */
function inVersion0(pkcs8: Uint8Array): Buffer | undefined {
  const [version, algorithm, key] = children(parsed(pkcs8));
  if (integer(version) !== 1n || !algorithm || !key) return undefined;
  return sequence([Buffer.from([0x02, 0x01, 0x00]), algorithm.whole, key.whole]);
}

/** The cause of a failure stays out: OpenSSL's texts help nobody here, and must never quote the key. */
function createdKey(der: Buffer, type: Format): KeyObject | undefined {
  try {
    return createPrivateKey({ key: der, format: "der", type });
  } catch {
    return undefined;
  }
}

/** PKCS#8 names the algorithm behind its version, RFC 5958 §2. */
function unreadable(name: string, der: Uint8Array): EksX509Error {
  const [, algorithm] = children(parsed(der));
  const kind = mlDsaName(oid(children(algorithm)[0]));
  if (kind === undefined || isMlDsaSupported()) return refused(name, "unreadable");
  const what = `contains a key of type ${kind}, with which this version of Node cannot sign`;
  return refused(name, "mlDsa", { what });
}

function supported(name: string, key: KeyObject): KeyObject {
  if (keyKind(key).isSupported) return key;
  const type = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? "unknown";
  throw unsupported(name, type);
}

function unsupported(name: string, type: string): EksX509Error {
  return refused(name, "unsupported", { what: `contains a key of type ${type}, which is not supported` });
}

const reasons = {
  missing: {
    code: "PRIVATE_KEY_MISSING",
    what: "contains no private key",
    hint: "Use a PEM file with a PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY block as --private-key, or the same key in DER.",
  },
  unreadable: {
    code: "PRIVATE_KEY_UNREADABLE",
    what: "contains a private key that cannot be read",
    hint: "The file is damaged, or its label names the wrong format. Check it with: openssl pkey -noout -in FILE",
  },
  unsupported: {
    code: "PRIVATE_KEY_UNSUPPORTED",
    what: "contains a key of a type that is not supported",
    hint: "Use an RSA key, an EC key on P-256, P-384 or P-521, or an ML-DSA key, as PKCS#1, SEC1 or PKCS#8 in PEM.",
  },
  mlDsa: {
    code: "ML_DSA_NOT_SUPPORTED",
    what: "contains an ML-DSA key",
    hint: mlDsaHint,
  },
  openssh: {
    code: "PRIVATE_KEY_UNSUPPORTED",
    what: "contains an OPENSSH PRIVATE KEY block, which is not supported",
    hint: "Convert a copy of it: (umask 077; cp FILE FILE.pem && ssh-keygen -p -m PEM -N '' -f FILE.pem)",
  },
  tpm: {
    code: "PRIVATE_KEY_UNSUPPORTED",
    what: "contains a TSS2 PRIVATE KEY block, which only the TPM that made it can use",
    hint: "Link it to a token of tpm2-pkcs11, and use the token: tpm2_ptool link --label TOKEN --userpin PIN --key-label NAME FILE; then --private-key 'pkcs11:token=TOKEN;object=NAME'.",
  },
} satisfies Record<string, { code: CodeOf<"identity", "private-key">; what: string; hint: string }>;

function refused(
  name: string,
  reason: keyof typeof reasons,
  instead: { what?: string; hint?: string } = {},
): EksX509Error {
  const { code, what, hint } = { ...reasons[reason], ...instead };
  return errorsOf("identity", "private-key")(code, `${name} ${what}`, hint);
}
