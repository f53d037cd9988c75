/** `--trust-policy`: why Roles Anywhere cannot assume the role, which AWS does not report. */
import { shownPath } from "../../../foundation/shown.ts";
import type { TrustPolicyJudge } from "../../../debug/world.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { judgeByPolicy } from "../../../trust-policy/admission.ts";
import { readRoleFile } from "../../settings/administrator-files.ts";

export async function readJudge(
  path: string,
  { readFile, clock }: Pick<Ports, "readFile" | "clock">,
): Promise<TrustPolicyJudge> {
  const file = await readRoleFile(path, readFile);
  return (session, { trustAnchor, role }) => {
    const said = { trustAnchorArn: trustAnchor.text };
    const { verdict, reasons } = judgeByPolicy(file, { session }, said, undefined, clock());
    const name = shownPath(path);
    const ofOther = file.role !== undefined && file.role.arn !== role.text ? ` of ${file.role.arn}` : "";
    const why = reasons.join("; ");
    if (verdict === "refused")
      return `The trust policy in ${name}${ofOther} refuses it: ${why}. Correct the policy, or use another certificate.`;
    if (verdict === "unknown")
      return `Whether the trust policy in ${name}${ofOther} refuses it is not known: ${why}.`;
    return `The trust policy in ${name}${ofOther} allows it. Compare it with the one in AWS (aws iam get-role --role-name ${role.name}), and check the organization's service control policies and the profile's attribute mappings.`;
  };
}
