/** Reads certificates from PEM or DER into typed values. RFC 5280 §4. */
import { X509Certificate } from "node:crypto";
import type { NamedBytes } from "../foundation/ports.ts";
import { signatureAlgorithm, type SignatureAlgorithm } from "./algorithms.ts";
import {
  bits,
  children,
  contextTag,
  extensionValue,
  extensionsOf,
  integer,
  isA,
  isSameElement,
  isDer,
  isTrue,
  oid,
  parsed,
  tagged,
  type Element,
  type Extension,
} from "./asn1.ts";
import { comparableName, nameAttributes, type NameAttribute } from "./names.ts";
import { containerOf, mistakenFor, unfit } from "./file-kinds.ts";
import { onlyLabels, pemBlocks, unwrapped } from "./pem.ts";

export interface Certificate {
  file: string;
  x509: X509Certificate;
  der: Buffer;
  /** `O=Example Corp, CN=alice`; empty for an empty subject. */
  subject: string;
  issuer: string;
  names: { subject: NameAttribute[]; issuer: NameAttribute[] };
  /** In the form of comparableName. */
  comparable: { subject: readonly string[]; issuer: readonly string[] };
  serial: bigint;
  notBefore: Date;
  notAfter: Date;
  /** 1, 2 or 3. */
  version: number;
  signedWith: SignatureAlgorithm;
  /** The OID of the public key, which Node need not support. */
  keyAlgorithm: string | undefined;
  extensions: readonly Extension[];
  /** Violations of RFC 5280 §4.1 and §4.2, such as `has the extension 2.5.29.15 twice`. */
  faults: readonly string[];
  /** Bit numbers that are set; undefined without the extension. */
  keyUsage: ReadonlySet<number> | undefined;
  /** Dotted OIDs; undefined without the extension. */
  extendedKeyUsage: readonly string[] | undefined;
  basicConstraints: BasicConstraints | undefined;
}

/** Unlike node:crypto's `ca`, this says nothing about keyUsage. */
export interface BasicConstraints {
  ca: boolean;
  /** How many CAs may follow below; undefined for any number. */
  pathLength: number | undefined;
}

const isCertificate = /^((X509|TRUSTED) )?CERTIFICATE$/;
/** id-ce, RFC 5280 §4.2.1. */
const standardExtensions = "2.5.29.";

/**
 * Every certificate of a file, in the file's order: one in DER, or any number of PEM blocks.
 * @throws EksX509Error CERTIFICATE_MISSING, CERTIFICATE_UNREADABLE, PEM_MALFORMED, and CERTIFICATE_IS_… for another kind of file
 */
export function readCertificates(given: NamedBytes): [Certificate, ...Certificate[]] {
  const file = unwrapped(given);
  try {
    return certificatesIn(file);
  } catch (error) {
    throw mistakenFor(file) ?? error;
  }
}

function certificatesIn(file: NamedBytes): [Certificate, ...Certificate[]] {
  if (isDer(file.bytes)) return derCertificates(file);
  const blocks = pemBlocks(file, "certificate", isCertificate);
  const [first, ...others] = blocks
    .filter(({ label }) => isCertificate.test(label))
    .map(({ der, line }) => readDer(file.name, `${file.name}, line ${line}`, der));
  if (first) return [first, ...others];
  const { what, hint } = containerOf(file.bytes) ?? {
    what: `contains no certificate, ${onlyLabels(blocks) ?? "no PEM block"}`,
    hint: "Use a file with a CERTIFICATE block (PEM), or a certificate in DER.",
  };
  throw unfit("CERTIFICATE_MISSING", `${file.name} ${what}`, hint);
}

/** Certificates one after the other, up to bytes that are none, such as OpenSSL's trust settings. */
function derCertificates({ name, bytes }: NamedBytes): [Certificate, ...Certificate[]] {
  const first = readDer(name, name, bytes);
  try {
    return [first, ...derCertificates({ name, bytes: bytes.subarray(first.der.length) })];
  } catch {
    return [first];
  }
}

function readDer(file: string, place: string, bytes: Uint8Array): Certificate {
  try {
    return parseCertificate(file, bytes);
  } catch (cause) {
    const hint = "Use a certificate in PEM or DER.";
    throw (
      mistakenFor({ name: place, bytes }) ??
      unfit("CERTIFICATE_UNREADABLE", `${place}: not an X.509 certificate`, hint, cause)
    );
  }
}

/**
 * @param bytes may continue behind the certificate, as OpenSSL's TRUSTED CERTIFICATE does with its trust settings
 * @throws TypeError when the bytes are no certificate
 */
