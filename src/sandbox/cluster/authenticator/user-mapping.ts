/** From an AWS identity to a Kubernetes user, by aws-auth: roles first, then users, then accounts. */
import type { AwsAuth, Mapping } from "./aws-auth.ts";
import type { Identity } from "./identity.ts";
import { templatedUser, userInfo, type MappedUser } from "./templated-user.ts";

/** Answers the user, or why there is none. */
export function mapIdentity(identity: Identity, { roles, users, accounts }: AwsAuth): MappedUser {
  const mapping = lastMatch(roles, identity) ?? lastMatch(users, identity);
  if (mapping !== undefined) return templatedUser(identity, mapping);
  if (accounts.has(identity.accountId)) return { user: userInfo(identity, identity.canonicalArn, []) };
  return { user: null, why: `aws-auth maps neither ${identity.canonicalArn} nor its account` };
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
