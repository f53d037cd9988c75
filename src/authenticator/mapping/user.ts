/** The user that the API server sees. (aws-iam-authenticator, pkg/server, authenticateEndpoint) */
import type { CallerIdentity } from "../caller-identity.ts";
import { filled } from "./template.ts";
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
