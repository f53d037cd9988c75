/** A certificate authority that signs certificates (RFC 5280). */
import "reflect-metadata";
import { randomBytes } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { type KeyAlgorithm, type KeyPair, generateKeyPair } from "./key-pair.ts";

export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

/** A certificate and its key, both PEM; the key is PKCS#8. */
export interface IssuedCertificate {
  certificate: string;
  privateKey: string;
}

export interface CertificateAuthority extends IssuedCertificate {
  subject: x509.JsonName;
  keyPair: KeyPair;
}

export interface Issuance {
  issuer: Pick<CertificateAuthority, "subject" | "keyPair">;
  subject: x509.JsonName;
  keyPair: KeyPair;
  validity: Validity;
  extensions: x509.Extension[];
  hash?: "SHA-1" | "SHA-256";
}

/** Relative distinguished names in the usual order, outermost first. */
export function distinguishedName(organization: string, commonName?: string): x509.JsonName {
  return commonName === undefined ? [{ O: [organization] }] : [{ O: [organization] }, { CN: [commonName] }];
}

/** Signs one certificate and returns its PEM. */
export async function issue({
  issuer,
  subject,
  keyPair,
  validity,
  extensions,
  hash = "SHA-256",
}: Issuance): Promise<string> {
  const signingKey = issuer.keyPair.keys.privateKey;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: issuer.subject,
    publicKey: keyPair.keys.publicKey,
    signingKey,
    signingAlgorithm: { name: signingKey.algorithm.name, hash },
    ...validity,
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keyPair.keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keyPair.keys.publicKey),
    ],
  });
  return `${certificate.toString("pem")}\n`;
}

/** Creates a self-signed root. A trust anchor of Roles Anywhere must have CA:true and keyCertSign. */
export async function createRootAuthority(
  commonName: string,
  validity: Validity,
  algorithm: KeyAlgorithm = "EC",
): Promise<CertificateAuthority> {
  const keyPair = await generateKeyPair(algorithm);
  const subject = distinguishedName("eks-x509 sandbox", commonName);
  const issuer = { subject, keyPair };
  const certificate = await issue({ issuer, subject, keyPair, validity, extensions: authorityExtensions() });
  return { certificate, privateKey: keyPair.privateKey, subject, keyPair };
}

/** Creates an authority below another one. `pathLength` is the number of further authorities allowed below it. */
export async function createIntermediateAuthority(
  issuer: CertificateAuthority,
  commonName: string,
  validity: Validity,
  pathLength?: number,
): Promise<CertificateAuthority> {
  const keyPair = await generateKeyPair("EC");
  const subject = distinguishedName("eks-x509 sandbox", commonName);
  const extensions = authorityExtensions(pathLength);
  const certificate = await issue({ issuer, subject, keyPair, validity, extensions });
  return { certificate, privateKey: keyPair.privateKey, subject, keyPair };
}

function authorityExtensions(pathLength?: number): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ];
}

/** 127 random bits: positive, at most 20 octets, and not predictable (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const octets = randomBytes(16);
  octets.writeUInt8((octets.readUInt8(0) & 0x3f) | 0x40, 0);
  return octets.toString("hex");
}
