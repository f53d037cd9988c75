/** The AWS account that the sandbox plays: what an administrator would have set up in IAM, Roles Anywhere and EKS. */

export interface TrustAnchor {
  arn: string;
  /** PEM of the CA certificates that leaves must lead to. */
  certificates: string;
}

export interface Profile {
  arn: string;
  /** Seconds; 3600 is Roles Anywhere's own default. */
  durationSeconds: number;
  /** False is Roles Anywhere's own default. */
  acceptRoleSessionName: boolean;
  roleArns: readonly string[];
}

export interface Role {
  /** With its path, as IAM tells it: `arn:aws:iam::111122223333:role/team/eks-read-only`. */
  arn: string;
  /** `AROA…`; another one when a role of the same name is made again. */
  uniqueId: string;
  /** Seconds, 3600 to 43200; 3600 is IAM's own default. */
  maxSessionDuration: number;
  trustPolicy: TrustPolicy;
}

/** What a role's trust policy grants `rolesanywhere.amazonaws.com` beside sts:AssumeRole, and on which conditions. */
export interface TrustPolicy {
  allowsTagSession: boolean;
  allowsSetSourceIdentity: boolean;
  /** `StringEquals` on `aws:PrincipalTag/…`, for instance `x509Subject/CN`. */
  requiredTags?: Readonly<Record<string, string>>;
  /** `ArnEquals` on `aws:SourceArn`: the trust anchor. */
  sourceArn?: string;
}

export const authenticationModes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;
export type AuthenticationMode = (typeof authenticationModes)[number];

/** What EKS knows a principal by, beside or instead of aws-auth. EKS API reference, AccessEntry. */
export interface AccessEntry {
  /** `arn:aws:eks:us-west-2:111122223333:access-entry/demo/role/111122223333/eks-read-only/{uuid}`. */
  arn: string;
  /** As IAM tells it, with its path. */
  principalArn: string;
  /** `AROA…` of the role that the entry was made for: another role of the same ARN is not let in by it. */
  principalId: string;
  /** May hold templates. */
  username: string;
  kubernetesGroups: readonly string[];
  type: "STANDARD";
  createdAt: Date;
}

export interface Cluster {
  name: string;
  arn: string;
  /** `https://…` of the Kubernetes API. */
  endpoint: string;
  /** PEM of the CA that signed the Kubernetes API's certificate. */
  certificateAuthority: string;
  status: "CREATING" | "ACTIVE" | "DELETING" | "FAILED" | "UPDATING" | "PENDING";
  authenticationMode: AuthenticationMode;
  /** None when undefined. */
  accessEntries?: readonly AccessEntry[];
  createdAt: Date;
  version: string;
}

export interface Account {
  /** 12 digits. */
  id: string;
  partition: string;
  trustAnchors: readonly TrustAnchor[];
  profiles: readonly Profile[];
  roles: readonly Role[];
  clusters: readonly Cluster[];
}

/** A role's name: the last segment of its ARN. STS leaves the path out of assumed-role ARNs. */
export function roleName(role: Role): string {
  return role.arn.split("/").at(-1) ?? "";
}
