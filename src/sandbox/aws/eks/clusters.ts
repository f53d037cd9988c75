/** Clusters, as clients and administrators read them. EKS API reference, Cluster. */
import { textIn } from "../../json-value.ts";
import type { Cluster } from "../account.ts";
import { parseArn } from "../arn.ts";
import type { Call, Operation } from "../api/api-service.ts";
import { epochSeconds } from "../api/epoch-seconds.ts";
import { Refusal } from "../refusal.ts";
import type { XmlContent } from "../api/xml.ts";

export function clusterOperations(all: readonly Cluster[]): Readonly<Record<string, Operation>> {
  return {
    ListClusters: (call) =>
      namesPage(
        "clusters",
        inRegion(all, call).map(({ name }) => name),
        call,
      ),
    DescribeCluster: (call) => ({ cluster: described(clusterOf(all, call, "name")) }),
  };
}

function inRegion(clusters: readonly Cluster[], { region }: Call): Cluster[] {
  return clusters.filter(({ arn }) => parseArn(arn)?.region === region);
}

/** @throws {Refusal} ResourceNotFoundException */
export function clusterOf(clusters: readonly Cluster[], call: Call, member: "name" | "clusterName"): Cluster {
  const wanted = textIn(call.input, member);
  const cluster = inRegion(clusters, call).find(({ name }) => name === wanted);
  if (cluster) return cluster;
  throw new Refusal(404, "ResourceNotFoundException", `No cluster found for name: ${wanted}.`);
}

/** The documented members; those that a kubeconfig needs have real values. `createdAt` is in seconds. */
function described(cluster: Cluster): XmlContent {
  const { name, arn, endpoint, status, version, createdAt, authenticationMode } = cluster;
  const data = Buffer.from(cluster.certificateAuthority, "utf8").toString("base64");
  return {
    name,
    arn,
    createdAt: epochSeconds(createdAt),
    version,
    endpoint,
    status,
    certificateAuthority: { data },
    accessConfig: { authenticationMode },
    platformVersion: "eks.1",
    tags: {},
  };
}

/** `nextToken` is the first name of the next page. */
export function namesPage(member: string, all: readonly string[], { input }: Call): XmlContent {
  const size = typeof input["maxResults"] === "number" ? input["maxResults"] : 100;
  const names = [...all].sort();
  const token = textIn(input, "nextToken");
  const start = token === "" ? 0 : names.indexOf(token);
  if (start < 0) throw new Refusal(400, "InvalidParameterException", "The specified nextToken is invalid.");
  return { [member]: names.slice(start, start + size), nextToken: names[start + size] ?? null };
}
