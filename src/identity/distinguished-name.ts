/** A distinguished name, taken apart: its attributes by OID and short name. X.501, RFC 5280 §4.1.2.4. */
import type { BaseBlock } from "asn1js";
import { children, oid, text } from "./asn1.ts";

export interface NameAttribute {
  /** `CN`, `OU`; a dotted OID for a type without a short name. */
  type: string;
  value: string;
}

/** RFC 4514 §3: these every reader of names knows. */
const standardNames: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["0.9.2342.19200300.100.1.1", "UID"],
  ["0.9.2342.19200300.100.1.25", "DC"],
]);

/** Common as well, but not called the same everywhere: these are Bouncy Castle's and Microsoft's names. */
const customaryNames: ReadonlyMap<string, string> = new Map([
  ["2.5.4.4", "SN"],
  ["2.5.4.5", "SERIALNUMBER"],
  ["2.5.4.12", "T"],
  ["2.5.4.42", "GN"],
  ["1.2.840.113549.1.9.1", "E"],
]);

const standard: ReadonlySet<string> = new Set(standardNames.values());

/** Whether the type has a name of RFC 4514, which Roles Anywhere knows beyond doubt. */
export function isStandard({ type }: NameAttribute): boolean {
  return standard.has(type);
}

/** In the certificate's order; those of a multi-valued RDN one after the other. */
export function nameAttributes(name: BaseBlock | undefined): NameAttribute[] {
  return children(name).flatMap(children).flatMap(attribute);
}

function attribute(block: BaseBlock): NameAttribute[] {
  const [typeBlock, valueBlock] = children(block);
  const id = oid(typeBlock);
  if (id === undefined) return [];
  return [{ type: standardNames.get(id) ?? customaryNames.get(id) ?? id, value: text(valueBlock) ?? "" }];
}

/** All values of each type, types and values in the certificate's order. */
export function valuesByType(attributes: readonly NameAttribute[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { type, value } of attributes) {
    const known = values.get(type);
    if (known) known.push(value);
    else values.set(type, [value]);
  }
  return values;
}

/** `O=Example Corp, CN=alice`, in the certificate's order, with the escapes of RFC 4514 §2.4. */
export function nameText(attributes: readonly NameAttribute[]): string {
  return attributes.map(({ type, value }) => `${type}=${value.replace(/[",+;<>\\]/g, "\\$&")}`).join(", ");
}
