/** The files of an identity, and the names of its cache entries. */
import type { Fingerprints } from "../cache/cache-key.ts";
import type { CertificateSource, SignerSource } from "../identity/signer.ts";
import type { SessionInput } from "./input.ts";
import type { Ports } from "./ports.ts";

export interface IdentityFiles {
  certificates: CertificateSource;
  intermediates: CertificateSource | undefined;
  signer: SignerSource;
  fingerprints: Fingerprints;
}

export async function readIdentityFiles(
  files: SessionInput["files"],
  { identities }: Pick<Ports, "identities">,
): Promise<IdentityFiles> {
  const sources = identities(files.access);
  const certificates = sources.certificates(files.certificate);
  const intermediates = files.intermediates && sources.certificates(files.intermediates);
  const signer = sources.signer(files.privateKey);
  const [certificate, others, privateKey] = await Promise.all([
    certificates.state(),
    intermediates?.state(),
    signer.state(),
  ]);
  return {
    certificates,
    intermediates,
    signer,
    fingerprints: { certificate, intermediates: others, privateKey },
  };
}
