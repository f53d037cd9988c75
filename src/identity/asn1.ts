/** The way through a certificate's ASN.1, read with asn1js: each step gives undefined, or nothing, where the bytes are otherwise than expected. */
import { BaseStringBlock, Constructed, fromBER, ObjectIdentifier, OctetString, type BaseBlock } from "asn1js";

/** Undefined for bytes that asn1js throws at, as it does at a date that is none. */
export function parsed(bytes: Uint8Array): BaseBlock | undefined {
  try {
    return fromBER(bytes).result;
  } catch {
    return undefined;
  }
}

/** What is in a SEQUENCE, a SET, or a constructed tag; none for anything else. */
export function children(block: BaseBlock | undefined): BaseBlock[] {
  return block instanceof Constructed ? block.valueBlock.value : [];
}

/** Dotted. */
export function oid(block: BaseBlock | undefined): string | undefined {
  return block instanceof ObjectIdentifier ? block.valueBlock.toString() : undefined;
}

/** Of any of ASN.1's string types. */
export function text(block: BaseBlock | undefined): string | undefined {
  return block instanceof BaseStringBlock ? block.getValue() : undefined;
}

/** The child with context-specific tag [number]. */
export function tagged(block: BaseBlock | undefined, number: number): BaseBlock | undefined {
  return children(block).find((child) => contextTag(child) === number);
}

/** Undefined for a tag that is not context-specific. */
export function contextTag({ idBlock }: BaseBlock): number | undefined {
  return idBlock.tagClass === 3 ? idBlock.tagNumber : undefined;
}

/** What an extension of a TBSCertificate holds: `[3] EXPLICIT SEQUENCE OF { extnID, critical DEFAULT FALSE, extnValue OCTET STRING }`. */
export function extensionValue(tbs: BaseBlock, id: string): BaseBlock | undefined {
  const extensions = children(children(tagged(tbs, 3))[0]);
  const extension = extensions.find((candidate) => oid(children(candidate)[0]) === id);
  const value = children(extension).at(-1);
  return value instanceof OctetString ? parsed(value.valueBlock.valueHexView) : undefined;
}
