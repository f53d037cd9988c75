/** The entry that would map an identity, as YAML that survives goyaml.v2: whatever could be read otherwise is quoted. */
import type { CallerIdentity } from "../caller-identity.ts";
import type { ListName } from "./entry.ts";

/** Users and federated users belong to mapUsers; a role to mapRoles. */
export function listFor({ canonicalArn }: CallerIdentity): ListName {
  return canonicalArn.includes(":role/") ? "mapRoles" : "mapUsers";
}

export function entryToAdd(identity: CallerIdentity): string {
  const role = listFor(identity) === "mapRoles";
  const name = identity.canonicalArn.split(/[/:]/).at(-1) ?? "";
  return [
    `- ${role ? "rolearn" : "userarn"}: ${identity.canonicalArn}`,
    `  username: ${JSON.stringify(role ? `${name}:{{SessionName}}` : name)}`,
    "  groups:",
    groupLine,
    "",
  ].join("\n");
}

/** As eksctl's accessConfig.accessEntries has it. IAM knows the path that the ARN may need. */
export function accessEntryToAdd({ canonicalArn }: CallerIdentity): string {
  return [`- principalARN: ${canonicalArn}`, "  type: STANDARD", "  kubernetesGroups:", groupLine, ""].join(
    "\n",
  );
}

const groupLine = '    - "view" # a group that a RoleBinding or ClusterRoleBinding names';
