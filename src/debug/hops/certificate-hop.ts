/** The certificate and its key: what they are, and what Roles Anywhere will make of them. */
import { readIdentityFiles } from "../../cache/identity-files.ts";
import type { GetTokenInput } from "../../sign-in/input.ts";
import { identityFrom, openSigner, readCertificateFiles, type Identity } from "../../identity/identity.ts";
import { inspect, type Inspection } from "../../identity/inspection.ts";
import { certificateFacts, chainFacts, sessionFacts } from "../../identity/inspection-facts.ts";
import type { Signer } from "../../identity/signer.ts";
import type { Findings } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";
import type { World } from "../world.ts";

export function certificateHop(
  findings: Findings,
  { files: given, session }: GetTokenInput,
  { readFile, signer, clock }: World,
): Promise<Identity | undefined> {
  return findings.on("certificate", async () => {
    const files = await readIdentityFiles(given, { readFile, signer });
    const certificates = readCertificateFiles(files);
    const key = await openSigner(files.signer, certificates);
    const inspection = inspect(certificates, key, clock(), session.roleSessionName);
    const facts = [...inspectionFacts(inspection), keyFact(key)];
    const [problem] = inspection.problems;
    if (problem) {
      findings.fail("certificate", problem, facts);
      return undefined;
    }
    const identity = identityFrom(certificates, key, clock());
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

function keyFact({ description, warnings }: Signer): Fact {
  return ["private key", [description, ...warnings].join("; ")];
}
