/** The user for the API server. (aws-iam-authenticator, pkg/server, authenticateEndpoint) */
import type { CallerIdentity } from "../caller-identity.ts";
import type { Reason } from "./reasons.ts";

export interface Pattern {
  username: string;
  groups: readonly string[];
}

export function mappedUser(pattern: Pattern, identity: CallerIdentity): MappedUser {
  const { account, principalId, arn, canonicalArn, sessionName, accessKeyId } = identity;
  return {
    username: filled(pattern.username, identity),
    groups: pattern.groups.map((group) => filled(group, identity)),
    uid: `aws-iam-authenticator:${account}:${principalId}`,
    extra: {
      arn: [arn],
      canonicalArn: [canonicalArn],
      sessionName: [sessionName],
      accessKeyId: [accessKeyId],
      principalId: [principalId],
      "sigs.k8s.io/aws-iam-authenticator/principalId": [principalId],
    },
  };
}

// The {{…}} of usernames and groups, replaced as in aws-iam-authenticator. (pkg/server, renderTemplate)

/** Replaced with EC2's data about the instance that the session is named after. */
export const nodeNameTemplate = "{{EC2PrivateDNSName}}";

/** The form of EC2 instance ids. With a node's name, any other session name is denied. */
const instanceId = /^i-(\w{8}|\w{17})$/;

export function namesNode({ username, groups }: Pattern): boolean {
  return [username, ...groups].some((text) => text.includes(nodeNameTemplate));
}

export function lacksInstance(pattern: Pattern, { sessionName }: CallerIdentity): boolean {
  return namesNode(pattern) && !instanceId.test(sessionName);
}

/** {{EC2PrivateDNSName}} stays, because only EC2 knows the value. Unknown templates stay too. */
function filled(template: string, { account, sessionName, accessKeyId }: CallerIdentity): string {
  return template
    .replaceAll("{{AccountID}}", () => account)
    .replaceAll("{{SessionName}}", () => sessionName.replaceAll("@", "-"))
    .replaceAll("{{SessionNameRaw}}", () => sessionName)
    .replaceAll("{{AccessKeyID}}", () => accessKeyId);
}

const known = new Set(["AccountID", "SessionName", "SessionNameRaw", "AccessKeyID", "EC2PrivateDNSName"]);

/** Templates that stay as text: misspelt, or with spaces inside the braces. */
export function unknownTemplates(template: string): string[] {
  return Array.from(template.matchAll(/\{\{([^{}]*)\}\}/g))
    .filter(([, name = ""]) => !known.has(name))
    .map(([whole]) => whole);
}

export interface MappedUser {
  username: string;
  groups: readonly string[];
  uid: string;
  extra: Readonly<Record<string, readonly string[]>>;
}

export interface Mapped {
  kind: "mapped";
  by: "mapRoles" | "mapUsers" | "mapAccounts" | "access-entry";
  /** `mapRoles, entry 2, line 7`: the line in the list's own text. */
  place: string;
  user: MappedUser;
  warnings: readonly MappingWarning[];
}

/** The entry maps, but maybe not as its author expects. */
export interface MappingWarning extends Reason {
  place?: string;
}

export interface Denied extends Reason {
  kind: "denied";
  /** The nearest entry that does not match. */
  place?: string;
  /** YAML to paste into mapRoles, or into mapUsers if the identity is not a role. */
  entryToAdd: string;
}
