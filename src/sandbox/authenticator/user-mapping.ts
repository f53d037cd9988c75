/** From an AWS identity to a Kubernetes user, by aws-auth: roles first, then users, then accounts. */
import type { UserInfo } from "../wire.ts";
import type { AwsAuth, Mapping } from "./aws-auth.ts";
import type { Identity } from "./identity.ts";

export type MappedUser = { user: UserInfo } | { user: null; why: string };

/** EC2 instance ids, which `{{EC2PrivateDNSName}}` needs as session names. */
const instanceId = /^i-(?:\w{8}|\w{17})$/;

/** Answers the user, or why there is none. */
export function mapIdentity(identity: Identity, { roles, users, accounts }: AwsAuth): MappedUser {
  const mapping = lastMatch(roles, identity) ?? lastMatch(users, identity);
  if (mapping === undefined) {
    if (!accounts.has(identity.accountId)) {
      return { user: null, why: `aws-auth maps neither ${identity.canonicalArn} nor its account` };
    }
    return { user: userInfo(identity, identity.canonicalArn, []) };
  }
  const templates = [mapping.username, ...mapping.groups];
  if (templates.some((template) => template.includes("{{EC2PrivateDNSName}}"))) {
    const reason = instanceId.test(identity.sessionName)
      ? "the sandbox has no EC2 to ask for a private DNS name"
      : "SessionName did not contain an instance id";
    return { user: null, why: `{{EC2PrivateDNSName}}: ${reason}` };
  }
  const [username = "", ...groups] = templates.map((template) => render(template, identity));
  return { user: userInfo(identity, username, groups) };
}

/** ARNs compare in any case; of two entries for one ARN the later counts. */
function lastMatch(mappings: readonly Mapping[], { canonicalArn }: Identity): Mapping | undefined {
  const wanted = folded(canonicalArn);
  return mappings.findLast(({ arn }) => folded(arn) === wanted);
}

/** Unicode's simple case folding, as Go's EqualFold has it: two letters beyond ASCII fold into it. */
function folded(text: string): string {
  return text.replaceAll("\u017f", "s").replaceAll("\u212a", "k").toLowerCase();
}

/** One after the other; what is no known template stays as it is. */
function render(template: string, { accountId, sessionName, accessKeyId }: Identity): string {
  return template
    .replaceAll("{{AccountID}}", () => accountId)
    .replaceAll("{{SessionName}}", () => sessionName.replaceAll("@", "-"))
    .replaceAll("{{SessionNameRaw}}", () => sessionName)
    .replaceAll("{{AccessKeyID}}", () => accessKeyId);
}

function userInfo(identity: Identity, username: string, groups: readonly string[]): UserInfo {
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
