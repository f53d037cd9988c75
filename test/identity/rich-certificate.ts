/** Certificates with any names, alternative names and purposes: what test/certificates.ts does not vary. Signed by their own key. */
import { sign } from "node:crypto";
import { day, from, keyPair } from "../certificates.ts";
import {
  asnTrue,
  bitString,
  explicit,
  generalizedTime,
  integer,
  octetString,
  oid,
  sequence,
  set,
  tlv,
  utf8String,
} from "../der.ts";

/** `[dotted OID, value]`; a value as bytes is the whole of a DER string. */
export type Attribute = readonly [type: string, value: string | Buffer];

export interface RichRecipe {
  serial?: bigint;
  /** One RDN each; several attributes in a list make a multi-valued RDN. */
  subject?: readonly (Attribute | readonly Attribute[])[];
  issuer?: readonly Attribute[];
  /** GeneralNames, in DER. */
  alternativeNames?: readonly Buffer[];
  /** Dotted OIDs of extendedKeyUsage; undefined leaves the extension out. */
  purposes?: readonly string[];
  /** basicConstraints as the whole of its DER; undefined leaves the extension out. */
  basicConstraints?: Buffer;
  notBefore?: Date;
  notAfter?: Date;
}

export const commonName = "2.5.4.3";
export const organization = "2.5.4.10";
export const unit = "2.5.4.11";

export const dns = (name: string): Buffer => tlv(0x82, Buffer.from(name, "latin1"));
export const uri = (name: string): Buffer => tlv(0x86, Buffer.from(name, "latin1"));
export const email = (name: string): Buffer => tlv(0x81, Buffer.from(name, "latin1"));
export const ip = (...octets: number[]): Buffer => tlv(0x87, Buffer.from(octets));
export const directoryName = (...attributes: Attribute[]): Buffer => explicit(4, name(attributes));

export function richCertificate(recipe: RichRecipe = {}): Buffer {
  const { privateKey, publicKey } = keyPair("p256", "rich");
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const { subject = [[commonName, "alice"]], issuer = [[commonName, "Test Root"]] } = recipe;
  const tbs = sequence(
    explicit(0, integer(2n)),
    integer(recipe.serial ?? 0x1234n),
    algorithm,
    name(issuer),
    sequence(
      generalizedTime(recipe.notBefore ?? from(-day)),
      generalizedTime(recipe.notAfter ?? from(90 * day)),
    ),
    name(subject),
    publicKey.export({ format: "der", type: "spki" }),
    explicit(3, sequence(...extensions(recipe))),
  );
  return sequence(tbs, algorithm, bitString(sign("sha256", tbs, privateKey)));
}

function name(attributes: RichRecipe["subject"] & object): Buffer {
  return sequence(
    ...attributes.map((entry) => {
      const all = isOne(entry) ? [entry] : entry;
      return set(
        ...all.map(([type, value]) =>
          sequence(oid(type), typeof value === "string" ? utf8String(value) : value),
        ),
      );
    }),
  );
}

function isOne(entry: Attribute | readonly Attribute[]): entry is Attribute {
  return typeof entry[0] === "string";
}

function extensions({ alternativeNames, purposes, basicConstraints }: RichRecipe): Buffer[] {
  const extension = (type: string, value: Buffer): Buffer => sequence(oid(type), octetString(value));
  return [
    sequence(oid("2.5.29.15"), asnTrue(), octetString(bitString(Buffer.from([0x80]), 7))),
    ...(alternativeNames ? [extension("2.5.29.17", sequence(...alternativeNames))] : []),
    ...(purposes ? [extension("2.5.29.37", sequence(...purposes.map(oid)))] : []),
    ...(basicConstraints ? [extension("2.5.29.19", basicConstraints)] : []),
  ];
}
