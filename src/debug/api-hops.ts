/** The API server: whether it takes the token; and authorization: whether its user may list namespaces. */
import type { EksX509Error } from "../errors.ts";
import { rbacForbidden } from "../kubernetes/api/can-i.ts";
import { question, type ApiEvidence } from "./api-evidence.ts";
import { isRefused, isTaken, type Evidence } from "./evidence.ts";
import type { Findings } from "./findings.ts";
import type { Fact } from "./report.ts";

/** @param entryToAdd told with a refusal that nothing else explains */
export function apiHops(findings: Findings, evidence: Evidence, entryToAdd: string): void {
  const { api, server = "" } = evidence;
  if (!api) return;
  const facts: Fact[] = [
    ["server", server],
    ...(api.version === undefined ? [] : [["version", api.version] as const]),
  ];
  if (isTaken(evidence)) {
    findings.ok("api-server", "it takes the token", facts);
    authorizationHop(findings, api);
  } else if (api.problem) reportProblem(findings, evidence, api.problem, facts, entryToAdd);
}

function reportProblem(
  findings: Findings,
  evidence: Evidence,
  problem: EksX509Error,
  facts: readonly Fact[],
  entryToAdd: string,
): void {
  if (findings.hasFailed) {
    findings.skip(
      "api-server",
      isRefused(evidence) ? "it answers 401, as told above" : problem.message,
      facts,
    );
    return;
  }
  const entry: Fact[] = entryToAdd === "" ? [] : [["entry to add", entryToAdd.trimEnd()]];
  findings.fail("api-server", problem, isRefused(evidence) ? [...facts, ...entry] : facts);
}

function authorizationHop(findings: Findings, { access, user, problem }: ApiEvidence): void {
  if (!access) {
    if (problem) findings.fail("authorization", problem);
    return;
  }
  if (access.allowed)
    findings.ok("authorization", "kubectl get namespaces is allowed", reason(access.reason));
  else findings.fail("authorization", rbacForbidden(question, access, user));
}

function reason(text: string): Fact[] {
  return text ? [["because", text]] : [];
}
