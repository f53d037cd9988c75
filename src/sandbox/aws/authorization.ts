/** Who may call what: administrators everything, the sessions of a role only what a kubeconfig needs. */
import type { Call } from "./api/api-service.ts";
import type { ApiName } from "./api/model.ts";
import { Refusal } from "./refusal.ts";

/** Clusters and access entries are open to every session, as a role for them has the permissions in AWS. */
export function authorizationOf(service: ApiName): (operation: string, call: Call) => void {
  return (operation, { caller }) => {
    const isOpen = service === "eks" && /^(List|Describe)/.test(operation);
    if (caller.roleArn !== undefined && !isOpen) throw denied(`${service}:${operation}`, caller.arn);
  };
}

function denied(action: string, arn: string): Refusal {
  const message = `User: ${arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
  return new Refusal(403, action.startsWith("iam:") ? "AccessDenied" : "AccessDeniedException", message);
}
