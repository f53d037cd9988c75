/** `eks-x509 cert inspect FILE`: whether a certificate is fit for Roles Anywhere, without calling it. */
import { whileRenewed } from "../../../sign-in/renewal.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { EksX509Error, exitCodes } from "../../../foundation/errors.ts";
import type { FileContent, NamedBytes } from "../../../foundation/ports.ts";
import { openSigner, readCertificateFiles } from "../../../identity/identity.ts";
import { inspect as inspectCertificates, type Inspection } from "../../../identity/inspection.ts";
import { certificateJson, failureJson } from "./json.ts";
import { certificateText } from "./text.ts";
import { sessionName } from "../../settings/input.ts";

export interface CertInspectInput {
  /** PEM or DER; can also contain the chain, in any order, and the key. */
  file: string;
  intermediates?: string | undefined;
  /** Selects the leaf from several certificates. Its content is not printed. */
  privateKey?: string | undefined;
  /** The value of --role-session-name, for a profile that accepts one. */
  roleSessionName?: string | undefined;
  output: "text" | "json";
}

/** As for a file. */
const longestInput = 1024 * 1024;

type InspectPorts = Pick<Ports, "readFile" | "signer" | "clock" | "streams">;

/**
 * @returns 0 if the certificate is fit for Roles Anywhere, 3 if not. Warnings do not change it. With JSON, also 3 for
 * files that cannot be read or do not belong together, because the output contains the reason
 * @throws EksX509Error of category identity, exit code 3, for such files; SESSION_NAME_INVALID
 */
export async function runCertInspect(input: CertInspectInput, ports: InspectPorts): Promise<number> {
  const { file, roleSessionName, output } = input;
  if (roleSessionName !== undefined) sessionName({ value: roleSessionName, source: "--role-session-name" });
  const isJson = output === "json";
  const given = file === "-" ? { name: "stdin", bytes: await ports.streams.stdin(longestInput) } : undefined;
  const inspection = await whileRenewed(() => inspect(input, ports, given)).catch((error: unknown) => {
    if (isJson && error instanceof EksX509Error && error.category === "identity") return error;
    throw error;
  });
  if (inspection instanceof EksX509Error) {
    await ports.streams.stdout(failureJson(file, inspection));
    return exitCodes.identity;
  }
  await ports.streams.stdout(isJson ? certificateJson(file, inspection) : certificateText(inspection));
  return inspection.problems.length === 0 ? 0 : exitCodes.identity;
}

async function inspect(
  { file, intermediates, privateKey, roleSessionName }: CertInspectInput,
  { readFile, signer, clock }: InspectPorts,
  given: NamedBytes | undefined,
): Promise<Inspection> {
  const read = (path: string, option: string): Promise<FileContent> =>
    readFile(path, { given: option, hop: "certificate", category: "identity" });
  const certificates = readCertificateFiles({
    certificate: given ?? (await read(file, "FILE")),
    intermediates: intermediates === undefined ? undefined : await read(intermediates, "--intermediates"),
  });
  const key =
    privateKey === undefined
      ? undefined
      : await openSigner(signer({ path: privateKey, source: "--private-key" }), certificates);
  return inspectCertificates(certificates, key, clock(), roleSessionName);
}
