/** The certificates that a sandbox creates at start: a CA for its own TLS, and the PKI that a user signs in with. */
import type { EksX509Error } from "../foundation/errors.ts";
import { sandboxUsage } from "./sandbox-error.ts";
import { readCertificates, type Certificate } from "../identity/certificate.ts";
import { isProblem } from "../identity/fitness/finding.ts";
import { anchorFindings } from "../identity/fitness/rules.ts";
import {
  type CertificateAuthority,
  type IssuedCertificate,
  type Validity,
  createIntermediateAuthority,
  createRootAuthority,
} from "./pki/certificate-authority.ts";
import type { KeyAlgorithm } from "./pki/key-pair.ts";
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
 * @throws {EksX509Error} if it contains no certificate, or one that CreateTrustAnchor refuses.
 */
export function readTrustAnchor(pem: string | Uint8Array): string {
  const certificates = certificatesIn(pem);
  const [problem] = certificates.flatMap(anchorFindings).filter(isProblem);
  if (problem) throw invalid(`Roles Anywhere takes no such trust anchor: ${problem.message}`);
  return certificates.map(({ x509 }) => x509.toString()).join("");
}

function certificatesIn(pem: string | Uint8Array): Certificate[] {
  try {
    return readCertificates({ name: "the trust anchor", bytes: Buffer.from(pem) });
  } catch {
    throw invalid("the trust anchor file contains no readable PEM certificate");
  }
}

function invalid(message: string): EksX509Error {
  return sandboxUsage(
    "SANDBOX_TRUST_ANCHOR_INVALID",
    message,
    "Pass the certificate of the CA in PEM, in the form that Roles Anywhere accepts.",
  );
}
