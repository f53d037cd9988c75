/** The cluster as EKS describes it, the API server's answer to the token, and what the user may do. */
import type { AuthenticationMode, EksCluster } from "../../aws/eks/describe-cluster.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { serverAddress } from "../../kubeconfig/read/cluster.ts";
import { rbacForbidden } from "../../kubernetes-api/questions.ts";
import type { ApiEvidence } from "../evidence/api-server.ts";
import { modeOf } from "../evidence/eks.ts";
import {
  clusterProblem,
  isRefused,
  isTaken,
  isUnknownCluster,
  type Evidence,
  type MappingEvidence,
} from "../evidence/evidence.ts";
import type { Findings, Warning } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";

export function clusterHop(findings: Findings, evidence: Evidence): void {
  const { eks, api } = evidence;
  if (!eks) {
    findings.skip("cluster", "not asked: EKS is asked only with a session that eks-x509 made");
    return;
  }
  const { cluster } = eks;
  const problem = clusterProblem(evidence);
  const facts =
    cluster instanceof EksX509Error ? [] : clusterFacts(cluster, typeof eks.accessEntry === "object");
  if (problem && (isTaken(evidence) || isElsewhere(problem, evidence) || isOutweighed(problem, evidence)))
    findings.ok("cluster", "", facts, [warning(problem)]);
  else if (problem && api?.problem) findings.fail("cluster", problem, facts);
  else if (cluster instanceof EksX509Error)
    findings.skip("cluster", `EKS does not describe it: ${cluster.message}`);
  else findings.ok("cluster", `${cluster.name} is ${cluster.status}`, facts);
}

/** Another server explains a 401 and a wrong certificate. It does not explain a network fault, which may be a tunnel's. */
function isElsewhere({ code }: EksX509Error, { api }: Evidence): boolean {
  if (code !== "CLUSTER_ENDPOINT_DIFFERS") return false;
  const explained = ["API_UNAUTHORIZED", "API_TLS_UNTRUSTED", "API_CA_NOT_GIVEN", "API_TLS_NAME_DIFFERS"];
  return api?.problem !== undefined && !explained.includes(api.problem.code);
}

/** What was read from the cluster itself weighs more than what EKS does not know. */
function isOutweighed(problem: EksX509Error, { mapping }: Evidence): boolean {
  return isUnknownCluster(problem) && mapping !== undefined;
}

function warning({ code, message, hint }: EksX509Error): Warning {
  if (code !== "CLUSTER_ENDPOINT_DIFFERS") return { code, why: message, hint };
  return {
    code,
    why: message,
    hint: "This is correct for a tunnel or a load balancer in front of the cluster; set the endpoint's host as the cluster's tls-server-name. Otherwise correct --cluster-name and --region, or the cluster's server.",
  };
}

function clusterFacts({ arn, endpoint, authenticationMode }: EksCluster, hasEntry: boolean): Fact[] {
  return [
    ["ARN", arn],
    ["endpoint", endpoint],
    ["authentication", authenticationMode ?? "not reported"],
    ...(hasEntry ? [["access entry", "one for this role"] as const] : []),
  ];
}

/** @param entryToAdd printed with a refusal that nothing else explains */
export function apiHops(findings: Findings, evidence: Evidence, entryToAdd: string): void {
  const { api, server } = evidence;
  if (!api) return;
  const facts: Fact[] = [
    ["server", server ? serverAddress(server.url) : ""],
    ...(server?.impersonates ? [["acts as", server.impersonates] as const] : []),
    ...(api.version === undefined ? [] : [["version", api.version] as const]),
  ];
  if (isTaken(evidence)) {
    findings.ok("api-server", "it accepts the token", facts);
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
      isRefused(evidence) ? "it answers 401; the cause is above" : problem.message,
      facts,
    );
    return;
  }
  if (!isRefused(evidence)) findings.fail("api-server", problem, facts);
  else if (evidence.mapping)
    findings.fail("api-server", refusedThoughMapped(problem, evidence.mapping, evidence.eks), facts);
  else {
    const entry: Fact[] = entryToAdd === "" ? [] : [["entry to add", entryToAdd.trimEnd()]];
    findings.fail("api-server", explainedByMode(problem, evidence), [...facts, ...entry]);
  }
}

/** EKS reports where the cluster looks for a mapping. */
function explainedByMode(problem: EksX509Error, { eks }: Evidence): EksX509Error {
  const where = missing[modeOf(eks) ?? "API_AND_CONFIG_MAP"];
  if (problem.code !== "API_UNAUTHORIZED" || !eks || where === undefined) return problem;
  return problem.withHint(
    `It gives no reason, and STS accepts the token. Most likely ${where}. ${authenticatorLog}`,
  );
}

const missing: Readonly<Record<AuthenticationMode, string | undefined>> = {
  CONFIG_MAP:
    "no entry of aws-auth maps the role; the cluster does not use access entries (authenticationMode CONFIG_MAP)",
  API: "the cluster has no access entry for the role; it does not use aws-auth (authenticationMode API)",
  API_AND_CONFIG_MAP: undefined,
};

const authenticatorLog =
  "Otherwise the cluster's authenticator is down or cannot reach STS: see the control plane's authenticator log in CloudWatch.";

/** The mapping hop has failed already if the mapping denies the role. */
function refusedThoughMapped(
  { message }: EksX509Error,
  { source, verdict }: MappingEvidence,
  eks: Evidence["eks"],
): EksX509Error {
  // The cluster's authenticator asks STS with the cluster's own name.
  const name = isUnknownCluster(eks?.cluster)
    ? "Check --cluster-name: the token is only for the cluster of that name, and EKS does not know it. "
    : "";
  const byEntry = verdict.kind === "mapped" && verdict.by === "access-entry";
  return new EksX509Error({
    category: "refused",
    hop: "api-server",
    code: byEntry ? "API_REFUSED_THOUGH_ENTRY" : "API_REFUSED_THOUGH_MAPPED",
    message: `${message}, although ${byEntry ? "an access entry maps the role" : "the role is mapped"}`,
    hint: byEntry
      ? `${name}An access entry belongs to one role, not to its name. If the role was deleted and created again, delete the access entry and create it again. ${authenticatorLog}`
      : `${name}The mapping was read from ${source}. Check that it belongs to this cluster, and that it is older than a minute. ${authenticatorLog}`,
  });
}

function authorizationHop(findings: Findings, { access, user, actingAs, problem }: ApiEvidence): void {
  if (!access) {
    if (problem) findings.fail("authorization", problem);
    return;
  }
  if (access.allowed)
    findings.ok("authorization", "kubectl get namespaces is allowed", reason(access.reason));
  else findings.fail("authorization", rbacForbidden(access, actingAs ?? user));
}

function reason(text: string): Fact[] {
  return text ? [["because", text]] : [];
}
