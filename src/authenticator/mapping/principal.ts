/** The parts of an ARN that somebody wrote into aws-auth, as far as it is one. */

export interface Principal {
  partition: string;
  service: string;
  region: string;
  account: string;
  /** `role`, `user`, `assumed-role`, `root`. */
  type: string;
  /** `/team/` of role/team/NAME; `/` without one. */
  path: string;
  /** Empty for root. Of an assumed role, the role's. */
  name: string;
}

/** Undefined for what has not six parts between colons, beginning with arn. */
export function principalOf(arn: string): Principal | undefined {
  const [prefix = "", partition = "", service = "", region = "", account = "", ...rest] = arn.split(":");
  if (prefix.toLowerCase() !== "arn" || rest.length === 0) return undefined;
  const [type = "", ...names] = rest.join(":").split("/");
  const kind = type.toLowerCase();
  if (kind === "assumed-role" && names.length > 1) names.pop();
  const name = names.pop() ?? "";
  const path = ["", ...names, ""].join("/");
  return { partition, service, region, account, type: kind, path, name };
}
