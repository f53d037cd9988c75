/** The files of an identity, as far as the cache needs them: what the certificates are, and which key there is. */
import type { GetTokenInput } from "../sign-in/input.ts";
import type { Hop } from "../foundation/errors.ts";
import type { FileContent, GivenFile, ReadFile } from "../foundation/files.ts";
import type { SignerSource } from "../identity/signer.ts";
import { sha256, type Fingerprints } from "./cache-key.ts";

export interface IdentityPorts {
  readFile: ReadFile;
  signer: (key: GivenFile) => SignerSource;
}

/** What was read is kept: a session is made of the very bytes that its entry is named by, whatever happens on disk. */
export interface IdentityFiles {
  certificate: FileContent;
  intermediates: FileContent | undefined;
  signer: SignerSource;
  fingerprints: Fingerprints;
}

/** @throws EksX509Error of category identity */
export async function readIdentityFiles(
  { certificate, intermediates, privateKey }: GetTokenInput["files"],
  ports: IdentityPorts,
): Promise<IdentityFiles> {
  const { readFile } = ports;
  const signer = ports.signer(privateKey);
  const [leaf, chain, keyState] = await Promise.all([
    readFile(certificate.path, identityRole(certificate, "certificate")),
    intermediates && readFile(intermediates.path, identityRole(intermediates, "certificate")),
    signer.state(),
  ]);
  const fingerprints = {
    certificate: sha256(leaf.bytes),
    intermediates: chain && sha256(chain.bytes),
    privateKey: keyState,
  };
  return { certificate: leaf, intermediates: chain, signer, fingerprints };
}

export function identityRole({ source }: GivenFile, hop: Hop) {
  return { given: source, hop, category: "identity" } as const;
}
