/** A CA of AWS Private CA: its key, its state and its certificates. AWS Private CA API reference, CertificateAuthority. */
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { JsonObject } from "../../json-value.ts";

export type Status = "PENDING_CERTIFICATE" | "ACTIVE" | "DISABLED" | "DELETED";

export interface CertificateAuthority {
  arn: string;
  type: "ROOT" | "SUBORDINATE";
  status: Status;
  createdAt: Date;
  changedAt: Date;
  /** As CreateCertificateAuthority was given it. */
  configuration: JsonObject;
  keyAlgorithm: KeyAlgorithm;
  signingAlgorithm: SigningAlgorithm;
  keys: webcrypto.CryptoKeyPair;
  /** PEM. */
  csr: string;
  /** PEM, once it is imported; the chain is empty for a root. */
  own: { certificate: string; chain: string } | undefined;
  /** Of a deleted one. */
  deleted: { from: Status; restorableUntil: Date } | undefined;
  /** PEM by ARN. */
  issued: Map<string, string>;
}

const keyAlgorithms = {
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  EC_prime256v1: { name: "ECDSA", namedCurve: "P-256" },
  EC_secp384r1: { name: "ECDSA", namedCurve: "P-384" },
  EC_secp521r1: { name: "ECDSA", namedCurve: "P-521" },
} as const;

export type KeyAlgorithm = keyof typeof keyAlgorithms;

const signingAlgorithms = {
  SHA256WITHECDSA: { name: "ECDSA", hash: "SHA-256" },
  SHA384WITHECDSA: { name: "ECDSA", hash: "SHA-384" },
  SHA512WITHECDSA: { name: "ECDSA", hash: "SHA-512" },
  SHA256WITHRSA: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  SHA384WITHRSA: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384" },
  SHA512WITHRSA: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-512" },
} as const;

export type SigningAlgorithm = keyof typeof signingAlgorithms;

export function isKeyAlgorithm(name: string): name is KeyAlgorithm {
  return Object.hasOwn(keyAlgorithms, name);
}

export function isSigningAlgorithm(name: string): name is SigningAlgorithm {
  return Object.hasOwn(signingAlgorithms, name);
}

/** Whether the algorithm signs with keys of this kind. */
export function fits(signing: SigningAlgorithm, key: KeyAlgorithm): boolean {
  return signing.endsWith("RSA") === key.startsWith("RSA");
}

function rsa(modulusLength: number) {
  return {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
  } as const;
}

/** A new key, and a request for its certificate. */
export async function newKeys(
  subject: x509.JsonName,
  key: KeyAlgorithm,
  signing: SigningAlgorithm,
): Promise<Pick<CertificateAuthority, "keys" | "csr">> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithms[key], true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: signingAlgorithms[signing],
  });
  return { keys, csr: `${request.toString("pem")}\n` };
}

export interface Issuance {
  csr: x509.Pkcs10CertificateRequest;
  template: Template;
  signing: SigningAlgorithm;
  notBefore: Date;
  notAfter: Date;
}

/** @returns PEM. A root that has no certificate yet signs its own request. */
export async function issue({ keys, own }: CertificateAuthority, issuance: Issuance): Promise<string> {
  const { csr, template, signing, notBefore, notAfter } = issuance;
  const issuer = own === undefined ? csr.subject : new x509.X509Certificate(own.certificate).subject;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: csr.subject,
    issuer,
    publicKey: csr.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: signingAlgorithms[signing],
    notBefore,
    notAfter,
    extensions: [
      ...extensionsOf(template, csr),
      await x509.SubjectKeyIdentifierExtension.create(csr.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${certificate.toString("pem")}\n`;
}

/** The rows of "AWS Private CA certificate templates" that need no passthrough. */
export type Template =
  { kind: "authority"; pathLength: number | undefined } | { kind: "end-entity"; purposes: string[] };

const { clientAuth, serverAuth, codeSigning } = x509.ExtendedKeyUsage;

/** Undefined for a template that the sandbox does not have. */
export function templateOf(arn: string): Template | undefined {
  const [, name = ""] = /^arn:aws[a-z-]*:acm-pca:::template\/(\w+)\/V1$/.exec(arn) ?? [];
  if (name === "RootCACertificate") return { kind: "authority", pathLength: undefined };
  const [, pathLength] = /^SubordinateCACertificate_PathLen([0-3])$/.exec(name) ?? [];
  if (pathLength !== undefined) return { kind: "authority", pathLength: Number(pathLength) };
  const purposes = endEntityPurposes[name];
  return purposes && { kind: "end-entity", purposes };
}

const endEntityPurposes: Readonly<Record<string, string[] | undefined>> = {
  EndEntityCertificate: [serverAuth, clientAuth],
  EndEntityClientAuthCertificate: [clientAuth],
  EndEntityServerAuthCertificate: [serverAuth],
  CodeSigningCertificate: [codeSigning],
};

function extensionsOf(template: Template, csr: x509.Pkcs10CertificateRequest): x509.Extension[] {
  const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = x509.KeyUsageFlags;
  if (template.kind === "authority") {
    return [
      new x509.BasicConstraintsExtension(true, template.pathLength, true),
      new x509.KeyUsagesExtension(digitalSignature | keyCertSign | cRLSign, true),
    ];
  }
  const names = csr.extensions.filter(({ type }) => type === subjectAlternativeName);
  return [
    new x509.BasicConstraintsExtension(false, undefined, false),
    new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension(template.purposes),
    ...names,
  ];
}

const subjectAlternativeName = "2.5.29.17";

/** 127 random bits: positive, at most 20 octets, and not predictable (RFC 5280 §4.1.2.2). */
export function serialNumber(): string {
  const octets = randomBytes(16);
  octets.writeUInt8((octets.readUInt8(0) & 0x3f) | 0x40, 0);
  return octets.toString("hex");
}
