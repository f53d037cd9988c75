/** A Kubernetes user out of an identity and what a mapping says of it: username and groups, which may hold `{{…}}` templates. */
import type { UserInfo } from "../../wire.ts";
import type { Identity } from "./identity.ts";

export type MappedUser = { user: UserInfo } | { user: null; why: string };

/** EC2 instance ids, which `{{EC2PrivateDNSName}}` needs as session names. */
const instanceId = /^i-(?:\w{8}|\w{17})$/;

export interface UserTemplate {
  username: string;
  groups: readonly string[];
}

/** Answers the user, or why there is none. */
export function templatedUser(identity: Identity, { username: name, groups }: UserTemplate): MappedUser {
  const templates = [name, ...groups];
  if (templates.some((template) => template.includes("{{EC2PrivateDNSName}}"))) {
    const reason = instanceId.test(identity.sessionName)
      ? "the sandbox has no EC2 to ask for a private DNS name"
      : "SessionName did not contain an instance id";
    return { user: null, why: `{{EC2PrivateDNSName}}: ${reason}` };
  }
  const [username = "", ...rendered] = templates.map((template) => render(template, identity));
  return { user: userInfo(identity, username, rendered) };
}

/** One after the other; what is no known template stays as it is. */
function render(template: string, { accountId, sessionName, accessKeyId }: Identity): string {
  return template
    .replaceAll("{{AccountID}}", () => accountId)
    .replaceAll("{{SessionName}}", () => sessionName.replaceAll("@", "-"))
    .replaceAll("{{SessionNameRaw}}", () => sessionName)
    .replaceAll("{{AccessKeyID}}", () => accessKeyId);
}

export function userInfo(identity: Identity, username: string, groups: readonly string[]): UserInfo {
  const { accountId, userId, arn, canonicalArn, sessionName, accessKeyId } = identity;
  return {
    username,
    uid: `aws-iam-authenticator:${accountId}:${userId}`,
    groups,
    extra: {
      accessKeyId: [accessKeyId],
      arn: [arn],
      canonicalArn: [canonicalArn],
      principalId: [userId],
      sessionName: [sessionName],
      "sigs.k8s.io/aws-iam-authenticator/principalId": [userId],
    },
  };
}
