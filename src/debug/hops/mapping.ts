/** The mapping: which entry makes the identity a Kubernetes user, or why none does; and what to search for in the audit logs. */
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Denied, Mapped, MappedUser } from "../../authenticator/mapping/user.ts";
import { isTaken, type Evidence } from "../evidence/evidence.ts";
import { warningOf, type Findings, type Warning } from "../report/findings.ts";
import type { Fact, MappingReport } from "../report/report.ts";
import type { SignedIn } from "./sign-in.ts";

/** @returns the user that the identity becomes; the API server's answer takes precedence over the mapping that was read */
export function mappingHop(findings: Findings, evidence: Evidence): MappingReport | null {
  const { mapping, mappingUnread, mappingFailure, api } = evidence;
  const reported: MappingReport | null = api?.user ? { by: "api-server", place: null, ...api.user } : null;
  if (mapping?.verdict.kind === "mapped")
    return reportMapped(findings, mapping.verdict, mapping.source, reported);
  const facts = reported ? userFacts(reported) : [];
  const detail = reported ? `the API server maps it to ${JSON.stringify(reported.username)}` : "";
  if (mapping) reportDenied(findings, mapping.verdict, mapping.source, isTaken(evidence), reported);
  else if (mappingFailure && isTaken(evidence))
    findings.ok("mapping", detail, facts, [warningOf(mappingFailure)]);
  else if (mappingFailure) findings.fail("mapping", mappingFailure);
  else if (reported) findings.ok("mapping", detail, [...facts, ["read from", mappingUnread]]);
  else findings.skip("mapping", mappingUnread);
  return reported;
}

function reportMapped(
  findings: Findings,
  { user, by, place, warnings }: Mapped,
  source: string,
  reported: MappingReport | null,
): MappingReport {
  const differs: Warning[] =
    !reported || reported.username === user.username
      ? []
      : [
          {
            code: "MAPPING_DIFFERS",
            why: `the API server maps it to ${JSON.stringify(reported.username)}`,
            hint: "Either an access entry takes precedence over aws-auth, or the mapping belongs to another cluster.",
          },
        ];
  const detail = `${place} makes it ${JSON.stringify(user.username)}`;
  findings.ok("mapping", detail, [["read from", source], ...userFacts(user)], [...differs, ...warnings]);
  return { ...(reported ?? user), by, place };
}

function reportDenied(
  findings: Findings,
  { code, why, hint, place, entryToAdd }: Denied,
  source: string,
  isTakenAnyway: boolean,
  reported: MappingReport | null,
): void {
  if (!isTakenAnyway) {
    const failure = new EksX509Error({ category: "refused", hop: "mapping", code, message: why, hint });
    findings.fail("mapping", failure, [
      ["read from", source],
      ["nearest", place],
      ["entry to add", entryToAdd.trimEnd()],
    ]);
    return;
  }
  const warning: Warning = {
    code: "MAPPING_ELSEWHERE",
    why: `the API server accepts it${reported ? ` as ${JSON.stringify(reported.username)}` : ""}, although ${why}`,
    hint: "Either an access entry maps it, or the mapping belongs to another cluster.",
  };
  findings.ok("mapping", "", [["read from", source]], [warning]);
}

function userFacts({ username, groups }: MappedUser): Fact[] {
  return [
    ["username", username],
    ["groups", groups.join(", ") || "none"],
  ];
}

/** The same request in AWS CloudTrail and in the cluster's audit log. */
export function auditHop(
  findings: Findings,
  own: SignedIn | undefined,
  identity: CallerIdentity,
  mapping: MappingReport | null,
): void {
  const serial = own?.identity.leaf.serial;
  findings.ok("audit", "what to search for in CloudTrail and in the cluster's audit log", [
    ["CloudTrail", "eventSource rolesanywhere.amazonaws.com, eventName CreateSession"],
    ["serial", serial === undefined ? undefined : `${serial.toString(16)} (${String(serial)})`],
    ["session name", identity.sessionName || undefined],
    ["source identity", own?.session.sourceIdentity || undefined],
    ["access key id", identity.accessKeyId || undefined],
    ["Kubernetes", mapping ? `user.username ${JSON.stringify(mapping.username)}` : undefined],
    ["user.extra", (mapping && Object.keys(mapping.extra).join(", ")) || undefined],
  ]);
}
