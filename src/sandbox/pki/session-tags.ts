/** The session tags that Roles Anywhere takes from a certificate; role trust policies may ask for them. */
import type { CertificateFacts } from "./certificate-facts.ts";
import type { DerValue } from "./der.ts";
import { members, octets } from "./der.ts";
import { attributes } from "./distinguished-name.ts";

/** `x509Subject/*`, `x509Issuer/*`, and the first `x509SAN/DNS`, `x509SAN/URI` and `x509SAN/Name/*`. */
export function sessionTags(facts: CertificateFacts): ReadonlyMap<string, string> {
  return new Map([
    ...named("x509Subject", facts.subject),
    ...named("x509Issuer", facts.issuer),
    ...firstOf("x509SAN/DNS", 2, facts.alternativeNames),
    ...firstOf("x509SAN/URI", 6, facts.alternativeNames),
    ...directoryName(facts.alternativeNames),
  ]);
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
