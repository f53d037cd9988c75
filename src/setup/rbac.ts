/** Kubernetes RBAC: read-only access for the groups of the mapping. */
import { ownerTag, type Plan } from "./plan.ts";

/**
 * The objects have the mark of the set-up, as the resources of AWS have its tag. Its value has characters that a label cannot have.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/#app-kubernetes-io-managed-by
 */
export function rbacYaml(plan: Plan): string {
  const owner = ownerTag(plan);
  return rbacObjects(plan)
    .map((object) =>
      [
        `apiVersion: ${apiGroup}/v1`,
        `kind: ${object.kind}`,
        "metadata:",
        `  name: ${JSON.stringify(object.name)}`,
        "  labels:",
        `    app.kubernetes.io/managed-by: ${owner.key}`,
        "  annotations:",
        `    ${owner.key}: ${JSON.stringify(owner.value)}`,
        ...object.lines,
        "",
      ].join("\n"),
    )
    .join("---\n");
}

interface RbacObject {
  kind: string;
  name: string;
  lines: readonly string[];
}

/** What a binding refers to comes before it. */
export function rbacObjects({ groups, roleName }: Pick<Plan, "groups" | "roleName">): RbacObject[] {
  const name = `eks-x509:${roleName}`;
  return [
    {
      kind: "ClusterRole",
      name,
      lines: [
        "rules:",
        '  - apiGroups: [""]',
        "    resources: [namespaces]",
        "    verbs: [get, list, watch]",
      ],
    },
    { kind: "ClusterRoleBinding", name, lines: binding(name, groups) },
    { kind: "ClusterRoleBinding", name: `${name}:view`, lines: binding("view", groups) },
  ];
}

const apiGroup = "rbac.authorization.k8s.io";

function binding(role: string, groups: readonly string[]): string[] {
  return [
    "roleRef:",
    `  apiGroup: ${apiGroup}`,
    "  kind: ClusterRole",
    `  name: ${JSON.stringify(role)}`,
    "subjects:",
    ...groups.flatMap((group) => [
      "  - kind: Group",
      `    apiGroup: ${apiGroup}`,
      `    name: ${JSON.stringify(group)}`,
    ]),
  ];
}

/**
 * An entry of aws-auth. The cluster never receives the path of a role.
 * @param account its ID, or a text in place of it
 */
export function awsAuthEntry(
  { region, groups, roleName }: Pick<Plan, "region" | "groups" | "roleName">,
  account: string,
): string {
  return [
    `- rolearn: arn:${region.partition.name}:iam::${account}:role/${roleName}`,
    `  username: ${JSON.stringify(`${roleName}:{{SessionName}}`)}`,
    "  groups:",
    ...groups.map((group) => `    - ${JSON.stringify(group)}`),
    "",
  ].join("\n");
}
