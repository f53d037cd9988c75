/** Reads DER (X.690) without trusting its shape: an unexpected value is undefined or empty. */
import * as asn1 from "asn1js";

export type DerValue = asn1.AsnType;

/** Parses one DER value; undefined if the bytes are not exactly one. */
export function parseDer(bytes: Uint8Array): DerValue | undefined {
  const { offset, result } = asn1.fromBER(bytes);
  return offset === bytes.length ? result : undefined;
}

/** The members of a SEQUENCE, a SET or an explicitly tagged value. */
export function members(value: DerValue | undefined): readonly DerValue[] {
  const isConstructed = value instanceof asn1.Constructed;
  return isConstructed ? value.valueBlock.value : [];
}

/** The member under context-specific tag `[number]`, as in `extensions [3] EXPLICIT`. */
export function tagged(value: DerValue | undefined, number: number): DerValue | undefined {
  return members(value).find(({ idBlock }) => idBlock.tagClass === 3 && idBlock.tagNumber === number);
}

/** An OBJECT IDENTIFIER in dotted form. */
export function objectIdentifier(value: DerValue | undefined): string | undefined {
  return value instanceof asn1.ObjectIdentifier ? value.valueBlock.toString() : undefined;
}

/** A small INTEGER. */
export function integer(value: DerValue | undefined): number | undefined {
  return value instanceof asn1.Integer ? value.valueBlock.valueDec : undefined;
}

/** A character string of any kind. */
export function text(value: DerValue | undefined): string | undefined {
  return value instanceof asn1.BaseStringBlock ? value.getValue() : undefined;
}

/** The content of an OCTET STRING, a BIT STRING or an implicitly tagged primitive. */
export function octets(value: DerValue | undefined): Uint8Array {
  if (value instanceof asn1.OctetString || value instanceof asn1.BitString)
    return value.valueBlock.valueHexView;
  return value instanceof asn1.Primitive ? value.valueBlock.valueHexView : new Uint8Array();
}

/** A BOOLEAN; false for anything else, as in DEFAULT FALSE. */
export function isTrue(value: DerValue | undefined): boolean {
  return value instanceof asn1.Boolean && value.valueBlock.value;
}
