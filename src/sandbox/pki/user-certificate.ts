/** The certificate that a person or a build agent signs in with. */
import * as x509 from "@peculiar/x509";
import {
  type CertificateAuthority,
  type IssuedCertificate,
  type Validity,
  distinguishedName,
  issue,
} from "./certificate-authority.ts";
import { type KeyAlgorithm, generateKeyPair } from "./key-pair.ts";

export interface UserCertificateOptions {
  organization?: string;
  /** Left out of the subject when undefined. */
  commonName: string | undefined;
  validity: Validity;
  keyAlgorithm?: KeyAlgorithm;
  /** The options below create certificates that Roles Anywhere must refuse. */
  rsaBits?: number;
  withoutDigitalSignature?: boolean;
  isAuthority?: boolean;
  hash?: "SHA-1" | "SHA-256";
  /** DNS names. The first one becomes the session tag `x509SAN/DNS`. */
  dnsNames?: readonly string[];
}

/** Issues a leaf, by default with keyUsage digitalSignature and extended key usage clientAuth. */
export async function issueUserCertificate(
  issuer: CertificateAuthority,
  options: UserCertificateOptions,
): Promise<IssuedCertificate> {
  const keyPair = await generateKeyPair(options.keyAlgorithm ?? "EC", options.rsaBits);
  const certificate = await issue({
    issuer,
    subject: distinguishedName(options.organization ?? "Example Corp", options.commonName),
    keyPair,
    validity: options.validity,
    extensions: userExtensions(options),
    hash: options.hash ?? "SHA-256",
  });
  return { certificate, privateKey: keyPair.privateKey };
}

function userExtensions(options: UserCertificateOptions): x509.Extension[] {
  const { keyEncipherment, digitalSignature } = x509.KeyUsageFlags;
  const usage = options.withoutDigitalSignature === true ? keyEncipherment : digitalSignature;
  const names = (options.dnsNames ?? []).map((value) => ({ type: "dns" as const, value }));
  return [
    new x509.BasicConstraintsExtension(options.isAuthority ?? false, undefined, true),
    new x509.KeyUsagesExtension(usage, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
  ];
}
