/** The entry that would map an identity, as YAML for goyaml.v2: a text that it could read otherwise is quoted. */
import type { CallerIdentity } from "../caller-identity.ts";
import type { ListName } from "./entry.ts";

/** Users and federated users belong into mapUsers, a role into mapRoles. */
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

/** In the form of eksctl's accessConfig.accessEntries. The ARN can need the path from IAM. */
export function accessEntryToAdd({ canonicalArn }: CallerIdentity): string {
  return [`- principalARN: ${canonicalArn}`, "  type: STANDARD", "  kubernetesGroups:", groupLine, ""].join(
    "\n",
  );
}

const groupLine = '    - "view" # a group that a RoleBinding or ClusterRoleBinding names';
