/** The account that a sandbox starts with by default. */
import { type Account, type Role, parseArn } from "./account.ts";

export interface AccountOptions {
  /** Region of the clusters, and of the trust anchor unless its ARN names another. */
  region?: string | undefined;
  /** 12 digits. */
  accountId?: string | undefined;
  /** Replace the sandbox's own, to rehearse real ones. Account and partition are then those of the role. */
  trustAnchorArn?: string | undefined;
  profileArn?: string | undefined;
  roleArn?: string | undefined;
  /** Whether the profile lets clients choose the role session name. */
  acceptRoleSessionName?: boolean | undefined;
  /** Maximum lifetime of every session in seconds; can be below the 900 of Roles Anywhere. 3600 if undefined. */
  sessionDuration?: number | undefined;
}

/** The account, and the values that a client needs. */
export interface SandboxAccount {
  account: Omit<Account, "clusters">;
  region: string;
  trustAnchorArn: string;
  profileArn: string;
  /** The first one is the default. */
  roleArns: readonly [string, ...string[]];
}

/** The account without clusters, because their endpoints are not known yet. */
export function sandboxAccount(options: AccountOptions, trustAnchor: string): SandboxAccount {
  const { region = "us-west-2", accountId = "111122223333", acceptRoleSessionName = true } = options;
  const { sessionDuration = 3600 } = options;
  const { partition, account: id } = parseArn(options.roleArn ?? "") ?? {
    partition: "aws",
    account: accountId,
  };
  const { trustAnchorArn, profileArn, roleArn } = arnsOf(options, { partition, region, id });
  const roleArns: [string, string] = [roleArn, `arn:${partition}:iam::${id}:role/eks-admin`];
  const account = {
    id,
    partition,
    trustAnchors: [{ arn: trustAnchorArn, certificates: trustAnchor }],
    profiles: [{ arn: profileArn, durationSeconds: sessionDuration, acceptRoleSessionName, roleArns }],
    roles: roleArns.map(role),
  };
  return { account, region, trustAnchorArn, profileArn, roleArns };
}

/** Uses the sandbox's own ARN for each one that is not set. */
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

/** Twelve hours, so that every documented duration works. The default of IAM is one hour. */
function role(arn: string, index: number): Role {
  return {
    arn,
    uniqueId: `AROASANDBOXROLE${String(index + 1).padStart(6, "0")}`,
    maxSessionDuration: 43200,
    trustPolicy: { allowsTagSession: true, allowsSetSourceIdentity: true },
  };
}
