/** A cluster's access entry for a principal, the successor of aws-auth. EKS API reference, DescribeAccessEntry. */
import { EksX509Error, settled } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import { type EksApi, malformedAnswer, textIn, textsIn } from "./api.ts";

export interface AccessEntry {
  /** `arn:aws:iam::111122223333:role/team/eks-read-only` */
  principalArn: string;
  /** Can contain templates. If empty, EKS uses its default. */
  username: string;
  kubernetesGroups: readonly string[];
  /** STANDARD, or a type for nodes: EC2_LINUX, FARGATE_LINUX, … */
  type: string;
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
