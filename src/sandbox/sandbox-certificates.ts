/** The certificates that a sandbox issues (RFC 5280): a CA for its own TLS, and the PKI that a user signs in with. */
import "reflect-metadata";
import { KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { EksX509Error } from "../foundation/errors.ts";
import { serialNumber } from "./aws/acm-pca/certificate-authority.ts";
import { sandboxUsage } from "./sandbox-error.ts";
import { readCertificates, type Certificate } from "../identity/certificate.ts";
import { isProblem } from "../identity/fitness/finding.ts";
import { anchorFindings } from "../identity/fitness/rules.ts";

/** A certificate and its key, both PEM; the key is PKCS#8. */
export interface IssuedCertificate {
  certificate: string;
  privateKey: string;
}

interface Issuer {
  subject: x509.JsonName;
  keys: webcrypto.CryptoKeyPair;
}

/** `server` is for TLS on loopback, `user` for a person or a build agent that signs in. */
export type SandboxCertificates = Record<
  "tlsAuthority" | "server" | "root" | "intermediate" | "user",
  IssuedCertificate
>;

/** Milliseconds: 30 days before and after now, so that a client with a shifted clock still trusts the sandbox. */
const margin = 30 * 24 * 60 * 60 * 1000;

/** Two authorities, because a proof for a server must not be a proof for a user. */
export async function createCertificates(now: Date): Promise<SandboxCertificates> {
  const own = (commonName: string, extensions: readonly x509.Extension[], issuer?: Issuer) =>
    issue(["eks-x509 sandbox", commonName], extensions, now, issuer);
  const tlsAuthority = await own("TLS", authority());
  const root = await own("root", authority());
  const intermediate = await own("intermediate", authority(0), root);
  const user = endEntity(x509.ExtendedKeyUsage.clientAuth);
  return {
    tlsAuthority,
    server: await own(
      "localhost",
      [...endEntity(x509.ExtendedKeyUsage.serverAuth), loopback()],
      tlsAuthority,
    ),
    root,
    intermediate,
    user: await issue(["Example Corp", "alice"], user, now, intermediate),
  };
}

/** A trust anchor of Roles Anywhere must have CA:true and keyCertSign. */
function authority(pathLength?: number): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ];
}

function endEntity(purpose: string): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([purpose]),
  ];
}

function loopback(): x509.Extension {
  return new x509.SubjectAlternativeNameExtension([
    { type: "dns", value: "localhost" },
    { type: "ip", value: "127.0.0.1" },
    { type: "ip", value: "::1" },
  ]);
}

/** Certifies a new key. Without an issuer, the certificate is self-signed. */
async function issue(
  [organization, commonName]: readonly [string, string],
  extensions: readonly x509.Extension[],
  now: Date,
  issuer?: Issuer,
): Promise<IssuedCertificate & Issuer> {
  const subject = [{ O: [organization] }, { CN: [commonName] }];
  const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const signer = issuer ?? { subject, keys };
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: signer.subject,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    notBefore: new Date(now.getTime() - margin),
    notAfter: new Date(now.getTime() + margin),
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer.keys.publicKey),
    ],
  });
  return {
    certificate: `${certificate.toString("pem")}\n`,
    privateKey: KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString(),
    subject,
    keys,
  };
}

/**
 * A user's own trust anchor, without the text around its certificates.
 * @throws {EksX509Error} if it contains no certificate, or one that CreateTrustAnchor refuses.
 */
export function readTrustAnchor(pem: string | Uint8Array): string {
  const certificates = certificatesIn(pem);
  const [problem] = certificates.flatMap(anchorFindings).filter(isProblem);
  if (problem) throw invalid(`Roles Anywhere does not accept this trust anchor: ${problem.message}`);
  return certificates.map(({ x509 }) => x509.toString()).join("");
}

function certificatesIn(pem: string | Uint8Array): Certificate[] {
  try {
    return readCertificates({ name: "the trust anchor", bytes: Buffer.from(pem) });
  } catch (error) {
    throw error instanceof EksX509Error ? invalid(error.message, error.hint) : error;
  }
}

function invalid(
  message: string,
  hint = "Pass the certificate of the CA, in the form that Roles Anywhere accepts.",
): EksX509Error {
  return sandboxUsage("SANDBOX_TRUST_ANCHOR_INVALID", message, hint);
}
