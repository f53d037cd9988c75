/** The command that each user runs after the set-up. */
import type { Plan } from "./plan.ts";

/** @param arns as they are written: an ARN, or a variable. The path of a role can have characters that a shell interprets */
export function updateKubeconfigCommand(
  { cluster, region }: Pick<Plan, "cluster" | "region">,
  arns: Readonly<Record<"trustAnchor" | "profile" | "role", string>>,
): string {
  return [
    `eks-x509 update-kubeconfig --name ${cluster} --region ${region.name} --alias ${cluster}`,
    "--certificate CERTIFICATE.pem --private-key PRIVATE.key",
    `--trust-anchor-arn '${arns.trustAnchor}'`,
    `--profile-arn '${arns.profile}'`,
    `--role-arn '${arns.role}'`,
  ].join(" \\\n  ");
}
