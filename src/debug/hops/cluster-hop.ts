/** The cluster, as EKS knows it: whether the kubeconfig and the token speak of the same one. */
import { EksX509Error } from "../../foundation/errors.ts";
import type { EksCluster } from "../../aws/eks/describe-cluster.ts";
import { clusterProblem, isTaken, type Evidence } from "../evidence/evidence.ts";
import type { Findings } from "../report/findings.ts";
import type { Fact } from "../report/report.ts";

export function clusterHop(findings: Findings, evidence: Evidence): void {
  const { eks, api } = evidence;
  if (!eks) {
    findings.skip("cluster", "EKS is asked with a session of eks-x509's own");
    return;
  }
  const { cluster } = eks;
  const problem = clusterProblem(evidence);
  const facts =
    cluster instanceof EksX509Error ? [] : clusterFacts(cluster, typeof eks.accessEntry === "object");
  if (problem && (isTaken(evidence) || isElsewhere(problem, evidence)))
    findings.warn("cluster", warning(problem), facts);
  else if (problem && api?.problem) findings.fail("cluster", problem, facts);
  else if (cluster instanceof EksX509Error) findings.skip("cluster", `EKS does not tell: ${cluster.message}`);
  else findings.ok("cluster", `${cluster.name} is ${cluster.status}`, facts);
}

/** Another server explains a 401 and a certificate that does not fit, and no fault of the network's: that may be a tunnel's. */
function isElsewhere({ code }: EksX509Error, { api }: Evidence): boolean {
  if (code !== "CLUSTER_ENDPOINT_DIFFERS") return false;
  const explained = ["API_UNAUTHORIZED", "API_TLS_UNTRUSTED", "API_CA_NOT_GIVEN", "API_TLS_NAME_DIFFERS"];
  return api?.problem !== undefined && !explained.includes(api.problem.code);
}

function warning({ code, message, hint }: EksX509Error): { code: string; detail: string; hint: string } {
  if (code !== "CLUSTER_ENDPOINT_DIFFERS") return { code, detail: message, hint };
  return {
    code,
    detail: message,
    hint: "That is right for a tunnel or a load balancer that leads to the cluster; the endpoint's host as the cluster's tls-server-name says so. Otherwise correct --cluster-name and --region, or the cluster's server.",
  };
}

function clusterFacts({ arn, endpoint, authenticationMode }: EksCluster, hasEntry: boolean): Fact[] {
  return [
    ["ARN", arn],
    ["endpoint", endpoint],
    ["authentication", authenticationMode ?? "not told"],
    ...(hasEntry ? [["access entry", "there is one for this role"] as const] : []),
  ];
}
