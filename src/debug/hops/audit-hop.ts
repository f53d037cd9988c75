/** What to search for on both sides: AWS's CloudTrail and the cluster's audit log. */
import type { Findings } from "../report/findings.ts";
import type { CallerIdentity } from "../../aws/sts/caller-identity.ts";
import type { Fact, MappingReport } from "../report/report.ts";

export interface Traces {
  /** Decimal and hexadecimal; undefined without the certificate. */
  serial: bigint | undefined;
  sourceIdentity: string | undefined;
  identity: CallerIdentity;
  mapping: MappingReport | null;
}

export function auditHop(findings: Findings, { serial, sourceIdentity, identity, mapping }: Traces): void {
  const hex = serial?.toString(16);
  const facts: [string, string | undefined][] = [
    ["CloudTrail", "eventSource rolesanywhere.amazonaws.com, eventName CreateSession"],
    ["serial", hex && `${hex} (${String(serial)})`],
    ["session name", identity.sessionName || undefined],
    ["source identity", sourceIdentity || undefined],
    ["access key id", identity.accessKeyId],
    ["Kubernetes", mapping ? `user.username ${JSON.stringify(mapping.username)}` : undefined],
    ["user.extra", mapping ? Object.keys(mapping.extra).join(", ") : undefined],
  ];
  const told = facts.flatMap(([label, value]): Fact[] => (value ? [[label, value]] : []));
  findings.ok("audit", "what to search for in CloudTrail and in the cluster's audit log", told);
}
