/** The session tags that Roles Anywhere derives from a certificate. Role trust policies can require them. */
import type { CertificateFacts } from "./certificate-facts.ts";
import type { DerValue } from "./der.ts";
import { members, octets } from "./der.ts";
import { attributes } from "./distinguished-name.ts";

/** `x509Subject/*`, `x509Issuer/*`, and the first `x509SAN/DNS`, `x509SAN/URI` and `x509SAN/Name/*`. */
export function sessionTags(facts: CertificateFacts): ReadonlyMap<string, string> {
  const tags = [
    ...named("x509Subject", facts.subject),
    ...named("x509Issuer", facts.issuer),
    ...firstOf("x509SAN/DNS", 2, facts.alternativeNames),
    ...firstOf("x509SAN/URI", 6, facts.alternativeNames),
    ...directoryName(facts.alternativeNames),
  ];
  return new Map(tags.filter(([, value]) => mayBeTag(value)));
}

/** STS API reference, Tag, Value. Roles Anywhere skips values that STS would refuse: user guide, "Trust policy". */
function mayBeTag(value: string): boolean {
  return /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(value) && Array.from(value).length <= 256;
}

function named(prefix: string, name: DerValue | undefined): [string, string][] {
  return [...attributes(name)].map(([type, value]) => [`${prefix}/${type}`, value]);
}

/** GeneralName (RFC 5280, 4.2.1.6): dNSName is `[2]`, uniformResourceIdentifier `[6]`, both IA5String. */
function firstOf(tag: string, number: number, names: readonly DerValue[]): [string, string][] {
  const first = names.find(({ idBlock }) => idBlock.tagNumber === number);
  return first === undefined ? [] : [[tag, Buffer.from(octets(first)).toString("latin1")]];
}

/** directoryName is `[4]`, explicitly tagged because Name is a CHOICE. */
function directoryName(names: readonly DerValue[]): [string, string][] {
  const first = names.find(({ idBlock }) => idBlock.tagNumber === 4);
  return first === undefined ? [] : named("x509SAN/Name", members(first)[0]);
}
