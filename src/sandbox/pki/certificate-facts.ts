/** The fields of a certificate that node:crypto does not expose: RFC 5280, section 4. */
import type { X509Certificate } from "node:crypto";
import {
  type DerValue,
  integer,
  isTrue,
  members,
  objectIdentifier,
  octets,
  parseDer,
  tagged,
} from "./der.ts";
import { type SignatureHash, signatureHash } from "./signature-hash.ts";

export interface CertificateFacts {
  /** 1 or 3. */
  version: number;
  /** Undefined if basicConstraints is missing. */
  isAuthority: boolean | undefined;
  /** Maximum number of authorities below; undefined for any number. */
  pathLength: number | undefined;
  /** Undefined if keyUsage is missing. */
  keyUsage: { digitalSignature: boolean; keyCertSign: boolean } | undefined;
  signatureHash: SignatureHash;
  subject: DerValue | undefined;
  issuer: DerValue | undefined;
  /** GeneralNames of subjectAltName; empty if missing. */
  alternativeNames: readonly DerValue[];
}

const keyUsageId = "2.5.29.15";
const subjectAltNameId = "2.5.29.17";
const basicConstraintsId = "2.5.29.19";

/** Reads the facts; undefined if the DER is not a certificate. */
export function readCertificate(certificate: X509Certificate): CertificateFacts | undefined {
  const [toBeSigned, algorithm] = members(parseDer(certificate.raw));
  const version = (integer(members(tagged(toBeSigned, 0))[0]) ?? 0) + 1;
  // serialNumber, signature, issuer, validity and subject follow the version, which v1 omits.
  const [, , issuer, , subject] = members(toBeSigned).slice(version === 1 ? 0 : 1);
  if (toBeSigned === undefined || algorithm === undefined) return undefined;
  const extensions = readExtensions(toBeSigned);
  return {
    version,
    ...basicConstraints(extensions.get(basicConstraintsId)),
    keyUsage: keyUsage(extensions.get(keyUsageId)),
    signatureHash: signatureHash(algorithm),
    subject,
    issuer,
    alternativeNames: members(extensions.get(subjectAltNameId)),
  };
}

function readExtensions(toBeSigned: DerValue): ReadonlyMap<string, DerValue> {
  const extensions = new Map<string, DerValue>();
  for (const extension of members(members(tagged(toBeSigned, 3))[0])) {
    const parts = members(extension);
    const id = objectIdentifier(parts[0]);
    const value = parseDer(octets(parts.at(-1)));
    if (id !== undefined && value !== undefined) extensions.set(id, value);
  }
  return extensions;
}

function basicConstraints(
  extension: DerValue | undefined,
): Pick<CertificateFacts, "isAuthority" | "pathLength"> {
  if (extension === undefined) return { isAuthority: undefined, pathLength: undefined };
  const parts = members(extension);
  return { isAuthority: isTrue(parts[0]), pathLength: integer(parts.at(-1)) };
}

/** Bit 0 is digitalSignature, bit 5 is keyCertSign, counted from the left. */
function keyUsage(extension: DerValue | undefined): CertificateFacts["keyUsage"] {
  if (extension === undefined) return undefined;
  const bits = octets(extension)[0] ?? 0;
  return { digitalSignature: (bits & 0x80) !== 0, keyCertSign: (bits & 0x04) !== 0 };
}
