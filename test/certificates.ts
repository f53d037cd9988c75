/** A certificate factory for tests: any certificate in one call, right ones by default. Keys are made once a process. */
import { constants, createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import {
  asnNull,
  asnTrue,
  bitString,
  explicit,
  generalizedTime,
  integer,
  octetString,
  oid,
  sequence,
  set,
  tlv,
  utf8String,
} from "./der.ts";

/** The time of every test that does not say otherwise; certificates are valid around it. */
export const now = new Date(Math.floor(Date.now() / 1000) * 1000);
export const hour = 3_600_000;
export const day = 24 * hour;
export const from = (milliseconds: number): Date => new Date(now.getTime() + milliseconds);

const curves = { p256: "P-256", p384: "P-384", p521: "P-521", secp256k1: "secp256k1" } as const;
const moduli = { "rsa-1024": 1024, "rsa-2048": 2048, "rsa-3072": 3072 } as const;
export type KeyKind = keyof typeof curves | keyof typeof moduli | "ed25519";

export interface KeyPair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const keyPairs = new Map<string, KeyPair>();

/** One key pair for each kind and name. */
export function keyPair(kind: KeyKind = "p256", name = ""): KeyPair {
  const known = keyPairs.get(`${kind} ${name}`);
  if (known) return known;
  const made = makeKeyPair(kind);
  keyPairs.set(`${kind} ${name}`, made);
  return made;
}

function makeKeyPair(kind: KeyKind): KeyPair {
  if (kind === "ed25519") return generateKeyPairSync("ed25519");
  return isRsa(kind)
    ? generateKeyPairSync("rsa", { modulusLength: moduli[kind] })
    : generateKeyPairSync("ec", { namedCurve: curves[kind] });
}

function isRsa(kind: Exclude<KeyKind, "ed25519">): kind is keyof typeof moduli {
  return kind.startsWith("rsa");
}

const signatures = {
  rsa: {
    md5: sequence(oid("1.2.840.113549.1.1.4"), asnNull()),
    sha1: sequence(oid("1.2.840.113549.1.1.5"), asnNull()),
    sha224: sequence(oid("1.2.840.113549.1.1.14"), asnNull()),
    sha256: sequence(oid("1.2.840.113549.1.1.11"), asnNull()),
    sha384: sequence(oid("1.2.840.113549.1.1.12"), asnNull()),
    sha512: sequence(oid("1.2.840.113549.1.1.13"), asnNull()),
  },
  ec: {
    md5: undefined,
    sha1: sequence(oid("1.2.840.10045.4.1")),
    sha224: sequence(oid("1.2.840.10045.4.3.1")),
    sha256: sequence(oid("1.2.840.10045.4.3.2")),
    sha384: sequence(oid("1.2.840.10045.4.3.3")),
    sha512: sequence(oid("1.2.840.10045.4.3.4")),
  },
} as const;

export type Hash = keyof typeof signatures.rsa;

/** Hash and salt of RSASSA-PSS-params, RFC 4055 §3.1; SHA-1 is the default and therefore left out. */
const pssHashes: Readonly<Record<Hash, string | undefined>> = {
  md5: "1.2.840.113549.2.5",
  sha1: undefined,
  sha224: "2.16.840.1.101.3.4.2.4",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
};

const usageBits = {
  digitalSignature: 0,
  keyEncipherment: 2,
  keyCertSign: 5,
  cRLSign: 6,
  decipherOnly: 8,
} as const;
export type KeyUsage = keyof typeof usageBits;

export interface Recipe {
  /** Common name; `""` for an empty subject. */
  name?: string;
  /** The whole name in DER, in place of the one that is made from the common name. */
  subject?: Buffer;
  keys?: KeyPair;
  /** SubjectPublicKeyInfo in DER, in place of that of the keys: for a kind of key that Node need not know. */
  spki?: Buffer;
  /** Itself, when there is none. */
  issuer?: Issued;
  serial?: bigint;
  notBefore?: Date | string;
  notAfter?: Date | string;
  version?: 1 | 3;
  /** basicConstraints; undefined leaves the extension out. */
  ca?: boolean | undefined;
  /** undefined leaves the extension out. */
  keyUsage?: readonly KeyUsage[] | undefined;
  hash?: Hash;
  pss?: boolean;
  /** Subject and authority key identifiers. */
  keyIdentifiers?: boolean;
  /** DNS and IP addresses, for a server. */
  hosts?: readonly string[];
  /** basicConstraints pathLenConstraint. */
  pathLength?: number;
  /** The hash that the TBSCertificate names, if it is another one than the signature's. */
  namedHash?: Hash;
  /** Further extensions, as extension() makes them. */
  extra?: readonly Buffer[];
}

export interface Issued {
  name: string;
  keys: KeyPair;
  der: Buffer;
  pem: string;
  keyPem: string;
}

export function root(name = "Test Root", recipe: Recipe = {}): Issued {
  return certificate({ name, keys: keyPair("p256", name), ...authority, ...recipe });
}

export function intermediate(issuer: Issued, name = "Test Intermediate", recipe: Recipe = {}): Issued {
  return certificate({ name, keys: keyPair("p256", name), issuer, ...authority, ...recipe });
}

export function leaf(issuer: Issued | undefined, recipe: Recipe = {}): Issued {
  return certificate({
    name: "alice",
    keys: keyPair("p256", "alice"),
    ca: false,
    keyUsage: ["digitalSignature"],
    ...(issuer && { issuer }),
    ...recipe,
  });
}

const authority = { ca: true, keyUsage: ["keyCertSign", "cRLSign"] } as const;

/** RFC 5280 §4.1. */
export function certificate(recipe: Recipe): Issued {
  const { name = "alice", keys = keyPair("p256", name) } = recipe;
  const issuer = recipe.issuer ?? { name, keys };
  const algorithm = signatureAlgorithm(issuer.keys, recipe);
  const tbs = sequence(
    ...(recipe.version === 1 ? [] : [explicit(0, integer(2n))]),
    integer(recipe.serial ?? BigInt(`0x7${randomBytes(12).toString("hex")}`)),
    recipe.namedHash ? signatureAlgorithm(issuer.keys, { ...recipe, hash: recipe.namedHash }) : algorithm,
    distinguishedName(issuer.name),
    sequence(
      generalizedTime(recipe.notBefore ?? from(-day)),
      generalizedTime(recipe.notAfter ?? from(30 * day)),
    ),
    recipe.subject ?? distinguishedName(name),
    recipe.spki ?? keys.publicKey.export({ format: "der", type: "spki" }),
    ...(recipe.version === 1 ? [] : [explicit(3, sequence(...extensions(recipe, keys, issuer.keys)))]),
  );
  const der = sequence(tbs, algorithm, bitString(signed(tbs, issuer.keys, recipe)));
  return { name, keys, der, pem: toPem("CERTIFICATE", der), keyPem: pkcs8(keys) };
}

/** RFC 5280 §5.1. @param serials in hexadecimal @returns PEM */
export function revocationList({ name, keys }: Issued, serials: readonly string[]): string {
  const algorithm = signatureAlgorithm(keys, {});
  const revoked = serials.map((serial) =>
    sequence(integer(BigInt(`0x${serial}`)), generalizedTime(from(-day / 2))),
  );
  const tbs = sequence(
    integer(1n),
    algorithm,
    distinguishedName(name),
    generalizedTime(from(-day / 2)),
    generalizedTime(from(day)),
    ...(revoked.length === 0 ? [] : [sequence(...revoked)]),
    explicit(0, sequence(extension("2.5.29.20", integer(1n)))),
  );
  return toPem("X509 CRL", sequence(tbs, algorithm, bitString(signed(tbs, keys, {}))));
}

function signatureAlgorithm({ privateKey }: KeyPair, { hash = "sha256", pss = false }: Recipe): Buffer {
  if (privateKey.asymmetricKeyType === "ed25519") return sequence(oid("1.3.101.112"));
  if (pss) return sequence(oid("1.2.840.113549.1.1.10"), pssParameters(hash));
  const algorithm = signatures[privateKey.asymmetricKeyType === "rsa" ? "rsa" : "ec"][hash];
  if (!algorithm) throw new Error(`no ${hash} with this key`);
  return algorithm;
}

function pssParameters(hash: Hash): Buffer {
  const hashOid = pssHashes[hash];
  if (hashOid === undefined) return sequence();
  const algorithm = sequence(oid(hashOid), asnNull());
  const mask = sequence(oid("1.2.840.113549.1.1.8"), algorithm);
  return sequence(explicit(0, algorithm), explicit(1, mask), explicit(2, integer(20n)));
}

function signed(tbs: Buffer, { privateKey }: KeyPair, { hash = "sha256", pss = false }: Recipe): Buffer {
  if (privateKey.asymmetricKeyType === "ed25519") return sign(null, tbs, privateKey);
  return pss
    ? sign(hash, tbs, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 })
    : sign(hash, tbs, privateKey);
}

