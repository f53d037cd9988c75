/**
 * The fields of a certificate that node:crypto does not tell: version, signature algorithm, key usage, CA.
 * RFC 5280 §4.1, §4.2.1.3 and §4.2.1.9. Read with asn1js, a fifth of the start-up cost of a whole X.509 library.
 */
import { BitString, Boolean as AsnBoolean, Integer, type BaseBlock } from "asn1js";
import { children, extensionValue, oid, parsed, tagged } from "./asn1.ts";

export interface CertificateFields {
  /** 1, 2 or 3. */
  version: number;
  /** Dotted OID of the algorithm that signed the certificate. */
  signatureAlgorithm: string;
  /** Dotted OID of the hash that RSASSA-PSS names in its parameters; undefined for other algorithms, and for PSS's default, SHA-1. */
  pssHash: string | undefined;
  /** Bit numbers that are set; undefined without the extension. 0 is digitalSignature, 5 keyCertSign. */
  keyUsage: ReadonlySet<number> | undefined;
  /** basicConstraints CA:true, whatever keyUsage says; node:crypto's `ca` is false without keyCertSign. */
  basicConstraintsCa: boolean;
}

const keyUsageExtension = "2.5.29.15";
const basicConstraintsExtension = "2.5.29.19";

/** Undefined when the bytes are no certificate. */
export function certificateFields(der: Uint8Array): CertificateFields | undefined {
  const [tbs, algorithm] = children(parsed(der));
  const signatureAlgorithm = oid(children(algorithm)[0]);
  if (!tbs || signatureAlgorithm === undefined) return undefined;
  return {
    version: version(tbs),
    signatureAlgorithm,
    pssHash: oid(children(children(tagged(children(algorithm)[1], 0))[0])[0]),
    keyUsage: keyUsage(extensionValue(tbs, keyUsageExtension)),
    basicConstraintsCa: isCa(extensionValue(tbs, basicConstraintsExtension)),
  };
}

/** `version [0] EXPLICIT Version DEFAULT v1`, where v3 is written 2. */
function version(tbs: BaseBlock): number {
  const written = children(tagged(tbs, 0))[0];
  return written instanceof Integer ? written.valueBlock.valueDec + 1 : 1;
}

function keyUsage(value: BaseBlock | undefined): ReadonlySet<number> | undefined {
  return value instanceof BitString ? setBits(value.valueBlock.valueHexView) : undefined;
}

/** `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`. */
function isCa(value: BaseBlock | undefined): boolean {
  const [ca] = children(value);
  return ca instanceof AsnBoolean && ca.getValue();
}

function setBits(bytes: Uint8Array): ReadonlySet<number> {
  const set = new Set<number>();
  bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit += 1) if (byte & (0x80 >> bit)) set.add(index * 8 + bit);
  });
  return set;
}
