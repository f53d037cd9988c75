/** The AWS account that the sandbox emulates: its set-up in IAM, Roles Anywhere and EKS. */

export interface TrustAnchor {
  arn: string;
  /** PEM of the CA certificates at which a leaf's path must end. */
  certificates: string;
}

export interface Profile {
  arn: string;
  /** Seconds. The default of Roles Anywhere is 3600. */
  durationSeconds: number;
  /** The default of Roles Anywhere is false. */
  acceptRoleSessionName: boolean;
  roleArns: readonly string[];
}

export interface Role {
  /** With its path, as IAM returns it: `arn:aws:iam::111122223333:role/team/eks-read-only`. */
  arn: string;
  /** `AROA…`; a role that is created again under the same name has another id. */
  uniqueId: string;
  /** Seconds, 3600 to 43200. The default of IAM is 3600. */
  maxSessionDuration: number;
  trustPolicy: TrustPolicy;
}

/** The permissions that a role's trust policy grants `rolesanywhere.amazonaws.com` in addition to sts:AssumeRole, and their conditions. */
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

/** A principal that EKS maps in addition to aws-auth, or instead. EKS API reference, AccessEntry. */
export interface AccessEntry {
  /** `arn:aws:eks:us-west-2:111122223333:access-entry/demo/role/111122223333/eks-read-only/{uuid}`. */
  arn: string;
  /** As IAM returns it, with its path. */
  principalArn: string;
  /** `AROA…` of the role that the entry was created for. Another role of the same ARN does not match. */
  principalId: string;
  /** Can contain templates. */
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
  id: string;
  partition: string;
  trustAnchors: readonly TrustAnchor[];
  profiles: readonly Profile[];
  roles: readonly Role[];
  clusters: readonly Cluster[];
}

/** A role's name: the last segment of its ARN. STS omits the path in assumed-role ARNs. */
export function roleName(role: Role): string {
  return role.arn.split("/").at(-1) ?? "";
}

/** Undefined if the text is no ARN. */
export function parseArn(text: string): Record<"partition" | "region" | "account", string> | undefined {
  const [, partition, region = "", account = ""] = /^arn:([^:]+):[^:]*:([^:]*):([^:]*):/.exec(text) ?? [];
  return partition === undefined ? undefined : { partition, region, account };
}
