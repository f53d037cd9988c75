/** Reads ASN.1 with asn1js. Each function returns undefined or an empty list if the bytes have another form. */
import {
  BaseStringBlock,
  Boolean as AsnBoolean,
  Constructed,
  fromBER,
  ObjectIdentifier,
  OctetString,
  Primitive,
  type BaseBlock,
} from "asn1js";

/**
 * The first element; undefined if asn1js throws an error, for example for an invalid date.
 * @param isWhole whether no bytes may follow it
 */
export function parsed(bytes: Uint8Array, isWhole = false): BaseBlock | undefined {
  try {
    const { result, offset } = fromBER(bytes);
    return isWhole && offset !== bytes.length ? undefined : result;
  } catch {
    return undefined;
  }
}

/** Whether a file is DER: a SEQUENCE, 0x30. A PEM file can begin with the digit 0 as well, but not with such a length behind it. */
export function isDer(bytes: Uint8Array): boolean {
  const [tag, length = 0] = bytes;
  return tag === 0x30 && (length >= 0x80 || length + 2 === bytes.length);
}

export function isSameElement(one: BaseBlock | undefined, other: BaseBlock | undefined): boolean {
  const [first, second] = [one, other].map((block) => block && Buffer.from(block.valueBeforeDecodeView));
  return first !== undefined && second !== undefined && first.equals(second);
}

/** The elements of a SEQUENCE, a SET or a constructed tag; an empty list for other blocks. */
export function children(block: BaseBlock | undefined): BaseBlock[] {
  return block instanceof Constructed ? block.valueBlock.value : [];
}

export function oid(block: BaseBlock | undefined): string | undefined {
  return block instanceof ObjectIdentifier ? block.valueBlock.toString() : undefined;
}

export function text(block: BaseBlock | undefined): string | undefined {
  return block instanceof BaseStringBlock ? block.getValue() : undefined;
}

/** The content of an OCTET STRING or of an implicitly tagged primitive. */
export function octets(block: BaseBlock | undefined): Buffer | undefined {
  return block instanceof OctetString || block instanceof Primitive
    ? Buffer.from(block.valueBlock.valueHexView)
    : undefined;
}

/** BOOLEAN DEFAULT FALSE. */
export function isTrue(block: BaseBlock | undefined): boolean {
  return block instanceof AsnBoolean && block.getValue();
}

export function tagged(block: BaseBlock | undefined, number: number): BaseBlock | undefined {
  return children(block).find((child) => contextTag(child) === number);
}

/** Undefined for a tag that is not context-specific. */
export function contextTag({ idBlock }: BaseBlock): number | undefined {
  return idBlock.tagClass === 3 ? idBlock.tagNumber : undefined;
}

export interface Extension {
  id: string;
  isCritical: boolean;
  /** Undefined if it is not ASN.1. */
  value: BaseBlock | undefined;
}

/** `extensions [3] EXPLICIT`, RFC 5280 §4.1. */
export function extensionsOf(tbs: BaseBlock): Extension[] {
  return extensionsIn(tagged(tbs, 3));
}

/** `SEQUENCE OF { extnID, critical DEFAULT FALSE, extnValue OCTET STRING }` in an explicit tag. */
export function extensionsIn(tag: BaseBlock | undefined): Extension[] {
  return children(children(tag)[0]).map((extension) => {
    const [id, critical] = children(extension);
    const value = octets(children(extension).at(-1));
    return { id: oid(id) ?? "?", isCritical: isTrue(critical), value: value && parsed(value, true) };
  });
}

export function extensionValue(extensions: readonly Extension[], id: string): BaseBlock | undefined {
  return extensions.find((extension) => extension.id === id)?.value;
}
