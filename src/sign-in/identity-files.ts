/** The files of an identity, and the names of its cache entries. */
import type { Fingerprints } from "../cache/cache-key.ts";
import type { FileContent, GivenFile } from "../foundation/ports.ts";
import type { SignerSource } from "../identity/signer.ts";
import type { SessionInput } from "./input.ts";
import type { Ports } from "./ports.ts";

/** A session is created from the bytes that name its cache entry, even if the files change in between. */
export interface IdentityFiles {
  certificate: FileContent;
  intermediates: FileContent | undefined;
  signer: SignerSource;
  fingerprints: Fingerprints;
}

export async function readIdentityFiles(
  files: SessionInput["files"],
  { readFile, signer, sha256 }: Pick<Ports, "readFile" | "signer" | "sha256">,
): Promise<IdentityFiles> {
  const read = ({ path, source }: GivenFile): Promise<FileContent> =>
    readFile(path, { given: source, hop: "certificate", category: "identity" });
  const key = signer(files.privateKey);
  const [certificate, intermediates, privateKey] = await Promise.all([
    read(files.certificate),
    files.intermediates && read(files.intermediates),
    key.state(),
  ]);
  const fingerprints = {
    certificate: sha256(certificate.bytes),
    intermediates: intermediates && sha256(intermediates.bytes),
    privateKey,
  };
  return { certificate, intermediates, signer: key, fingerprints };
}
