/** EKS DescribeCluster: returns a cluster's endpoint and CA. */
import type { Cluster } from "../account.ts";

/** The documented members; those that a kubeconfig needs have real values. `createdAt` is in seconds. */
export function describeCluster(cluster: Cluster): unknown {
  const { name, arn, endpoint, status, version, createdAt, authenticationMode } = cluster;
  const data = Buffer.from(cluster.certificateAuthority, "utf8").toString("base64");
  return {
    name,
    arn,
    createdAt: createdAt.getTime() / 1000,
    version,
    endpoint,
    status,
    certificateAuthority: { data },
    accessConfig: { authenticationMode },
    platformVersion: "eks.1",
    tags: {},
  };
}
