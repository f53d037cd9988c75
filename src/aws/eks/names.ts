/** The forms of names in EKS. */

/** EKS API reference, CreateCluster: name. */
export const clusterNameForm = /^[0-9A-Za-z][\w-]{0,99}$/;

/** EKS API reference, CreateAccessEntry: no access entry has such a user or group. It says nothing of the case, so each case is reserved. */
export function isReservedName(name: string): boolean {
  return /^(system|eks|aws|amazon|iam):/i.test(name);
}
