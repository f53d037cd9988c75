/** The names in a certificate: distinguished names by attribute (X.501, RFC 5280 §4.1.2.4), and alternative names by type (§4.2.1.6). */
import type { BaseBlock } from "asn1js";
import { children, contextTag, extensionValue, octets, oid, text } from "./asn1.ts";

export interface NameAttribute {
  /** `CN`, `OU`; a dotted OID for a type without a short name. */
  type: string;
  value: string;
}

/** RFC 4514 §3. Every reader of names knows these. */
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

/** Common as well, but with several names. These are Bouncy Castle's and Microsoft's. */
const customaryNames: ReadonlyMap<string, string> = new Map([
  ["2.5.4.4", "SN"],
  ["2.5.4.5", "SERIALNUMBER"],
  ["2.5.4.12", "T"],
  ["2.5.4.42", "GN"],
  ["1.2.840.113549.1.9.1", "E"],
]);

const standard: ReadonlySet<string> = new Set(standardNames.values());

/** Whether the type has a name of RFC 4514, which Roles Anywhere certainly knows. */
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

/**
 * A name as RFC 5280 §7.1 compares it, one text for each RDN: two names are the same when these are. The string type, the case, and
 * the amount of white space do not count.
 */
export function comparableName(name: BaseBlock | undefined): string[] {
  return children(name).map((rdn) =>
    children(rdn)
      .flatMap(attribute)
      .map(({ type, value }) => `${type}=${value.trim().replace(/\s+/g, " ").toLowerCase()}`)
      .sort()
      .join("\n"),
  );
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

/** Each list in the certificate's order. */
export interface AlternativeNames {
  dns: string[];
  uri: string[];
  email: string[];
  ip: string[];
  directoryNames: NameAttribute[][];
  /** Types without a list of their own: `otherName 1.3.6.1.4.1.311.20.2.3: alice@example.com`. */
  other: string[];
}

const subjectAltName = "2.5.29.17";

/** Tags of GeneralName, RFC 5280 §4.2.1.6. */
export const nameTags = { otherName: 0, email: 1, dns: 2, directoryName: 4, uri: 6, ip: 7 };
const unlisted: ReadonlyMap<number, string> = new Map([
  [3, "x400Address"],
  [5, "ediPartyName"],
  [8, "registeredID"],
]);

/** The GeneralNames of subjectAltName. */
export function generalNames(tbs: BaseBlock): BaseBlock[] {
  return children(extensionValue(tbs, subjectAltName));
}

export function alternativeNames(tbs: BaseBlock): AlternativeNames {
  const names = generalNames(tbs);
  const ofType = (tag: number): BaseBlock[] => names.filter((name) => contextTag(name) === tag);
  return {
    dns: ofType(nameTags.dns).map(ia5),
    uri: ofType(nameTags.uri).map(ia5),
    email: ofType(nameTags.email).map(ia5),
    ip: ofType(nameTags.ip).map((name) => address(octets(name) ?? Buffer.alloc(0))),
    // CHOICE types are tagged explicitly, whatever the module says: X.680 §31.2.7.
    directoryNames: ofType(nameTags.directoryName).map((name) => nameAttributes(children(name)[0])),
    other: names.flatMap(otherName),
  };
}

/** IA5 is ASCII. Anything else is shown as Latin-1, as other tools do. */
export function ia5(name: BaseBlock): string {
  return octets(name)?.toString("latin1") ?? "";
}

function address(octets: Buffer): string {
  if (octets.length === 4) return octets.join(".");
  if (octets.length === 16) return ipv6(octets);
  return `(${octets.length} octets)`;
}

/** In the form of RFC 5952, which is how URLs are written. */
function ipv6(octets: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function otherName(name: BaseBlock): string[] {
  const tag = contextTag(name);
  if (tag === nameTags.otherName) {
    const [type, value] = children(name);
    return [`otherName ${oid(type) ?? "?"}: ${text(children(value)[0]) ?? "?"}`];
  }
  const label = unlisted.get(tag ?? -1);
  return label === undefined ? [] : [label];
}
