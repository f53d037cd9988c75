/** Recognizes files that people confuse with a certificate or a key, by their PEM labels or their first fields. */
import { errorsOf, type CodeOf, type EksX509Error } from "../foundation/errors.ts";
import type { NamedBytes } from "../foundation/ports.ts";
import { children, contextTag, isA, isDer, oid, parsed, type Element } from "./asn1.ts";
import { pemBlocks, pemLabels, unwrapped } from "./pem.ts";

/** A certificate, or a file, that cannot be used. */
export const unfit = errorsOf("identity", "certificate");

export type FileKind = "request" | "key" | "encryptedKey" | "publicKey" | "pkcs12" | "pkcs7";

interface Mistake {
  code: CodeOf<"identity", "certificate">;
  /** `a certificate signing request` */
  what: string;
  hint: string;
}

const key: Mistake = {
  code: "CERTIFICATE_IS_KEY",
  what: "a private key",
  hint: "Use the certificate that belongs to it, and pass the key as --private-key.",
};

const mistakes: Readonly<Record<FileKind, Mistake>> = {
  request: {
    code: "CERTIFICATE_IS_REQUEST",
    what: "a certificate signing request",
    hint: "Use the certificate that the CA issued for it.",
  },
  key,
  encryptedKey: key,
  publicKey: {
    code: "CERTIFICATE_IS_PUBLIC_KEY",
    what: "a public key",
    hint: "Use the certificate that a CA issued for it.",
  },
  pkcs12: {
    code: "CERTIFICATE_IS_PKCS12",
    what: "a PKCS#12 file (.p12, .pfx)",
    hint: "Extract the certificates: openssl pkcs12 -in FILE -nokeys -out FILE.pem. Add -legacy if OpenSSL reports an unsupported algorithm.",
  },
  pkcs7: {
    code: "CERTIFICATE_IS_PKCS7",
    what: "a PKCS#7 file (.p7b, .p7c)",
    hint: "Extract the certificates: openssl pkcs7 -print_certs -in FILE -out FILE.pem. Add -inform DER if it is not PEM. If its label is CMS, change the label to PKCS7.",
  },
};

/** Files of other programs, by the bytes with which they begin. The commands are for a certificate and for a key. */
const containers: readonly (readonly [begin: string | RegExp, what: string, hint: string])[] = [
  ...["\xfe\xed\xfe\xed", "\xce\xce\xce\xce"].map(
    (begin) =>
      [
        begin,
        "is a Java keystore (.jks)",
        "Extract the key and the certificates: (umask 077; keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12 && openssl pkcs12 -in FILE.p12 -nodes -out FILE.pem)",
      ] as const,
  ),
  [
    "PuTTY-User-Key-File",
    "is a PuTTY key (.ppk)",
    "Convert it: puttygen FILE -O private-openssh -o FILE.pem",
  ],
  [
    "\x1e\xf1\xb5\xb0",
    "is a Microsoft key (.pvk)",
    "Convert it: (umask 077; openssl rsa -inform PVK -in FILE -out FILE.pem). Add -provider legacy -provider default if it has a password.",
  ],
  [
    "\x07\x02\x00\x00",
    "is a Microsoft key BLOB",
    "Convert it: (umask 077; openssl rsa -inform MSBLOB -in FILE -out FILE.pem)",
  ],
  [
    "SQLite format 3",
    "is an SQLite database, such as key4.db of NSS",
    "Export the key and its certificate: (umask 077; pk12util -o FILE.p12 -d FOLDER -n NAME)",
  ],
  [
    /^\s*\{[^]*"kty"\s*:/,
    "is a JSON Web Key",
    `Convert it: (umask 077; node -p 'crypto.createPrivateKey({ key: JSON.parse(fs.readFileSync("FILE")), format: "jwk" }).export({ type: "pkcs8", format: "pem" })' > FILE.pem)`,
  ],
  [
    "-----BEGIN PKCS#11 PROVIDER URI",
    "names a key on a token, for OpenSSL's pkcs11 provider",
    "Use the pkcs11: URI in it as --private-key: openssl asn1parse -in FILE",
  ],
  ["\x1f\x8b", "is compressed with gzip", "Unpack it: (umask 077; gzip -dc FILE > FILE.pem)"],
  ["PK\x03\x04", "is a ZIP archive", "Unpack it: (umask 077; unzip FILE)"],
];

/** Undefined for a file of another kind. */
export function containerOf(bytes: Uint8Array): { what: string; hint: string } | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  if (text.trim() === "") return { what: "is empty", hint: "Write the file again, or correct the path." };
  const found = containers.find(([begin]) =>
    typeof begin === "string" ? text.startsWith(begin) : begin.test(text),
  );
  return found && { what: found[1], hint: found[2] };
}

