/** Kubernetes RBAC: read-only access for the groups of the mapping. */
import type { Plan } from "./plan.ts";

export function rbacYaml({ groups, roleName }: Pick<Plan, "groups" | "roleName">): string {
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
  ]
    .map((object) =>
      [
        `apiVersion: ${apiGroup}/v1`,
        `kind: ${object.kind}`,
        "metadata:",
        `  name: ${JSON.stringify(object.name)}`,
        ...object.lines,
        "",
      ].join("\n"),
    )
    .join("---\n");
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
