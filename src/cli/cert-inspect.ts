/** `eks-x509 cert inspect FILE`: what Roles Anywhere will make of a certificate, told without asking it. */
import type { Dependencies } from "../dependencies.ts";
import { exitCodes, type Hop } from "../errors.ts";
import type { FileContent } from "../files.ts";
import { inspectFiles } from "../identity/inspection.ts";
import { certificateJson } from "./certificate-json.ts";
import { certificateText } from "./certificate-text.ts";

export interface CertInspectInput {
  /** PEM or DER; may hold the chain too, in any order, and the key. */
  file: string;
  intermediates?: string | undefined;
  /** Tells which of several certificates is the leaf; its content is never shown. */
  privateKey?: string | undefined;
  /** As --role-session-name has it, where the profile allows one. */
  roleSessionName?: string | undefined;
  output: "text" | "json";
}

/**
 * @returns 0 for a certificate that is fit for Roles Anywhere, 3 for one that it will refuse; warnings change nothing
 * @throws EksX509Error of category identity, exit code 3, for files that cannot be read or belong to another
 */
export async function runCertInspect(
  { file, intermediates, privateKey, roleSessionName, output }: CertInspectInput,
  { readFile, clock, stdout }: Pick<Dependencies, "readFile" | "clock" | "stdout">,
): Promise<number> {
  const read = (path: string, given: string, hop: Hop): Promise<FileContent> =>
    readFile(path, { given, hop, category: "identity" });
  const files = {
    certificate: await read(file, "FILE", "certificate"),
    intermediates:
      intermediates === undefined ? undefined : await read(intermediates, "--intermediates", "certificate"),
    privateKey: privateKey === undefined ? undefined : await read(privateKey, "--private-key", "private-key"),
  };
  const inspection = inspectFiles(files, clock(), roleSessionName);
  await stdout(output === "json" ? certificateJson(file, inspection) : certificateText(inspection));
  return inspection.problems.length === 0 ? 0 : exitCodes.identity;
}
