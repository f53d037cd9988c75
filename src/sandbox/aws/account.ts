/** The AWS account that the sandbox emulates: its set-up in IAM, Roles Anywhere and EKS. */
import type { AccessEntry as ReadAccessEntry } from "../../aws/eks/lists.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import type { TrustPolicy } from "../../trust-policy/policy.ts";
import { requestedActions, rolesAnywhere } from "../../trust-policy/request.ts";

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
  /** Who can assume it: `rolesanywhere.amazonaws.com`, under conditions on the certificate. */
  trustPolicy: TrustPolicy;
}

/** A principal that EKS maps in addition to aws-auth, or instead. EKS API reference, AccessEntry. */
export interface AccessEntry extends ReadAccessEntry {
  /** `arn:aws:eks:us-west-2:111122223333:access-entry/demo/role/111122223333/eks-read-only/{uuid}`. */
  arn: string;
  /** `AROA…` of the role that the entry was created for. Another role of the same ARN does not match. */
  principalId: string;
  type: "STANDARD";
  createdAt: Date;
}

export interface Cluster {
  name: string;
  arn: string;
  /** `https://…` of the Kubernetes API. */
  endpoint: string;
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
  /** `certificates` is PEM of the CA certificates at which a leaf's path must end. */
  trustAnchors: readonly Record<"arn" | "certificates", string>[];
  profiles: readonly Profile[];
  roles: readonly Role[];
  clusters: readonly Cluster[];
}

export function roleName(role: Role): string {
  return role.arn.split("/").at(-1) ?? "";
}

/** Undefined if the text is no ARN. */
export function parseArn(text: string): Record<"partition" | "region" | "account", string> | undefined {
  const [, partition, region = "", account = ""] = /^arn:([^:]+):[^:]*:([^:]*):([^:]*):/.exec(text) ?? [];
  return partition === undefined ? undefined : { partition, region, account };
}

export interface AccountOptions {
  /** Region of the clusters, and of the trust anchor unless its ARN names another. */
  region?: string | undefined;
  /** 12 digits. */
  accountId?: string | undefined;
  trustAnchorArn?: string | undefined;
  profileArn?: string | undefined;
  roleArn?: string | undefined;
  acceptRoleSessionName?: boolean | undefined;
  /** Maximum lifetime of every session in seconds; can be below the 900 of Roles Anywhere. 3600 if undefined. */
  sessionDuration?: number | undefined;
}

export type SandboxAccount = ReturnType<typeof sandboxAccount>;

/** The account without clusters, because their endpoints are not known yet, and the values that a client needs. */
export function sandboxAccount(options: AccountOptions, trustAnchor: string) {
  const { region = "us-west-2", accountId = "111122223333", acceptRoleSessionName = true } = options;
  const { sessionDuration = 3600 } = options;
  const { partition, account: id } = parseArn(options.roleArn ?? "") ?? {
    partition: "aws",
    account: accountId,
  };
  const { trustAnchorArn, profileArn, roleArn } = arnsOf(options, { partition, region, id });
  // The first one is the default.
  const roleArns: readonly [string, ...string[]] = [roleArn, `arn:${partition}:iam::${id}:role/eks-admin`];
  const account: Omit<Account, "clusters"> = {
    id,
    partition,
    trustAnchors: [{ arn: trustAnchorArn, certificates: trustAnchor }],
    profiles: [{ arn: profileArn, durationSeconds: sessionDuration, acceptRoleSessionName, roleArns }],
    roles: roleArns.map(role),
  };
  return { account, region, trustAnchorArn, profileArn, roleArns };
}

function arnsOf(
  options: AccountOptions,
  { partition, region, id }: Record<"partition" | "region" | "id", string>,
) {
  const anchorRegion = parseArn(options.trustAnchorArn ?? "")?.region ?? region;
  const rolesAnywhere = `arn:${partition}:rolesanywhere:${anchorRegion}:${id}`;
  const {
    trustAnchorArn = `${rolesAnywhere}:trust-anchor/11111111-1111-1111-1111-111111111111`,
    profileArn = `${rolesAnywhere}:profile/22222222-2222-2222-2222-222222222222`,
    roleArn = `arn:${partition}:iam::${id}:role/eks-read-only`,
  } = options;
  return { trustAnchorArn, profileArn, roleArn };
}

/** Lets in every certificate that a trust anchor accepts. */
export const openTrustPolicy: TrustPolicy = {
  hasVariables: true,
  statements: [
    {
      ...{ number: 1, sid: undefined, effect: "Allow", isNotAction: false },
      principals: { isEveryone: false, services: [rolesAnywhere], others: [] },
      actions: requestedActions,
      conditions: [],
    },
  ],
};

/** Twelve hours, so that every documented duration works. The default of IAM is one hour. */
function role(arn: string, index: number): Role {
  return {
    arn,
    uniqueId: `AROASANDBOXROLE${String(index + 1).padStart(6, "0")}`,
    maxSessionDuration: 43200,
    trustPolicy: openTrustPolicy,
  };
}
