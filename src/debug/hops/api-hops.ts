/** The API server: whether it takes the token; and authorization: whether its user may list namespaces. */
import { EksX509Error } from "../../foundation/errors.ts";
import { rbacForbidden } from "../../kubernetes-api/can-i.ts";
import { serverAddress } from "../../kubeconfig/read/server-address.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import { question, type ApiEvidence } from "../evidence/api-evidence.ts";
import { modeOf } from "../evidence/eks-evidence.ts";
import { isRefused, isTaken, type Evidence, type MappingEvidence } from "../evidence/evidence.ts";
import type { Findings } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";

/** @param entryToAdd told with a refusal that nothing else explains */
export function apiHops(findings: Findings, evidence: Evidence, entryToAdd: string): void {
  const { api, server } = evidence;
  if (!api) return;
  const facts: Fact[] = [
    ["server", server ? serverAddress(server.url) : ""],
    ...(server?.impersonates ? [["acts as", server.impersonates] as const] : []),
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
  if (!isRefused(evidence)) findings.fail("api-server", problem, facts);
  else if (evidence.mapping)
    findings.fail("api-server", refusedThoughMapped(problem, evidence.mapping), facts);
  else {
    const entry: Fact[] = entryToAdd === "" ? [] : [["entry to add", entryToAdd.trimEnd()]];
    findings.fail("api-server", explainedByMode(problem, evidence), [...facts, ...entry]);
  }
}

/** EKS tells where the cluster looks for a mapping, and the other place need not be looked at. */
function explainedByMode(problem: EksX509Error, { eks }: Evidence): EksX509Error {
  const where = missing[modeOf(eks) ?? "API_AND_CONFIG_MAP"];
  if (problem.code !== "API_UNAUTHORIZED" || !eks || where === undefined) return problem;
  return problem.withHint(
    `It gives no reason, and STS accepts the token: most likely ${where}. ${authenticatorLog}`,
  );
}

const missing: Readonly<Record<AuthenticationMode, string | undefined>> = {
  CONFIG_MAP:
    "no entry of aws-auth maps the role, and access entries do not count (authenticationMode CONFIG_MAP)",
  API: "the cluster has no access entry for the role, and aws-auth does not count (authenticationMode API)",
  API_AND_CONFIG_MAP: undefined,
};

const authenticatorLog =
  "Otherwise the cluster's authenticator cannot reach STS, or is down: look at the control plane's log of type authenticator in CloudWatch.";

/** A mapping that denies would have failed before. */
function refusedThoughMapped({ message }: EksX509Error, { source, verdict }: MappingEvidence): EksX509Error {
  const byEntry = verdict.kind === "mapped" && verdict.by === "access-entry";
  return new EksX509Error({
    category: "refused",
    hop: "api-server",
    code: byEntry ? "API_REFUSED_THOUGH_ENTRY" : "API_REFUSED_THOUGH_MAPPED",
    message: `${message}, though ${byEntry ? "there is an access entry for the role" : "the role is mapped"}`,
    hint: byEntry
      ? `An access entry is for one role, and not for another that has its name since: if the role was deleted and created anew, delete the entry and create it anew too. ${authenticatorLog}`
      : `The mapping was read from ${source}. Check that it is this cluster's, and was there a minute ago. ${authenticatorLog}`,
  });
}

function authorizationHop(findings: Findings, { access, user, actingAs, problem }: ApiEvidence): void {
  if (!access) {
    if (problem) findings.fail("authorization", problem);
    return;
  }
  if (access.allowed)
    findings.ok("authorization", "kubectl get namespaces is allowed", reason(access.reason));
  else findings.fail("authorization", rbacForbidden(question, access, actingAs ?? user));
}

function reason(text: string): Fact[] {
  return text ? [["because", text]] : [];
}
