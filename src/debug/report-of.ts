/** From what was found to the report: the verdict, and not a secret in it. */
import type { CallerIdentity } from "../eks/caller-identity.ts";
import type { Findings } from "./findings.ts";
import {
  exitCodeOf,
  verdictOf,
  type Fact,
  type HopReport,
  type MappingReport,
  type Report,
} from "./report.ts";
import { tokenReport, type JudgedToken } from "./token-hop.ts";
import { withoutSecrets } from "./without-secrets.ts";

export interface Found {
  token?: JudgedToken | undefined;
  identity?: CallerIdentity | undefined;
  mapping?: MappingReport | null;
  /** Whether whoever decides was asked, and said yes. */
  isAccepted: boolean;
  isOffline: boolean;
  /** What must not come out, whoever may have repeated it. */
  secrets: string[];
}

export function reportOf(findings: Findings, found: Found): Report {
  const outcome = {
    category: findings.category,
    isAccepted: found.isAccepted && !findings.hasFailed,
    isOffline: found.isOffline,
  };
  const clean = withoutSecrets(found.secrets);
  return {
    verdict: verdictOf(outcome),
    hops: findings.hops.map((hop) => cleanHop(hop, clean)),
    token: found.token ? tokenReport(found.token) : null,
    identity: found.identity ?? null,
    mapping: found.mapping ?? null,
    exitCode: exitCodeOf(outcome),
  };
}

/** Servers may repeat what they were sent, in a message of theirs. */
function cleanHop(hop: HopReport, clean: (text: string) => string): HopReport {
  return {
    ...hop,
    detail: clean(hop.detail),
    hint: clean(hop.hint),
    facts: hop.facts.map(([label, value]): Fact => [clean(label), clean(value)]),
  };
}
