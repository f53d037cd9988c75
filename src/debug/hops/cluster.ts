/** The cluster as EKS describes it, the API server's answer to the token, and what the user may do. */
import type { AuthenticationMode, EksCluster } from "../../aws/eks/describe-cluster.ts";
import { EksX509Error, errorsOf } from "../../foundation/errors.ts";
import { serverAddress } from "../../kubeconfig/read/cluster.ts";
import { impersonated } from "../../kubernetes-api/access.ts";
import { rbacForbidden } from "../../kubernetes-api/questions.ts";
import type { ApiEvidence } from "../evidence/api-server.ts";
import {
  clusterProblem,
  isRefused,
  isTaken,
  isUnknownCluster,
  modeOf,
  type Evidence,
  type MappingEvidence,
} from "../evidence/evidence.ts";
import { kubectlFlags } from "./kubeconfig.ts";
import { warningOf, type Findings, type PossibleFact } from "../report/findings.ts";

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
    findings.ok("cluster", "", facts, [warningOf(ofTunnel(problem))]);
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

function ofTunnel(problem: EksX509Error): EksX509Error {
  if (problem.code !== "CLUSTER_ENDPOINT_DIFFERS") return problem;
  return problem.withHint(
    "This is correct for a tunnel or a load balancer in front of the cluster; set the endpoint's host as the cluster's tls-server-name. Otherwise correct --cluster-name and --region, or the cluster's server.",
  );
}

function clusterFacts({ arn, endpoint, authenticationMode }: EksCluster, hasEntry: boolean): PossibleFact[] {
  return [
    ["ARN", arn],
    ["endpoint", endpoint],
    ["authentication", authenticationMode ?? "not reported"],
    ["access entry", hasEntry ? "one for this role" : undefined],
  ];
}

/** @param entryToAdd printed with a refusal that nothing else explains */
export function apiHops(findings: Findings, evidence: Evidence, entryToAdd: string): void {
  const { api, place } = evidence;
  if (!api) return;
  const { cluster, user } = place?.target ?? {};
  const facts: PossibleFact[] = [
    ["server", cluster && serverAddress(cluster.server)],
    ["acts as", user && (impersonated(user.impersonate) || undefined)],
    ["version", api.version],
  ];
  if (isTaken(evidence)) {
    findings.ok("api-server", "it accepts the token", facts);
    authorizationHop(findings, api, kubectlFlags(place, evidence.adminContext));
  } else if (api.problem && findings.failure) {
    const detail = isRefused(evidence) ? "it answers 401; the cause is above" : api.problem.message;
    findings.skip("api-server", detail, facts);
  } else if (api.problem) {
    const { failure, entry } = explained(api.problem, evidence, entryToAdd);
    findings.fail("api-server", failure, [...facts, ["entry to add", entry]]);
  }
}

function explained(
  problem: EksX509Error,
  evidence: Evidence,
  entryToAdd: string,
): { failure: EksX509Error; entry?: string | undefined } {
  if (!isRefused(evidence)) return { failure: problem };
  if (evidence.mapping) return { failure: refusedThoughMapped(problem, evidence.mapping, evidence.eks) };
  return { failure: explainedByMode(problem, evidence), entry: entryToAdd.trimEnd() || undefined };
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
  return errorsOf("refused", "api-server")(
    byEntry ? "API_REFUSED_THOUGH_ENTRY" : "API_REFUSED_THOUGH_MAPPED",
    `${message}, although ${byEntry ? "an access entry maps the role" : "the role is mapped"}`,
    byEntry
      ? `${name}An access entry belongs to one role, not to its name. If the role was deleted and created again, delete the access entry and create it again. ${authenticatorLog}`
      : `${name}The mapping was read from ${source}. Check that it belongs to this cluster, and that it is older than a minute. ${authenticatorLog}`,
  );
}

function authorizationHop(
  findings: Findings,
  { access, user, actingAs, problem }: ApiEvidence,
  flags: readonly string[],
): void {
  if (!access && problem) findings.fail("authorization", problem);
  else if (access?.allowed)
    findings.ok("authorization", "kubectl get namespaces is allowed", [
      ["because", access.reason || undefined],
    ]);
  else if (access) findings.fail("authorization", rbacForbidden(access, actingAs ?? user, flags));
}
