/** A certificate as people look at it: everything that cert inspect and token debug show, in plain values. */
import { createHash } from "node:crypto";
import { Boolean as AsnBoolean, fromBER, Integer, type BaseBlock } from "asn1js";
import { alternativeNames, type AlternativeNames } from "./alternative-names.ts";
import { children, contextTag, extensionValue, oid } from "./asn1.ts";
import type { Certificate } from "./certificate.ts";
import { nameAttributes, type NameAttribute } from "./distinguished-name.ts";
import { publicKeyKind } from "./public-key.ts";
import { extendedKeyUsageName, keyUsageNames, signatureAlgorithmName } from "./usage-names.ts";

export interface CertificateView {
  /** `O=Example Corp, CN=alice`, in the certificate's order; empty for an empty subject. */
  subject: string;
  issuer: string;
  /** Hex as Roles Anywhere's session name has it: lower case, without leading zeros; both with a minus sign when negative. */
  serial: { decimal: string; hex: string };
  notBefore: Date;
  notAfter: Date;
  /** Whole days until it expires; when it has, minus the whole days since then, and -1 on the first. */
  daysLeft: number;
  version: number;
  /** `RSA 2048`, `EC P-256`. */
  key: string;
  /** `ECDSA with SHA-256`. */
  signatureAlgorithm: string;
  /** By name; undefined without the extension. */
  keyUsage: string[] | undefined;
  /** By name, or dotted OID; undefined without the extension. */
  extendedKeyUsage: string[] | undefined;
  basicConstraints: BasicConstraints | undefined;
  alternativeNames: AlternativeNames;
  /** SHA-256 over the DER, hex, lower case. */
  fingerprint: string;
  names: { subject: NameAttribute[]; issuer: NameAttribute[] };
}

export interface BasicConstraints {
  ca: boolean;
  pathLength: number | undefined;
}

const day = 86_400_000;
const basicConstraintsExtension = "2.5.29.19";
const extendedKeyUsageExtension = "2.5.29.37";

/** @param now what daysLeft counts from */
export function certificateView(certificate: Certificate, now: Date): CertificateView {
  const { subject, issuer, serial, notBefore, notAfter, version, x509, keyUsage } = certificate;
  const [tbs = fromBER(certificate.der).result] = children(fromBER(certificate.der).result);
  return {
    subject,
    issuer,
    serial: { decimal: serial.toString(), hex: serial.toString(16) },
    notBefore,
    notAfter,
    daysLeft: daysUntil(notAfter, now),
    version,
    key: publicKeyKind(x509).name,
    signatureAlgorithm: signatureAlgorithmName(certificate),
    keyUsage: keyUsage && keyUsageNames(keyUsage),
    extendedKeyUsage: extendedKeyUsage(extensionValue(tbs, extendedKeyUsageExtension)),
    basicConstraints: basicConstraints(extensionValue(tbs, basicConstraintsExtension)),
    alternativeNames: alternativeNames(tbs),
    fingerprint: createHash("sha256").update(certificate.der).digest("hex"),
    names: names(tbs),
  };
}

/** Rounded down, as in messages: what expired 2152 and a half days ago, expired 2152 days ago. */
function daysUntil(notAfter: Date, now: Date): number {
  const days = (notAfter.getTime() - now.getTime()) / day;
  return days < 0 ? Math.min(-1, Math.ceil(days)) : Math.floor(days);
}

/** Serial number, signature, issuer, validity, subject, … follow on the version, `[0]`, which may be left out. RFC 5280 §4.1. */
function names(tbs: BaseBlock): CertificateView["names"] {
  const [, , issuer, , subject] = children(tbs).filter((field) => contextTag(field) === undefined);
  return { subject: nameAttributes(subject), issuer: nameAttributes(issuer) };
}

/** `SEQUENCE OF OBJECT IDENTIFIER`, RFC 5280 §4.2.1.12. */
function extendedKeyUsage(value: BaseBlock | undefined): string[] | undefined {
  return value && children(value).map((purpose) => extendedKeyUsageName(oid(purpose) ?? "?"));
}

/** `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`, RFC 5280 §4.2.1.9. */
function basicConstraints(value: BaseBlock | undefined): BasicConstraints | undefined {
  if (!value) return undefined;
  const fields = children(value);
  const length = fields.find((field) => field instanceof Integer);
  return {
    ca: fields.some((field) => field instanceof AsnBoolean && field.getValue()),
    pathLength: length?.valueBlock.valueDec,
  };
}
