/** IAM user guide, "IAM and AWS STS quotas": the characters of a role's trust policy. */
export const longestTrustPolicy = 2048;

/** White space does not count. */
export function trustPolicySize(document: string): number {
  return document.replace(/\s/g, "").length;
}
