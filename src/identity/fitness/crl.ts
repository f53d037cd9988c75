/** Certificate revocation lists, RFC 5280 §5, and which certificates they revoke. */
import { constants, verify } from "node:crypto";
import type { NamedBytes } from "../../foundation/ports.ts";
import { publicKey, verification } from "../algorithms.ts";
import {
  bits,
  children,
  contextTag,
  extensionsIn,
  integer,
  isA,
  isDer,
  oid,
  parsed,
  tagged,
  time,
  type Element,
} from "../asn1.ts";
import { pssHash, type Certificate } from "../certificate.ts";
import { comparableName, nameAttributes, nameKey, nameText } from "../names.ts";
import { pemBlocks, unwrapped } from "../pem.ts";

export interface Crl {
  file: string;
  /** `O=Example Corp, CN=Example CA`. */
  issuer: string;
  comparableIssuer: readonly string[];
  /** Undefined if the list does not say when the next one appears. */
  nextUpdate: Date | undefined;
  /** When each was revoked, by serial number. */
  revoked: ReadonlyMap<bigint, Date>;
  /** Why it cannot be used, such as a critical extension that only a delta or an indirect list has. */
  limits: string | undefined;
  isSignedBy: (issuer: Certificate) => boolean;
}

/** Undefined for a file without such a list. */
export function readCrls(given: NamedBytes): [Crl, ...Crl[]] | undefined {
  const file = unwrapped(given);
  const lists = isDer(file.bytes)
    ? [file.bytes]
    : pemBlocks(file, "certificate", isCrl).flatMap(({ label, der }) => (isCrl.test(label) ? [der] : []));
  const crls = lists.map((bytes) => crlIn(file.name, bytes));
  const [first, ...others] = crls.filter((crl) => crl !== undefined);
  return first && crls.length === others.length + 1 ? [first, ...others] : undefined;
}

const isCrl = /^X509 CRL$/;

function crlIn(file: string, bytes: Uint8Array): Crl | undefined {
  const [tbs, algorithm, signed] = children(parsed(bytes));
  const [id, fields, signature] = [oid(children(algorithm)[0]), children(tbs), bits(signed)];
  // The version is there if the list is of version 2.
  const [, issuer, , ...rest] = isA("integer", fields[0]) ? fields.slice(1) : fields;
  if (!tbs || !issuer || id === undefined || !signature) return undefined;
  const untagged = rest.filter((field) => contextTag(field) === undefined);
  const entries = children(untagged.find((field) => !isTime(field))).map(entryIn);
  const next = untagged.find(isTime);
  if (entries.some((entry) => entry === undefined) || (next && !time(next))) return undefined;
  return {
    file,
    issuer: nameText(nameAttributes(issuer)),
    comparableIssuer: comparableName(issuer),
    nextUpdate: next && time(next),
    revoked: new Map(entries.filter((entry) => entry !== undefined)),
    limits: criticalExtension(tbs),
    isSignedBy: (certificate) => isSigned(tbs, signature, verification(id, pssHash(algorithm)), certificate),
  };
}

/** `SEQUENCE { userCertificate, revocationDate, crlEntryExtensions OPTIONAL }`, RFC 5280 §5.1. */
function entryIn(entry: Element): [bigint, Date] | undefined {
  const [serial, date] = children(entry);
  const [number, at] = [integer(serial), time(date)];
  return number !== undefined && at ? [number, at] : undefined;
}

function isTime(field: Element): boolean {
  return isA("utcTime", field) || isA("generalizedTime", field);
}

/** RFC 5280 §5.2: a list with an unknown critical extension is not used. Delta lists and distribution points are critical. */
function criticalExtension(tbs: Element): string | undefined {
  const critical = extensionsIn(tagged(tbs, 0)).find(({ isCritical }) => isCritical);
  return critical && `has the critical extension ${critical.id}, which only a part of a list has`;
}

function isSigned(
  tbs: Element,
  signature: Buffer,
  how: ReturnType<typeof verification>,
  { x509 }: Certificate,
): boolean {
  const key = publicKey(x509);
  if (!how || !key) return false;
  const padding = how.isPss ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
  try {
    return verify(how.hash, tbs.whole, { key, ...padding }, signature);
  } catch {
    return false;
  }
}

export interface Revocation {
  certificate: Certificate;
  crl: Crl;
  at: Date;
}

/** The first certificate of the path that a list of its issuer revokes. */
export function revocationIn(path: readonly Certificate[], crls: readonly Crl[]): Revocation | undefined {
  for (const certificate of path)
    for (const crl of crls) {
      const at = isOfIssuer(crl, certificate) ? crl.revoked.get(certificate.serial) : undefined;
      if (at) return { certificate, crl, at };
    }
  return undefined;
}

export function isOfIssuer({ comparableIssuer }: Crl, { comparable }: Certificate): boolean {
  return nameKey(comparableIssuer) === nameKey(comparable.issuer);
}
