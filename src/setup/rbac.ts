/** Kubernetes RBAC: read-only access for the groups of the mapping. */
import type { Plan } from "./plan.ts";

export function rbacYaml({ groups, roleName }: Pick<Plan, "groups" | "roleName">): string {
  const name = `eks-x509:${roleName}`;
  const subjects = groups.map((group) => ({ kind: "Group", apiGroup, name: group }));
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
    { kind: "ClusterRoleBinding", name, lines: binding(name, subjects) },
    { kind: "ClusterRoleBinding", name: `${name}:view`, lines: binding("view", subjects) },
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

function binding(role: string, subjects: readonly { name: string }[]): string[] {
  return [
    "roleRef:",
    `  apiGroup: ${apiGroup}`,
    "  kind: ClusterRole",
    `  name: ${JSON.stringify(role)}`,
    "subjects:",
    ...subjects.flatMap(({ name }) => [
      "  - kind: Group",
      `    apiGroup: ${apiGroup}`,
      `    name: ${JSON.stringify(name)}`,
    ]),
  ];
}

/** An entry of aws-auth. The cluster never receives the path of a role. */
export function awsAuthEntry(
  roleArn: string,
  { groups, roleName }: Pick<Plan, "groups" | "roleName">,
): string {
  return [
    `- rolearn: ${roleArn}`,
    `  username: ${JSON.stringify(`${roleName}:{{SessionName}}`)}`,
    "  groups:",
    ...groups.map((group) => `    - ${JSON.stringify(group)}`),
    "",
  ].join("\n");
}
