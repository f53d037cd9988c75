/** The mapping: which entry makes the identity a Kubernetes user, or why none does; and what to search for in the audit logs. */
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { KubernetesUser } from "../../kubernetes-api/questions.ts";
import type { Denied, Mapped, MappingWarning } from "../../authenticator/mapping/verdict.ts";
import { isTaken, type Evidence, type MappingEvidence } from "../evidence/evidence.ts";
import type { Findings } from "../report/findings.ts";
import type { Fact, MappingReport } from "../report/report.ts";
import type { SignedIn } from "./sign-in.ts";

/** @returns the user that the identity becomes; the API server's answer takes precedence over the mapping that was read */
export function mappingHop(findings: Findings, evidence: Evidence): MappingReport | null {
  const { mapping, mappingUnread, mappingFailure, api } = evidence;
  const reported = api?.user && reportedByServer(api.user);
  if (mapping?.verdict.kind === "mapped")
    return reportMapped(findings, mapping.verdict, mapping.source, reported);
  if (mapping) return reportDenied(findings, mapping, mapping.verdict, isTaken(evidence), reported);
  if (mappingFailure) reportFailure(findings, mappingFailure, isTaken(evidence), reported);
  else if (reported)
    findings.ok("mapping", `the API server maps it to ${quoted(reported.username)}`, [
      ...userFacts(reported),
      ["read from", mappingUnread],
    ]);
  else findings.skip("mapping", mappingUnread);
  return reported ?? null;
}

/** The place that an option names cannot be read. That is only a warning if the API server accepts the token. */
function reportFailure(
  findings: Findings,
  failure: EksX509Error,
  isTakenAnyway: boolean,
  reported: MappingReport | undefined,
): void {
  if (!isTakenAnyway) {
    findings.fail("mapping", failure);
    return;
  }
  const { code, message: why, hint } = failure;
  const detail = reported ? `the API server maps it to ${quoted(reported.username)}` : "";
  findings.ok("mapping", detail, reported ? userFacts(reported) : [], [{ code, why, hint }]);
}

function reportedByServer({ username, groups, uid, extra }: KubernetesUser): MappingReport {
  return { by: "api-server", place: null, username, groups, uid, extra };
}

function reportMapped(
  findings: Findings,
  { user, by, place, warnings }: Mapped,
  source: string,
  reported: MappingReport | undefined,
): MappingReport {
  const facts: Fact[] = [["read from", source], ...userFacts(user)];
  const detail = `${place} makes it ${quoted(user.username)}`;
  findings.ok("mapping", detail, facts, [...(reported ? differences(user, reported) : []), ...warnings]);
  return { ...(reported ?? user), by, place };
}

function differences({ username }: Mapped["user"], reported: MappingReport): MappingWarning[] {
  if (username === reported.username) return [];
  return [
    {
      code: "MAPPING_DIFFERS",
      why: `the API server maps it to ${quoted(reported.username)}`,
      hint: "Either an access entry takes precedence over aws-auth, or the mapping belongs to another cluster.",
    },
  ];
}

function reportDenied(
  findings: Findings,
  { source }: MappingEvidence,
  denied: Denied,
  isTakenAnyway: boolean,
  reported: MappingReport | undefined,
): MappingReport | null {
  const facts: Fact[] = [["read from", source], ...denialFacts(denied)];
  if (!isTakenAnyway) {
    const { code, why, hint } = denied;
    findings.fail(
      "mapping",
      new EksX509Error({ category: "refused", hop: "mapping", code, message: why, hint }),
      facts,
    );
    return null;
  }
  const user = reported ? ` as ${quoted(reported.username)}` : "";
  const why = `the API server accepts it${user}, although ${denied.why}`;
  const hint = "Either an access entry maps it, or the mapping belongs to another cluster.";
  findings.ok("mapping", "", [["read from", source]], [{ code: "MAPPING_ELSEWHERE", why, hint }]);
  return reported ?? null;
}

function userFacts({ username, groups }: Pick<MappingReport, "username" | "groups">): Fact[] {
  return [
    ["username", username],
    ["groups", groups.join(", ") || "none"],
  ];
}

function denialFacts({ place, entryToAdd }: Denied): Fact[] {
  return [
    ...(place === undefined ? [] : [["nearest", place] as const]),
    ["entry to add", entryToAdd.trimEnd()],
  ];
}

function quoted(name: string): string {
  return JSON.stringify(name);
}

/** The same request in AWS CloudTrail and in the cluster's audit log. */
export interface Traces {
  /** Undefined for a token that this run did not make. */
  own: SignedIn | undefined;
  identity: CallerIdentity;
  mapping: MappingReport | null;
}

export function auditHop(findings: Findings, { own, identity, mapping }: Traces): void {
  const serial = own?.identity.leaf.serial;
  const hex = serial?.toString(16);
  const facts: [string, string | undefined][] = [
    ["CloudTrail", "eventSource rolesanywhere.amazonaws.com, eventName CreateSession"],
    ["serial", hex && `${hex} (${String(serial)})`],
    ["session name", identity.sessionName || undefined],
    ["source identity", own?.session.sourceIdentity || undefined],
    ["access key id", identity.accessKeyId],
    ["Kubernetes", mapping ? `user.username ${JSON.stringify(mapping.username)}` : undefined],
    ["user.extra", mapping ? Object.keys(mapping.extra).join(", ") : undefined],
  ];
  const known = facts.flatMap(([label, value]): Fact[] => (value ? [[label, value]] : []));
  findings.ok("audit", "what to search for in CloudTrail and in the cluster's audit log", known);
}
