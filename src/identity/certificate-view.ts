/** The values of a certificate that cert inspect and token debug print. */
import { createHash } from "node:crypto";
import { keyKind, mlDsaName, publicKey } from "./algorithms.ts";
import type { Certificate } from "./certificate.ts";
import { alternativeNames, subjectAlternativeNames, type AlternativeNames } from "./names.ts";

export interface CertificateView extends Omit<Certificate, "serial" | "keyUsage" | "extendedKeyUsage"> {
  /** Hex as in Roles Anywhere's session name: lower case, without leading zeros. Both have a minus sign when negative. */
  serial: { decimal: string; hex: string };
  /** Whole days until it expires. After that, minus the whole days since then, and -1 on the first. */
  daysLeft: number;
  key: string;
  signatureAlgorithm: string;
  /** By name; undefined without the extension. */
  keyUsage: string[] | undefined;
  /** By name, or dotted OID; undefined without the extension. */
  extendedKeyUsage: string[] | undefined;
  alternativeNames: AlternativeNames;
  /** SHA-256 over the DER, hex, lower case. */
  fingerprint: string;
}

const day = 86_400_000;

/** RFC 5280 §4.2.1.3, by bit number. */
const keyUsages = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

const extendedKeyUsages: ReadonlyMap<string, string> = new Map([
  ["2.5.29.37.0", "anyExtendedKeyUsage"],
  ["1.3.6.1.5.5.7.3.1", "serverAuth"],
  ["1.3.6.1.5.5.7.3.2", "clientAuth"],
  ["1.3.6.1.5.5.7.3.3", "codeSigning"],
  ["1.3.6.1.5.5.7.3.4", "emailProtection"],
  ["1.3.6.1.5.5.7.3.8", "timeStamping"],
  ["1.3.6.1.5.5.7.3.9", "OCSPSigning"],
  ["1.3.6.1.5.5.7.3.17", "ipsecIKE"],
  ["1.3.6.1.5.5.7.3.21", "secureShellClient"],
  ["1.3.6.1.4.1.311.20.2.2", "msSmartcardLogin"],
]);

export function certificateView(certificate: Certificate, now: Date): CertificateView {
  const { serial } = certificate;
  return {
    ...certificate,
    serial: { decimal: serial.toString(), hex: serial.toString(16) },
    daysLeft: daysUntil(certificate.notAfter, now),
    key: mlDsaName(certificate.keyAlgorithm) ?? keyKind(publicKey(certificate.x509)).name,
    signatureAlgorithm: certificate.signedWith.name,
    keyUsage: certificate.keyUsage && [...certificate.keyUsage].map((bit) => keyUsages[bit] ?? `bit ${bit}`),
    extendedKeyUsage: certificate.extendedKeyUsage?.map((id) => extendedKeyUsages.get(id) ?? id),
    alternativeNames: alternativeNames(subjectAlternativeNames(certificate.extensions)),
    fingerprint: createHash("sha256").update(certificate.der).digest("hex"),
  };
}

/** Rounded down, as in messages: a certificate that expired 2152 and a half days ago expired 2152 days ago. */
function daysUntil(notAfter: Date, now: Date): number {
  const days = (notAfter.getTime() - now.getTime()) / day;
  return days < 0 ? Math.min(-1, Math.ceil(days)) : Math.floor(days);
}

/** `expired`, `1 day left`, `38 days left`. */
export function remainingTime({ daysLeft }: Pick<CertificateView, "daysLeft">): string {
  return daysLeft < 0 ? "expired" : `${daysLeft} day${daysLeft === 1 ? "" : "s"} left`;
}
