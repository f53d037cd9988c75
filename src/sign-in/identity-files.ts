/** The files of an identity, and the names of its cache entries. */
import type { Fingerprints } from "../cache/cache-key.ts";
import { EksX509Error } from "../foundation/errors.ts";
import type { CertificateSource, SignerSource } from "../identity/signer.ts";
import type { SessionInput } from "./input.ts";
import type { Ports, SignIn } from "./ports.ts";

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
  const states = [
    certificates.state(),
    intermediates?.state() ?? Promise.resolve(undefined),
    signer.state(),
  ] as const;
  // Of several failures, the first hop's is reported, whichever comes first.
  await Promise.allSettled(states);
  const [certificate, others, privateKey] = await Promise.all(states);
  return {
    certificates,
    intermediates,
    signer,
    fingerprints: { certificate, intermediates: others, privateKey },
  };
}

/**
 * Does work with the files of the identity. A certificate and its new key are two files, and between the two renames of a
 * renewal they do not match. So a failure of the identity is tried again with the files as they are then.
 */
export async function withIdentityFiles<Result>(
  given: SessionInput["files"],
  signIn: SignIn,
  work: (files: IdentityFiles) => Promise<Result>,
): Promise<Result> {
  const files = await readIdentityFiles(given, signIn);
  try {
    return await work(files);
  } catch (error) {
    if (!(error instanceof EksX509Error) || error.category !== "identity") throw error;
    const renewed = await readIdentityFiles(given, signIn);
    if (!areSame(files, renewed)) {
      signIn.log("certificate", "the files were renewed while they were read: reading them again");
      return work(renewed);
    }
    const { afterRenewal } = await import("./renewal.ts");
    return afterRenewal(error, signIn, async () => work(await readIdentityFiles(given, signIn)));
  }
}

function areSame({ fingerprints: one }: IdentityFiles, { fingerprints: other }: IdentityFiles): boolean {
  return (
    one.certificate === other.certificate &&
    one.intermediates === other.intermediates &&
    one.privateKey === other.privateKey
  );
}
