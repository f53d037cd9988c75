/** Access entries, EKS's successor of aws-auth: the principals that a cluster maps, and their users. EKS API reference. */
import { EksX509Error, settled } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import { malformedAnswer, textIn, textsIn, type EksApi } from "./api.ts";
import { eksPages } from "./pages.ts";

/** As DescribeAccessEntry returns it. */
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
