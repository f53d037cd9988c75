/** The subject's alternative names, by type. RFC 5280 §4.2.1.6. */
import { OctetString, Primitive, type BaseBlock } from "asn1js";
import { children, contextTag, extensionValue, oid, text } from "./asn1.ts";
import { nameAttributes, type NameAttribute } from "./distinguished-name.ts";

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
const tags = { otherName: 0, email: 1, dns: 2, directoryName: 4, uri: 6, ip: 7 };
const unlisted: ReadonlyMap<number, string> = new Map([
  [3, "x400Address"],
  [5, "ediPartyName"],
  [8, "registeredID"],
]);

export function alternativeNames(tbs: BaseBlock): AlternativeNames {
  const names = children(extensionValue(tbs, subjectAltName));
  const ofType = (tag: number): BaseBlock[] => names.filter((name) => contextTag(name) === tag);
  return {
    dns: ofType(tags.dns).map(ia5),
    uri: ofType(tags.uri).map(ia5),
    email: ofType(tags.email).map(ia5),
    ip: ofType(tags.ip).map((name) => address(bytes(name))),
    // CHOICE types are tagged explicitly, whatever the module says: X.680 §31.2.7.
    directoryNames: ofType(tags.directoryName).map((name) => nameAttributes(children(name)[0])),
    other: names.flatMap(otherName),
  };
}

function bytes(name: BaseBlock): Uint8Array {
  return name instanceof Primitive || name instanceof OctetString
    ? name.valueBlock.valueHexView
    : new Uint8Array();
}

/** IA5 is ASCII; what is not is shown as Latin-1, as other tools do. */
function ia5(name: BaseBlock): string {
  return Buffer.from(bytes(name)).toString("latin1");
}

function address(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  if (octets.length === 16) return ipv6(Buffer.from(octets));
  return `(${octets.length} octets)`;
}

/** As RFC 5952 wants it, which is how URLs are written. */
function ipv6(octets: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function otherName(name: BaseBlock): string[] {
  const tag = contextTag(name);
  if (tag === tags.otherName) {
    const [type, value] = children(name);
    return [`otherName ${oid(type) ?? "?"}: ${text(children(value)[0]) ?? "?"}`];
  }
  const label = unlisted.get(tag ?? -1);
  return label === undefined ? [] : [label];
}
