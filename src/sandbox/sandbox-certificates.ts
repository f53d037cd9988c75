/** The certificates that a sandbox creates at start: a CA for its own TLS, and the PKI that a user signs in with. */
import { X509Certificate } from "node:crypto";
import { EksX509Error } from "../foundation/errors.ts";
import {
  type CertificateAuthority,
  type IssuedCertificate,
  type Validity,
  createIntermediateAuthority,
  createRootAuthority,
} from "./pki/certificate-authority.ts";
import type { KeyAlgorithm } from "./pki/key-pair.ts";
import { splitPem } from "./pki/pem.ts";
import { issueServerCertificate } from "./pki/server-certificate.ts";
import { issueUserCertificate } from "./pki/user-certificate.ts";

export interface UserOptions {
  organization?: string;
  commonName?: string;
  keyAlgorithm?: KeyAlgorithm;
}

export interface SandboxCertificates {
  tlsAuthority: CertificateAuthority;
  server: IssuedCertificate;
  root: CertificateAuthority;
  intermediate: CertificateAuthority;
  user: IssuedCertificate;
}

/** Milliseconds: 30 days before and after now, so that a client with a shifted clock still trusts the sandbox. */
const margin = 30 * 24 * 60 * 60 * 1000;

/** Two authorities, because a proof for a server must not be a proof for a user. */
export async function createCertificates(user: UserOptions, now: Date): Promise<SandboxCertificates> {
  const validity: Validity = {
    notBefore: new Date(now.getTime() - margin),
    notAfter: new Date(now.getTime() + margin),
  };
  const tlsAuthority = await createRootAuthority("TLS", validity);
  const root = await createRootAuthority("root", validity);
  const intermediate = await createIntermediateAuthority(root, "intermediate", validity, 0);
  const { commonName = "alice" } = user;
  return {
    tlsAuthority,
    server: await issueServerCertificate(tlsAuthority, validity),
    root,
    intermediate,
    user: await issueUserCertificate(intermediate, { ...user, commonName, validity }),
  };
}

/**
 * A user's own trust anchor, without the text around its certificates.
 * @throws {EksX509Error} if it contains no certificate.
 */
export function readTrustAnchor(pem: string): string {
  const certificates = splitPem(pem);
  if (certificates.length > 0 && certificates.every(isCertificate)) return certificates.join("\n");
  throw new EksX509Error({
    category: "usage",
    hop: "sandbox",
    code: "SANDBOX_TRUST_ANCHOR_INVALID",
    message: "the trust anchor file contains no readable PEM certificate",
    hint: "Pass the certificate of the CA in PEM, in the form that Roles Anywhere accepts.",
  });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).publicKey.type === "public";
  } catch {
    return false;
  }
}
