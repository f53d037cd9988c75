/** `eks-x509 cert inspect FILE`: whether a certificate is fit for Roles Anywhere, without calling it. */
import { EksX509Error, exitCodes, settled } from "../../../foundation/errors.ts";
import type { GivenFile, NamedBytes } from "../../../foundation/ports.ts";
import type { Warning } from "../../../identity/fitness/warnings.ts";
import { openSigner, readCertificateFiles } from "../../../identity/identity.ts";
import {
  type Inspection,
  certificateFacts,
  chainFacts,
  inspect as inspectCertificates,
  sessionFacts,
} from "../../../identity/inspection.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { whileRenewed } from "../../../sign-in/renewal.ts";
import type { Flags } from "../../command.ts";
import { sessionName } from "../../settings/input.ts";
import { hanging } from "../../text/terminal.ts";
import {
  admissionExitCode,
  admissionLines,
  admissionOf,
  admissionInput,
  type Admission,
  type AdmissionInput,
} from "./admission.ts";
import { certificateJson, failureJson } from "./json.ts";

/**
 * @returns 0 if the certificate is fit for Roles Anywhere and everything that was given lets it in; 3 if it is not fit, 5 if it is
 * refused, 1 if that is not known. Warnings do not change it. With JSON, also 3 for files that cannot be read or do not belong
 * together, because the output contains the reason
 * @throws EksX509Error of category identity, exit code 3, for such files; SESSION_NAME_INVALID
 */
export async function runCertInspect(flags: Flags, root: Ports): Promise<number> {
  const { stdin, stdout } = root.streams;
  const file = flags.text("FILE") ?? "";
  // A URI without its PIN.
  const { description } = root.identities({}).signer({ path: file, source: "FILE" });
  const isJson = flags.text("output") === "json";
  const roleSessionName = flags.text("role-session-name");
  if (roleSessionName !== undefined) sessionName({ value: roleSessionName, source: "--role-session-name" });
  const files = await admissionInput(flags, root.readFile);
  const given = file === "-" ? { name: "stdin", bytes: await stdin() } : undefined;
  const inspection = await settled(whileRenewed(() => inspect(flags, files, root, given)));
  if (inspection instanceof EksX509Error) {
    if (!isJson || inspection.category !== "identity") throw inspection;
    await stdout(failureJson(description, inspection));
    return exitCodes.identity;
  }
  const { admission } = inspection;
  await stdout(
    isJson ? certificateJson(description, inspection, admission) : certificateText(inspection, admission),
  );
  return inspection.problems.length === 0 ? admissionExitCode(admission) : exitCodes.identity;
}

async function inspect(
  flags: Flags,
  files: AdmissionInput,
  { identities, clock }: Ports,
  given: NamedBytes | undefined,
): Promise<Inspection & { admission: Admission }> {
  const option = (name: string): GivenFile | undefined => {
    const path = flags.text(name);
    return path === undefined ? undefined : { path, source: `--${name}` };
  };
  const sources = identities({
    passwordFile: option("password-file"),
    askpass: flags.text("askpass"),
    pkcs11Module: flags.text("pkcs11-module"),
  });
  const [intermediates, privateKey] = [option("intermediates"), option("private-key")];
  const file = { path: flags.text("FILE") ?? "", source: "FILE" };
  const certificates = readCertificateFiles({
    certificate: given ?? (await sources.certificates(file).open()),
    intermediates: intermediates && (await sources.certificates(intermediates).open()),
  });
  const key = privateKey && (await openSigner(sources.signer(privateKey), certificates));
  const [now, roleSessionName] = [clock(), flags.text("role-session-name")];
  const asked = { roleSessionName, mappings: files.profile?.mappings };
  const inspection = inspectCertificates(certificates, key, now, asked);
  const isNamed = roleSessionName !== undefined;
  return {
    ...inspection,
    admission: admissionOf(files, inspection, certificates.candidates, { isNamed, now }),
  };
}

const columns = 80;
const indent = "  ";

type Fact = readonly [label: string, value: string];

function certificateText(inspection: Inspection, admission: Admission): string {
  const { view, session, problems, warnings } = inspection;
  const lines = [
    ...section("Certificate", certificateFacts(view)),
    ...section("Chain", chainFacts(inspection)),
    ...section("The session of Roles Anywhere", sessionFacts(session)),
    ...problems.flatMap((problem) => finding("✗", problem)),
    ...warnings.flatMap((warning) => finding("!", warning)),
    problems.length === 0
      ? `✓ fit for Roles Anywhere (the trust anchor${admission.profile ? " is" : " and the profile are"} not checked)`
      : "✗ not fit for Roles Anywhere",
    ...admissionLines(admission),
  ];
  return `${lines.join("\n")}\n`;
}

function section(title: string, facts: readonly Fact[]): string[] {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  const lines = facts.flatMap(([label, value]) => hanging(indent + label.padEnd(width), value, columns));
  return [title, ...lines, ""];
}

function finding(sign: string, { code, message, hint }: Warning | EksX509Error): string[] {
  return [...hanging(`${sign} `, `${message} (${code})`, columns), ...hanging(`${indent}→ `, hint, columns)];
}
