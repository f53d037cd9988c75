/** The mapping: which entry makes the identity a Kubernetes user, or why none does. */
import { EksX509Error } from "../../foundation/errors.ts";
import type { KubernetesUser } from "../../kubernetes-api/who-am-i.ts";
import type { Denied, Mapped, MappingWarning } from "../../authenticator/mapping/verdict.ts";
import { isTaken, type Evidence, type MappingEvidence } from "../evidence/evidence.ts";
import type { Findings } from "../report/findings.ts";
import type { Fact, MappingReport } from "../report/report.ts";

/** @returns the user that the identity becomes; what the API server says counts more than what can be read */
export function mappingHop(findings: Findings, evidence: Evidence): MappingReport | null {
  const { mapping, mappingUnread, mappingFailure, api } = evidence;
  const told = api?.user && toldByServer(api.user);
  if (mapping?.verdict.kind === "mapped")
    return reportMapped(findings, mapping.verdict, mapping.source, told);
  if (mapping) return reportDenied(findings, mapping, mapping.verdict, isTaken(evidence), told);
  if (mappingFailure) reportFailure(findings, mappingFailure, isTaken(evidence), told);
  else if (told)
    findings.ok("mapping", `the API server takes it for ${quoted(told.username)}`, [
      ...userFacts(told),
      ["read from", mappingUnread],
    ]);
  else findings.skip("mapping", mappingUnread);
  return told ?? null;
}

/** Who was to tell the mapping, does not: no more than a pity when the token is accepted all the same. */
function reportFailure(
  findings: Findings,
  failure: EksX509Error,
  isTakenAnyway: boolean,
  told: MappingReport | undefined,
): void {
  if (!isTakenAnyway) {
    findings.fail("mapping", failure);
    return;
  }
  const { code, message, hint } = failure;
  const user = told ? `the API server takes it for ${quoted(told.username)}; ` : "";
  findings.warn("mapping", { code, detail: user + message, hint }, told ? userFacts(told) : []);
}

function toldByServer({ username, groups, uid, extra }: KubernetesUser): MappingReport {
  return { by: "api-server", place: null, username, groups, uid, extra };
}

function reportMapped(
  findings: Findings,
  { user, by, place, warnings }: Mapped,
  source: string,
  told: MappingReport | undefined,
): MappingReport {
  const report = { by, place, ...user };
  const facts: Fact[] = [["read from", source], ...userFacts(user)];
  const detail = `${place} makes it ${quoted(user.username)}`;
  const [first, ...others] = [...(told ? differences(user, told) : []), ...warnings];
  if (!first) {
    findings.ok("mapping", detail, facts);
    return told ? { ...told, by, place } : report;
  }
  const also = others.map(({ why, code }): Fact => ["also", `${why} (${code})`]);
  findings.warn("mapping", { code: first.code, detail: `${detail}; ${first.why}`, hint: first.hint }, [
    ...facts,
    ...also,
  ]);
  return told ? { ...told, by, place } : report;
}

function differences({ username }: Mapped["user"], told: MappingReport): MappingWarning[] {
  if (username === told.username) return [];
  return [
    {
      code: "MAPPING_DIFFERS",
      why: `the API server takes it for ${quoted(told.username)}`,
      hint: "An access entry comes before aws-auth; or what was read is another cluster's.",
    },
  ];
}

function reportDenied(
  findings: Findings,
  { source }: MappingEvidence,
  denied: Denied,
  isTakenAnyway: boolean,
  told: MappingReport | undefined,
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
  const user = told ? ` for ${quoted(told.username)}` : "";
  findings.warn(
    "mapping",
    {
      code: "MAPPING_ELSEWHERE",
      detail: `the API server takes it${user}, though ${denied.why}`,
      hint: "An access entry maps it, or what was read is another cluster's.",
    },
    [["read from", source]],
  );
  return told ?? null;
}

export function userFacts({ username, groups }: Pick<MappingReport, "username" | "groups">): Fact[] {
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
