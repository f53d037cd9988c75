/** The names in a certificate: distinguished names by attribute (X.501, RFC 5280 §4.1.2.4), and alternative names by type (§4.2.1.6). */
import {
  children,
  contextTag,
  extensionValue,
  octets,
  oid,
  text,
  type Element,
  type Extension,
} from "./asn1.ts";

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

/** Also common, but tools use different names. These are Bouncy Castle's and Microsoft's. */
const customaryNames: ReadonlyMap<string, string> = new Map([
  ["2.5.4.4", "SN"],
  ["2.5.4.5", "SERIALNUMBER"],
  ["2.5.4.12", "T"],
  ["2.5.4.42", "GN"],
  ["1.2.840.113549.1.9.1", "E"],
]);

/** Whether the type has a name of RFC 4514, which Roles Anywhere certainly knows. */
export function isStandard({ type }: Pick<NameAttribute, "type">): boolean {
  return [...standardNames.values()].includes(type);
}

export function nameAttributes(name: Element | undefined): NameAttribute[] {
  return children(name).flatMap(children).flatMap(attribute);
}

function attribute(block: Element): NameAttribute[] {
  const [typeBlock, valueBlock] = children(block);
  const id = oid(typeBlock);
  if (id === undefined) return [];
  return [{ type: standardNames.get(id) ?? customaryNames.get(id) ?? id, value: text(valueBlock) ?? "" }];
}

/**
 * A name as RFC 5280 §7.1 compares it, one text for each RDN: two names are the same when these are. It ignores the string type, the case
 * and the amount of white space.
 */
export function comparableName(name: Element | undefined): string[] {
  return children(name).map((rdn) =>
    children(rdn)
      .flatMap(attribute)
      .map(({ type, value }) => `${type}=${value.trim().replace(/\s+/g, " ").toLowerCase()}`)
      .sort()
      .join("\n"),
  );
}

/** One text for a comparable name, which is the same for the same names alone: no RDN has an empty line. */
export function nameKey(comparable: readonly string[]): string {
  return comparable.join("\n\n");
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

/** A name of subjectAltName, or the base of a name constraint. */
export type GeneralName =
  | { type: "dns" | "email" | "uri"; text: string }
  | { type: "ip"; bytes: Buffer }
  | { type: "directory"; name: Element | undefined }
  | { type: "other"; tag: number | undefined; text: string };

const subjectAltName = "2.5.29.17";

export function subjectAlternativeNames(extensions: readonly Extension[]): GeneralName[] {
  return children(extensionValue(extensions, subjectAltName)).map(generalName);
}

const textTypes: ReadonlyMap<number | undefined, "email" | "dns" | "uri"> = new Map([
  [1, "email"],
  [2, "dns"],
  [6, "uri"],
]);
const unlisted: ReadonlyMap<number | undefined, string> = new Map([
  [3, "x400Address"],
  [5, "ediPartyName"],
  [8, "registeredID"],
]);

/** RFC 5280 §4.2.1.6. */
export function generalName(block: Element): GeneralName {
  const tag = contextTag(block);
  const bytes = octets(block) ?? Buffer.alloc(0);
  const [first, second] = children(block);
  const type = textTypes.get(tag);
  // IA5 is ASCII. Anything else is shown as Latin-1, as other tools do.
  if (type) return { type, text: bytes.toString("latin1") };
  // CHOICE types are tagged explicitly, whatever the module says: X.680 §31.2.7.
  if (tag === 4) return { type: "directory", name: first };
  if (tag === 7) return { type: "ip", bytes };
  if (tag !== 0) return { type: "other", tag, text: unlisted.get(tag) ?? "" };
  return { type: "other", tag, text: `otherName ${oid(first) ?? "?"}: ${text(children(second)[0]) ?? "?"}` };
}

export interface AlternativeNames {
  dns: string[];
  uri: string[];
  email: string[];
  ip: string[];
  directoryNames: NameAttribute[][];
  /** Types without a list of their own: `otherName 1.3.6.1.4.1.311.20.2.3: alice@example.com`. */
  other: string[];
}

export function alternativeNames(names: readonly GeneralName[]): AlternativeNames {
  const ofType = (type: "dns" | "uri" | "email" | "other"): string[] =>
    names.flatMap((name) => (name.type === type && name.text !== "" ? [name.text] : []));
  return {
    ...{ dns: ofType("dns"), uri: ofType("uri"), email: ofType("email"), other: ofType("other") },
    ip: names.flatMap((name) => (name.type === "ip" ? [address(name.bytes)] : [])),
    directoryNames: names.flatMap((name) => (name.type === "directory" ? [nameAttributes(name.name)] : [])),
  };
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
