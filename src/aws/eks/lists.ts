/** Lists that EKS returns in pages: an account's clusters, and a cluster's access entries, the successor of aws-auth. EKS API reference. */
import { EksX509Error, settled } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import { wrongServer } from "../../http/faults.ts";
import {
  type EksApi,
  type EksQuestion,
  malformedAnswer,
  networkError,
  repeatsSecret,
  textIn,
  textsIn,
} from "./api.ts";
import { clusterNameForm } from "./describe-cluster.ts";

export interface AccessEntry {
  /** `arn:aws:iam::111122223333:role/team/eks-read-only` */
  principalArn: string;
  /** Can contain templates. If empty, EKS uses its default. */
  username: string;
  kubernetesGroups: readonly string[];
  /** STANDARD, or a type for nodes: EC2_LINUX, FARGATE_LINUX, … */
  type: string;
}

/**
 * @returns the principals' ARNs
 * @throws EksX509Error EKS_NO_ACCESS_ENTRIES if the cluster uses only aws-auth; also as eksApi throws
 */
export function listAccessEntries(eks: EksApi, clusterName: string): Promise<string[]> {
  const path = ["clusters", clusterName, "access-entries"];
  return eksPages(eks, { permission: "eks:ListAccessEntries", path }, "accessEntries");
}

const permission = "eks:DescribeAccessEntry";

/**
 * @returns undefined if the cluster has no entry for the principal
 * @throws EksX509Error as eksApi does
 */
export async function describeAccessEntry(
  eks: EksApi,
  clusterName: string,
  principalArn: string,
): Promise<AccessEntry | undefined> {
  const path = ["clusters", clusterName, "access-entries", principalArn];
  const answer = await settled(eks({ permission, path }));
  if (!(answer instanceof EksX509Error)) return parseEntry(answer["accessEntry"]);
  if (answer.code === "EKS_NOT_FOUND") return undefined;
  throw answer;
}

function parseEntry(entry: unknown): AccessEntry {
  if (!isObject(entry)) throw malformedAnswer(permission, "accessEntry");
  const { principalArn, username = "", kubernetesGroups = [], type = "" } = entry;
  const text = (value: unknown, field: string) => textIn(value, permission, `accessEntry.${field}`);
  return {
    principalArn: text(principalArn, "principalArn"),
    username: text(username, "username"),
    kubernetesGroups: textsIn(kubernetesGroups, permission, "accessEntry.kubernetesGroups"),
    type: text(type, "type"),
  };
}

const mostPages = 100;

/** For all pages. The last page may take as long as any request. */
const longestTime = 60_000;

/**
 * @param field the field of the answer that contains the page
 * @throws EksX509Error EKS_RESPONSE_MALFORMED; EKS_PAGES_ENDLESS past the limits, or if a page leads back to an earlier one;
 * also as eksApi throws
 */
async function eksPages(eks: EksApi, question: EksQuestion, field: string): Promise<string[]> {
  const items: string[] = [];
  const followed = new Set<string>();
  const end = eks.clock().getTime() + longestTime;
  let query: Record<string, string> = { maxResults: "100" };
  for (;;) {
    const answer = await eks({ ...question, query });
    for (const item of textsIn(answer[field], question.permission, field)) items.push(item);
    const { nextToken } = answer;
    if (typeof nextToken !== "string" || nextToken === "") return items;
    if (followed.has(nextToken)) throw endless(question, "a page leads back to an earlier one");
    followed.add(nextToken);
    if (followed.size === mostPages) throw endless(question, `there are more than ${mostPages} pages`);
    if (eks.clock().getTime() >= end)
      throw endless(question, `the pages take more than ${longestTime / 1000} s`);
    query = { maxResults: "100", nextToken };
  }
}

function endless({ permission }: EksQuestion, why: string) {
  const message = `EKS's answer to ${permission.slice("eks:".length)} does not end: ${why}`;
  return networkError("EKS_PAGES_ENDLESS", message, wrongServer("EKS"));
}

const listPermission = "eks:ListClusters";

/** @returns unique names in the form that EKS allows, because they become part of requests, messages and files */
export async function listClusters(eks: EksApi): Promise<string[]> {
  const names = await eksPages(eks, { permission: listPermission, path: ["clusters"] }, "clusters");
  if (names.every((name) => clusterNameForm.test(name) && !repeatsSecret(name, eks)))
    return [...new Set(names)];
  throw malformedAnswer(listPermission, "clusters");
}
