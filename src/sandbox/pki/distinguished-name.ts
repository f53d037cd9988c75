/** A distinguished name, as Roles Anywhere turns it into session tags and the source identity. */
import { type DerValue, members, objectIdentifier, text } from "./der.ts";

/** Attribute types by the short names of RFC 4514 and of the Roles Anywhere user guide. */
const shortNames: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "SERIALNUMBER",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "T",
  "2.5.4.42": "GN",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "E",
};

/** Attribute values by short name, else by dotted identifier. Repeated values are joined by `/`. */
export function attributes(name: DerValue | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const attribute of members(name).flatMap((relativeName) => members(relativeName))) {
    const [type, value] = members(attribute);
    const id = objectIdentifier(type) ?? "";
    const key = shortNames[id] ?? id;
    const before = found.get(key);
    found.set(key, before === undefined ? (text(value) ?? "") : `${before}/${text(value) ?? ""}`);
  }
  return found;
}
