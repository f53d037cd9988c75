/** What a session is asked for, in tests. */
import { ArnProblem, parseRoleArn, parseRolesAnywhereArn } from "../../src/aws/arn.ts";
import type { SessionParameters } from "../../src/rolesanywhere/session.ts";

const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";

export const parameters: SessionParameters = {
  trustAnchor: right(
    parseRolesAnywhereArn(
      `arn:aws:rolesanywhere:us-west-2:123456789012:trust-anchor/${uuid}`,
      "trust-anchor",
    ),
  ),
  profile: right(
    parseRolesAnywhereArn(`arn:aws:rolesanywhere:us-west-2:123456789012:profile/${uuid}`, "profile"),
  ),
  role: right(parseRoleArn("arn:aws:iam::123456789012:role/team/eks+read=only")),
  durationSeconds: 3600,
  roleSessionName: undefined,
};

export function right<Arn>(arn: Arn | ArnProblem): Arn {
  if (arn instanceof ArnProblem) throw new Error(arn.why);
  return arn;
}
