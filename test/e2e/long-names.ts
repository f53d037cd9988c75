/** A certificate with a long value for each of ten attributes: all of them become session tags, and swell the token. */
import "reflect-metadata";
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension } from "@peculiar/x509";
import {
  issue,
  type CertificateAuthority,
  type IssuedCertificate,
} from "../../src/sandbox/pki/certificate-authority.ts";
import { generateKeyPair } from "../../src/sandbox/pki/key-pair.ts";
import { day, from } from "../certificates.ts";

const types = ["O", "OU", "L", "ST", "T", "SN", "G", "2.5.4.5", "2.5.4.9", "CN"];

export async function longNamed(issuer: CertificateAuthority): Promise<IssuedCertificate> {
  const keyPair = await generateKeyPair("EC");
  const certificate = await issue({
    issuer,
    subject: types.map((type) => ({ [type]: ["x".repeat(200)] })),
    keyPair,
    validity: { notBefore: from(-day), notAfter: from(day) },
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    ],
  });
  return { certificate, privateKey: keyPair.privateKey };
}
