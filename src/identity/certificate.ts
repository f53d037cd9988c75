/** A certificate, read once: PEM or DER bytes in, typed values out. */
import { X509Certificate } from "node:crypto";
import { EksX509Error } from "../foundation/errors.ts";
import type { NamedBytes } from "../foundation/files.ts";
import { certificateFields, type CertificateFields } from "./certificate-fields.ts";
import { mistakenFor } from "./not-a-certificate.ts";
import { pemBlocks } from "./pem.ts";

export interface Certificate extends CertificateFields {
  /** Name of the file that holds it, for messages. */
  file: string;
  x509: X509Certificate;
  der: Buffer;
  /** `O=Example Corp, CN=alice`; empty for an empty subject. */
  subject: string;
  issuer: string;
  serial: bigint;
  notBefore: Date;
  notAfter: Date;
}

/**
 * Every certificate of a file, in the file's order: one in DER, or any number of PEM blocks.
 * @throws EksX509Error CERTIFICATE_MISSING, CERTIFICATE_UNREADABLE, PEM_MALFORMED, and CERTIFICATE_IS_… for what people take for one
 */
export function readCertificates(file: NamedBytes): [Certificate, ...Certificate[]] {
  try {
    return certificatesIn(file);
  } catch (error) {
    throw mistakenFor(file) ?? error;
  }
}

function certificatesIn(file: NamedBytes): [Certificate, ...Certificate[]] {
  // A DER certificate is a SEQUENCE, 0x30, of more than 127 bytes: a PEM file can begin with the digit 0, but not with 0x30 0x8x.
  if (file.bytes[0] === 0x30 && (file.bytes[1] ?? 0) >= 0x80)
    return [readDer(file.name, file.name, file.bytes)];
  const blocks = pemBlocks(file, "certificate");
  const [first, ...others] = blocks
    .filter(({ label }) => label === "CERTIFICATE" || label === "X509 CERTIFICATE")
    .map(({ der, line }) => readDer(file.name, `${file.name}, line ${line}`, der));
  if (first) return [first, ...others];
  throw missing(
    file.name,
    blocks.map(({ label }) => label),
  );
}

function readDer(file: string, place: string, bytes: Uint8Array): Certificate {
  try {
    const x509 = new X509Certificate(bytes);
    const fields = certificateFields(x509.raw);
    if (!fields) throw new TypeError("no signature algorithm");
    return {
      ...fields,
      file,
      x509,
      der: x509.raw,
      subject: distinguishedName(x509.subject),
      issuer: distinguishedName(x509.issuer),
      serial: serialNumber(x509.serialNumber),
      notBefore: date(x509.validFrom),
      notAfter: date(x509.validTo),
    };
  } catch (cause) {
    throw new EksX509Error({
      category: "identity",
      hop: "certificate",
      code: "CERTIFICATE_UNREADABLE",
      message: `${place}: not an X.509 certificate`,
      hint: "Give the certificate in PEM or DER. A PKCS#12 file (.p12, .pfx) converts with: openssl pkcs12 -in FILE -out FILE.pem -nodes",
      cause,
    });
  }
}

/** RFC 5280 §4.1.2.2 wants it positive; of the negative ones that CAs have issued all the same, node:crypto tells `-05`. */
function serialNumber(hex: string): bigint {
  return hex.startsWith("-") ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
}

/** OpenSSL's text of a date; `Bad time value` where the certificate holds none. */
function date(text: string): Date {
  const parsed = new Date(text);
  if (Number.isNaN(parsed.getTime())) throw new TypeError("a malformed date");
  return parsed;
}

/** node:crypto writes a name over several lines, most general part first. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? "").split("\n").filter(Boolean).join(", ");
}

function missing(name: string, labels: string[]): EksX509Error {
  const found = labels.length > 0 ? `only ${[...new Set(labels)].join(", ")}` : "no PEM block at all";
  return new EksX509Error({
    category: "identity",
    hop: "certificate",
    code: "CERTIFICATE_MISSING",
    message: `${name}: holds no certificate, ${found}`,
    hint: "Give a file with a CERTIFICATE block (PEM) or a DER certificate as --certificate.",
  });
}
