/** Whom a cluster knows: by its access entries, by aws-auth, or by both. EKS user guide, "Change authentication mode". */
import type { AccessEntry, AuthenticationMode } from "../../aws/account.ts";
import { type AwsAuthData, parseAwsAuth } from "./aws-auth.ts";
import type { Identity } from "./identity.ts";
import { type MappedUser, templatedUser } from "./templated-user.ts";
import { mapIdentity } from "./user-mapping.ts";

export interface KnownPrincipals {
  /** CONFIG_MAP when undefined. */
  authenticationMode?: AuthenticationMode;
  /** None when undefined. Not asked in mode CONFIG_MAP. */
  accessEntries?: readonly AccessEntry[];
  /** What `kube-system/aws-auth` holds now. Not asked in mode API. */
  awsAuth: () => AwsAuthData;
}

/** An access entry wins over whatever aws-auth says of the same principal. */
export function userOf(
  identity: Identity,
  { authenticationMode = "CONFIG_MAP", accessEntries = [], awsAuth }: KnownPrincipals,
): MappedUser {
  const entry = authenticationMode === "CONFIG_MAP" ? undefined : entryOf(identity, accessEntries);
  if (entry !== undefined)
    return templatedUser(identity, { username: entry.username, groups: entry.kubernetesGroups });
  if (authenticationMode !== "API") return mapIdentity(identity, parseAwsAuth(awsAuth()));
  return {
    user: null,
    why: `no access entry is for ${identity.canonicalArn} with the id ${identity.userId}`,
  };
}

/** By the principal's id alone: STS tells no path, and a role that was made again is another one. */
function entryOf({ userId }: Identity, entries: readonly AccessEntry[]): AccessEntry | undefined {
  return entries.find(({ principalId }) => principalId === userId);
}
