/**
 * Access policies, which EKS keeps itself and authorizes apart from RBAC. In the sandbox, a group with the name of the policy is bound to the
 * ClusterRole with the same permissions. EKS user guide, "Review access policy permissions".
 */
import { parseRegion } from "../../../aws/partition.ts";

/** The ClusterRole of each. */
export const accessPolicyRoles: Readonly<Record<string, string>> = {
  AmazonEKSClusterAdminPolicy: "cluster-admin",
  AmazonEKSAdminPolicy: "admin",
  AmazonEKSEditPolicy: "edit",
  AmazonEKSViewPolicy: "view",
};

/** As ListAccessPolicies returns them. AWS has more. */
export function accessPolicies(region: string): { name: string; arn: string }[] {
  const partition = parseRegion(region)?.partition.name ?? "aws";
  return Object.keys(accessPolicyRoles).map((name) => ({
    name,
    arn: `arn:${partition}:eks::aws:cluster-access-policy/${name}`,
  }));
}

/** `AmazonEKSViewPolicy`; undefined for a policy that the sandbox does not have. */
export function accessPolicyName(arn: string): string | undefined {
  const [, name = ""] = /^arn:aws[a-z-]*:eks::aws:cluster-access-policy\/(\w+)$/.exec(arn) ?? [];
  return Object.hasOwn(accessPolicyRoles, name) ? name : undefined;
}

/** The group that a policy's principals are in. */
export function accessPolicyGroup(name: string): string {
  return `eks-x509:access-policy:${name}`;
}
