/** Identities and inspections of bytes, as a command makes them of files. */
import type { FileContent, NamedBytes } from "../../src/foundation/ports.ts";
import { identityFrom, readCertificateFiles, type Identity } from "../../src/identity/identity.ts";
import { inspect, type Inspection } from "../../src/identity/inspection.ts";
import { openPrivateKey } from "../../src/identity/private-key.ts";
import type { Signer } from "../../src/identity/signer.ts";
import { now } from "../certificates.ts";

export interface GivenBytes {
  certificate: NamedBytes;
  intermediates?: NamedBytes | undefined;
  privateKey?: NamedBytes | undefined;
}

/** Of a file that its owner alone may read. */
export function signerOf(privateKey: NamedBytes): Signer {
  const file: FileContent = { ...privateKey, mode: 0o600 };
  return openPrivateKey(file);
}

export function identityOf(files: GivenBytes & { privateKey: NamedBytes }, at = now): Identity {
  return identityFrom(readCertificateFiles(files), signerOf(files.privateKey), at);
}

export function inspectionOf(files: GivenBytes, at = now, roleSessionName?: string): Inspection {
  const certificates = readCertificateFiles(files);
  return inspect(certificates, files.privateKey && signerOf(files.privateKey), at, { roleSessionName });
}
