/** The certificate and its key: what they are, and what Roles Anywhere will make of them. */
import { identityRole, readIdentityFiles } from "../../cache/identity-files.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import { identityFrom, type Identity } from "../../identity/identity.ts";
import { inspectFiles, type Inspection } from "../../identity/inspection.ts";
import { certificateFacts, chainFacts, sessionFacts } from "../../identity/inspection-facts.ts";
import type { Findings } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { World } from "../world.ts";

export function certificateHop(
  findings: Findings,
  { files: given, session }: GetTokenInput,
  { readFile, fileState, clock }: World,
): Promise<Identity | undefined> {
  return findings.on("certificate", async () => {
    const { certificate, intermediates } = await readIdentityFiles(given, { readFile, fileState });
    const privateKey = await readFile(given.privateKey.path, identityRole(given.privateKey, "private-key"));
    const files = { certificate, intermediates, privateKey };
    const inspection = inspectFiles(files, clock(), session.roleSessionName);
    const facts = [...inspectionFacts(inspection), ...keyFacts(privateKey)];
    const [problem] = inspection.problems;
    if (problem) {
      findings.fail("certificate", problem, facts);
      return undefined;
    }
    const identity = identityFrom(files, clock());
    reportSound(findings, inspection, facts);
    return identity;
  });
}

function reportSound(findings: Findings, { view, warnings }: Inspection, facts: readonly Fact[]): void {
  const [first, ...others] = warnings;
  if (!first) {
    findings.ok("certificate", view.subject, facts);
    return;
  }
  const also = others.map(({ message, code }): Fact => ["also", `${message} (${code})`]);
  findings.warn("certificate", { ...first, detail: `${view.subject}: ${first.message}` }, [
    ...facts,
    ...also,
  ]);
}

function inspectionFacts(inspection: Inspection): Fact[] {
  return [
    ...certificateFacts(inspection.view),
    ...chainFacts(inspection),
    ...sessionFacts(inspection.session),
  ];
}

/** POSIX permissions. */
function keyFacts({ name, mode }: { name: string; mode: number }): Fact[] {
  const readers = (mode & 0o077) === 0 ? "" : `, which others may read (mode ${mode.toString(8)}): chmod 600`;
  return [["private key", `${name}${readers}`]];
}
