/** The user that the API server sees. (aws-iam-authenticator, pkg/server, authenticateEndpoint) */
import type { CallerIdentity } from "../caller-identity.ts";
import type { MappedUser } from "./verdict.ts";

/** @param pattern username and groups as the entry has them */
export function mappedUser(
  pattern: { username: string; groups: readonly string[] },
  identity: CallerIdentity,
): MappedUser {
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

// The {{…}} of usernames and groups, filled as aws-iam-authenticator fills them. (pkg/server, renderTemplate)

/** Filled with what EC2 says about the instance that the session is named after. */
export const nodeNameTemplate = "{{EC2PrivateDNSName}}";

/** As the ids of EC2 instances look: anything else is denied where a node's name is wanted. */
export const instanceId = /^i-(\w{8}|\w{17})$/;

/** {{EC2PrivateDNSName}} stays as it is: EC2 alone knows it. So does every template that is unknown. */
export function filled(template: string, { account, sessionName, accessKeyId }: CallerIdentity): string {
  return template
    .replaceAll("{{AccountID}}", () => account)
    .replaceAll("{{SessionName}}", () => sessionName.replaceAll("@", "-"))
    .replaceAll("{{SessionNameRaw}}", () => sessionName)
    .replaceAll("{{AccessKeyID}}", () => accessKeyId);
}

const known = new Set(["AccountID", "SessionName", "SessionNameRaw", "AccessKeyID", "EC2PrivateDNSName"]);

/** Those that stay as text: misspelt, or with spaces within the braces. */
export function unknownTemplates(template: string): string[] {
  return Array.from(template.matchAll(/\{\{([^{}]*)\}\}/g))
    .filter(([, name = ""]) => !known.has(name))
    .map(([whole]) => whole);
}
