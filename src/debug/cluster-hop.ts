/** The cluster, as EKS knows it: whether the kubeconfig and the token speak of the same one. */
import { EksX509Error } from "../errors.ts";
import type { EksCluster } from "../eks/eks-describe-cluster.ts";
import { clusterProblem, isTaken, type Evidence } from "./evidence.ts";
import type { Findings } from "./findings.ts";
import type { Fact } from "./report.ts";

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
  if (problem && isTaken(evidence)) findings.warn("cluster", warning(problem), facts);
  else if (problem && api?.problem) findings.fail("cluster", problem, facts);
  else if (cluster instanceof EksX509Error) findings.skip("cluster", `EKS does not tell: ${cluster.message}`);
  else findings.ok("cluster", `${cluster.name} is ${cluster.status}`, facts);
}

function warning({ code, message, hint }: EksX509Error): { code: string; detail: string; hint: string } {
  return { code, detail: message, hint };
}

function clusterFacts({ arn, endpoint, authenticationMode }: EksCluster, hasEntry: boolean): Fact[] {
  return [
    ["ARN", arn],
    ["endpoint", endpoint],
    ["authentication", authenticationMode ?? "not told"],
    ...(hasEntry ? [["access entry", "there is one for this role"] as const] : []),
  ];
}
