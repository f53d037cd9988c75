/** The narrowest trust policy that lets the named certificates in. IAM Roles Anywhere user guide, "Trust policy". */
import { requestedActions, rolesAnywhere } from "../trust-policy/request.ts";
import type { Plan } from "./plan.ts";

/** @param pinned texts for what exists only after its creation, such as a shell's variable */
export function trustDocument(
  { allowed }: Pick<Plan, "allowed">,
  pinned: { trustAnchorArn: unknown; account: unknown },
): object {
  const equal: Record<string, unknown> = { "aws:SourceAccount": pinned.account };
  const like: Record<string, string[]> = {};
  for (const tag of new Set(allowed.map((each) => each.tag))) {
    const ofTag = allowed.filter((each) => each.tag === tag);
    const key = `aws:PrincipalTag/${tag}`;
    // The values of one key are alternatives, and those of two operators are not.
    if (ofTag.some(({ isPattern }) => isPattern)) like[key] = ofTag.map(({ value }) => value);
    else equal[key] = ofTag.map(({ value }) => value);
  }
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: rolesAnywhere },
        Action: requestedActions,
        Condition: {
          ArnEquals: { "aws:SourceArn": pinned.trustAnchorArn },
          StringEquals: equal,
          ...(Object.keys(like).length > 0 && { StringLike: like }),
        },
      },
    ],
  };
}

/** What update-kubeconfig calls. ListClusters has no resource. */
export function findClustersDocument(clusterArn: unknown): object {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "eks:DescribeCluster", Resource: clusterArn },
      { Effect: "Allow", Action: "eks:ListClusters", Resource: "*" },
    ],
  };
}

export const findClustersPolicy = "find-clusters";