export function parseCertificate(file: string, bytes: Uint8Array): Certificate {
  const x509 = new X509Certificate(bytes);
  const [tbs, algorithm] = children(parsed(x509.raw));
  const signedBy = oid(children(algorithm)[0]);
  if (!tbs || signedBy === undefined) throw new TypeError("no signature algorithm");
  // Serial number, signature, issuer, validity, subject, … follow on the version, `[0]`, which may be left out. RFC 5280 §4.1.
  const [, signature, issuer, validity, subject, keyInfo] = children(tbs).filter(
    (field) => contextTag(field) === undefined,
  );
  const extensions = extensionsOf(tbs);
  const usage = extensionValue(extensions, "2.5.29.15");
  const purposes = extensionValue(extensions, "2.5.29.37");
  const constraints = extensionValue(extensions, "2.5.29.19");
  return {
    file,
    x509,
    der: x509.raw,
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    names: { subject: nameAttributes(subject), issuer: nameAttributes(issuer) },
    comparable: { subject: comparableName(subject), issuer: comparableName(issuer) },
    serial: serialNumber(x509.serialNumber),
    notBefore: date(x509.validFrom),
    notAfter: date(x509.validTo),
    version: version(tbs),
    signedWith: signatureAlgorithm(signedBy, pssHash(algorithm)),
    keyAlgorithm: oid(children(children(keyInfo)[0])[0]),
    faults: [
      ...(isSameElement(signature, algorithm) ? [] : ["has two different signature algorithms"]),
      ...validityFaults(validity),
      ...keyFaults(keyInfo),
      ...extensionFaults(extensions),
    ],
    extensions,
    keyUsage: setBits(bits(usage)),
    // `SEQUENCE OF OBJECT IDENTIFIER`, RFC 5280 §4.2.1.12.
    extendedKeyUsage: purposes && children(purposes).map((purpose) => oid(purpose) ?? "?"),
    basicConstraints: constraints && basicConstraints(children(constraints)),
  };
}

/** `hashAlgorithm [0]` of RSASSA-PSS-params, RFC 4055 §3.1. */
export function pssHash(algorithm: Element | undefined): string | undefined {
  return oid(children(children(tagged(children(algorithm)[1], 0))[0])[0]);
}

function extensionFaults(extensions: readonly Extension[]): string[] {
  return extensions.flatMap(({ id, value }, index) => [
    ...(extensions.findIndex((other) => other.id === id) < index ? [`has the extension ${id} twice`] : []),
    ...(isMalformed(id, value) ? [`has a malformed extension ${id}`] : []),
  ]);
}

/** Whether a standard extension holds no ASN.1, or another type than RFC 5280 §4.2.1 gives it. */
function isMalformed(id: string, value: Element | undefined): boolean {
  if (id === "2.5.29.14") return !isA("octetString", value);
  if (id === "2.5.29.15") return !isA("bitString", value);
  if (/^2\.5\.29\.(1[789]|3[0-35-7]|46)$/.test(id)) return !isA("sequence", value);
  return value === undefined && id.startsWith(standardExtensions);
}

/** RFC 5280 §4.1.2.5: UTCTime (23) or GeneralizedTime (24), with seconds, without fractions and other time zones. */
function validityFaults(validity: Element | undefined): string[] {
  const dates = children(validity).map(({ tag, content }) => `${tag} ${content.toString("latin1")}`);
  return dates.every((written) => /^(23 \d{12}|24 \d{14})Z$/.test(written)) ? [] : ["has a malformed date"];
}

/** RFC 5480 §2.1.1: an EC key has a named curve. */
function keyFaults(keyInfo: Element | undefined): string[] {
  const [algorithm, parameters] = children(children(keyInfo)[0]);
  const isExplicit = oid(algorithm) === "1.2.840.10045.2.1" && isA("sequence", parameters);
  return isExplicit ? ["has an EC key with explicit parameters, not with a named curve"] : [];
}

/** RFC 5280 §4.1.2.2 asks for a positive number. CAs have issued negative ones, which node:crypto returns as `-05`. */
function serialNumber(hex: string): bigint {
  return hex.startsWith("-") ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
}

/** OpenSSL's text of a date, which is `Bad time value` where the certificate holds none. */
function date(text: string): Date {
  const parsed = new Date(text);
  if (Number.isNaN(parsed.getTime())) throw new TypeError("a malformed date");
  return parsed;
}

/** node:crypto writes a name over several lines, most general part first. */
function oneLine(lines: string | undefined): string {
  return (lines ?? "").split("\n").filter(Boolean).join(", ");
}

/** `version [0] EXPLICIT Version DEFAULT v1`, where v3 is written 2. */
function version(tbs: Element): number {
  return Number(integer(children(tagged(tbs, 0))[0]) ?? 0n) + 1;
}

/** `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`, RFC 5280 §4.2.1.9. */
function basicConstraints(fields: readonly Element[]): BasicConstraints {
  const length = fields.map(integer).find((number) => number !== undefined);
  return { ca: fields.some(isTrue), pathLength: length === undefined ? undefined : Number(length) };
}

function setBits(bytes: Uint8Array | undefined): ReadonlySet<number> | undefined {
  if (!bytes) return undefined;
  const set = new Set<number>();
  bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit += 1) if (byte & (0x80 >> bit)) set.add(index * 8 + bit);
  });
  return set;
}