function distinguishedName(commonName: string): Buffer {
  if (commonName === "") return sequence();
  const attribute = (type: string, value: string): Buffer => set(sequence(oid(type), utf8String(value)));
  return sequence(attribute("2.5.4.10", "Example Corp"), attribute("2.5.4.3", commonName));
}

function extensions(
  { ca, pathLength, keyUsage, keyIdentifiers = true, hosts, extra = [] }: Recipe,
  keys: KeyPair,
  issuer: KeyPair,
): Buffer[] {
  const length = pathLength === undefined ? [] : [integer(BigInt(pathLength))];
  return [
    ...(ca === undefined
      ? []
      : [extension("2.5.29.19", sequence(...(ca ? [asnTrue()] : []), ...length), true)]),
    ...(keyUsage ? [extension("2.5.29.15", usage(keyUsage), true)] : []),
    ...(hosts ? [extension("2.5.29.17", sequence(...hosts.map(generalName)))] : []),
    ...(keyIdentifiers
      ? [
          extension("2.5.29.14", octetString(keyIdentifier(keys))),
          extension("2.5.29.35", sequence(tlv(0x80, keyIdentifier(issuer)))),
        ]
      : []),
    ...extra,
  ];
}

/** @param value the DER in its octet string */
export function extension(type: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(type), ...(critical ? [asnTrue()] : []), octetString(value));
}

function usage(names: readonly KeyUsage[]): Buffer {
  const bytes = Buffer.alloc(2);
  for (const name of names)
    bytes.writeUInt8(
      bytes.readUInt8(usageBits[name] >> 3) | (0x80 >> (usageBits[name] & 7)),
      usageBits[name] >> 3,
    );
  return names.includes("decipherOnly") ? bitString(bytes, 7) : bitString(bytes.subarray(0, 1), 0);
}

function generalName(host: string): Buffer {
  return /^[\d.]+$/.test(host)
    ? tlv(0x87, Buffer.from(host.split(".").map(Number)))
    : tlv(0x82, Buffer.from(host));
}

export function keyIdentifier({ publicKey }: KeyPair): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ format: "der", type: "spki" }))
    .digest();
}

export function pkcs8({ privateKey }: KeyPair): string {
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

/** Lines of 64, as RFC 7468 has them. */
export function toPem(label: string, der: Uint8Array, lineEnd = "\n"): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join(lineEnd);
}

/** A file's content with its name, as src/identity takes it. */
export function named(content: string | Uint8Array, name = "alice.pem"): { name: string; bytes: Buffer } {
  return { name, bytes: Buffer.from(content) };
}
