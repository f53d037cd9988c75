/** EKS ListAccessEntries and DescribeAccessEntry: the principals that a cluster maps. */
import type { WireRequest } from "../../wire.ts";
import type { AccessEntry, Cluster } from "../account.ts";
import { pageOf } from "./page.ts";
import { Refusal } from "../refusal.ts";

/** @throws {Refusal} for a cluster without access entries */
export function listAccessEntries(cluster: Cluster, request: WireRequest): unknown {
  const arns = accessEntriesOf(cluster).map(({ principalArn }) => principalArn);
  const { names, nextToken } = pageOf(arns, request);
  return { accessEntries: names, nextToken };
}

/** @throws {Refusal} if no entry has exactly this principal ARN */
export function describeAccessEntry(cluster: Cluster, principalArn: string): unknown {
  const entry = accessEntriesOf(cluster).find((each) => each.principalArn === principalArn);
  if (entry !== undefined) return { accessEntry: description(cluster, entry) };
  const message =
    "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.";
  throw new Refusal({ status: 404, code: "ResourceNotFoundException", message });
}

function accessEntriesOf({ authenticationMode, accessEntries = [] }: Cluster): readonly AccessEntry[] {
  if (authenticationMode !== "CONFIG_MAP") return accessEntries;
  const message =
    "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";
  throw new Refusal({ status: 400, code: "InvalidRequestException", message });
}

/** EKS does not return the principal's id. Times are in seconds. */
function description(
  { name }: Cluster,
  { arn, principalArn, kubernetesGroups, username, type, createdAt }: AccessEntry,
): unknown {
  const seconds = createdAt.getTime() / 1000;
  return {
    clusterName: name,
    principalArn,
    kubernetesGroups,
    accessEntryArn: arn,
    createdAt: seconds,
    modifiedAt: seconds,
    tags: {},
    username,
    type,
  };
}