/** The first match names a file with several blocks. */
const labels: readonly (readonly [RegExp, FileKind])[] = [
  [/^(NEW )?CERTIFICATE REQUEST$/, "request"],
  [/^(PKCS7|CMS)$/, "pkcs7"],
  [/PRIVATE KEY$/, "key"],
  [/PUBLIC KEY$/, "publicKey"],
];

/** Undefined for an unknown file, and for a file that also contains a CERTIFICATE block. */
export function mistakenFor(file: NamedBytes): EksX509Error | undefined {
  const found = pemLabels(file);
  const kind = found.length > 0 ? kindOfPem(found) : kindOfDer(file.bytes);
  if (!kind) return undefined;
  const { code, what, hint } = mistakes[kind];
  return unfit(code, `${file.name} is ${what}, not a certificate`, hint);
}

function kindOfPem(found: readonly string[]): FileKind | undefined {
  if (found.some((label) => label.endsWith("CERTIFICATE"))) return undefined;
  return labels.find(([pattern]) => found.some((label) => pattern.test(label)))?.[1];
}

const contentTypes = "1.2.840.113549.1.7.";
const encryptionSchemes = /^1\.2\.840\.113549\.1\.(5|12)\./;

/** The structure of a PKCS#12 file: DER, DER in base64, or the PEM block that certtool writes. Undefined for a file of another kind. */
export function pkcs12In(given: NamedBytes): Uint8Array | undefined {
  const file = unwrapped(given);
  if (isDer(file.bytes)) return kindOfDer(file.bytes) === "pkcs12" ? file.bytes : undefined;
  if (!pemLabels(file).includes("PKCS12")) return undefined;
  return pemBlocks(file, "private-key", /^PKCS12$/).find(({ label }) => label === "PKCS12")?.der;
}

export function kindOfDer(bytes: Uint8Array): FileKind | undefined {
  const whole = parsed(bytes);
  if (!isA("sequence", whole)) return undefined;
  const fields = children(whole);
  const [first, second] = fields;
  if (oid(first)?.startsWith(contentTypes)) return "pkcs7";
  if (oid(children(second)[0])?.startsWith(contentTypes)) return "pkcs12";
  if (isRequest(fields)) return "request";
  // SubjectPublicKeyInfo, RFC 5280 §4.1.
  if (isA("bitString", second) && oid(children(first)[0]) !== undefined) return "publicKey";
  return kindOfKey(fields);
}

/** PKCS#1 and PKCS#8 begin with version 0, SEC 1 with version 1. PKCS#8's EncryptedPrivateKeyInfo (RFC 5958 §3) has no version. */
function kindOfKey([first, second]: readonly Element[]): FileKind | undefined {
  if (isA("integer", first)) return second && "key";
  const isEncrypted = encryptionSchemes.test(oid(children(first)[0]) ?? "");
  return isA("octetString", second) && isEncrypted ? "encryptedKey" : undefined;
}

/** PKCS#10, RFC 2986 §4: `SEQUENCE { INTEGER 0, Name, SubjectPublicKeyInfo, [0] Attributes }`, algorithm and signature. */
function isRequest([information]: readonly Element[]): boolean {
  const [version, , , attributes] = children(information);
  return isA("integer", version) && attributes !== undefined && contextTag(attributes) === 0;
}
