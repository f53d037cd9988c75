/**
 * The objects of a new cluster.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
 */
import { accessPolicyGroup, accessPolicyRoles } from "../../../aws/eks/access-policies.ts";
import type { JsonObject } from "../../../json-value.ts";
import { type Resource, clusterRoleBindings, clusterRoles, configMaps, namespaces } from "../resources.ts";
import roles from "./default-roles.json" with { type: "json" };
import type { ObjectKey } from "./object.ts";

export interface DefaultObject extends ObjectKey {
  readonly body: JsonObject;
}

const clusterScoped = (resource: Resource, name: string, content: JsonObject, labels = {}) => ({
  resource,
  namespace: "",
  name,
  body: { metadata: { labels }, ...content },
});

const bound = (role: string, groups: readonly string[]) => ({
  roleRef: { kind: "ClusterRole", name: role },
  subjects: groups.map((group) => ({ kind: "Group", name: group })),
});

export const awsAuthKey = { resource: configMaps, namespace: "kube-system", name: "aws-auth" };

/** The objects that no API server creates itself. `data` is that of aws-auth; undefined if there is none. */
export const sandboxObjects = (
  data: Readonly<Record<string, string | undefined>> | undefined,
): readonly DefaultObject[] => [
  ...(data ? [{ ...awsAuthKey, body: { data } }] : []),
  // For the read-only group of the sandbox's own mapping.
  clusterScoped(clusterRoles, "eks-x509-viewer", {
    rules: [{ apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"] }],
  }),
  clusterScoped(clusterRoleBindings, "eks-x509-viewer", bound("eks-x509-viewer", ["eks-x509:viewers"])),
  // For access entries: EKS accepts no group that begins with `system:`.
  clusterScoped(
    clusterRoleBindings,
    "eks-x509-administrator",
    bound("cluster-admin", ["eks-x509:administrators"]),
  ),
  ...Object.entries(accessPolicyRoles).map(([name, role]) =>
    clusterScoped(
      clusterRoleBindings,
      `eks-x509-${name.toLowerCase()}`,
      bound(role, [accessPolicyGroup(name)]),
    ),
  ),
];

/**
 * The user-facing and discovery ClusterRoles of a new cluster. `admin`, `edit` and `view` have the rules that the real
 * roles aggregate, for the API groups that every cluster has. Deprecated groups are left out. `view` has no secrets:
 * reading one can give away more than a viewer has.
 */
const edit = [...roles.edit, ...roles.view];
const defaultRoles = { ...roles, admin: [...roles.admin, ...edit], edit };

const bootstrap = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const defaultGroups: Readonly<Record<string, readonly string[]>> = {
  "cluster-admin": ["system:masters"],
  "system:basic-user": ["system:authenticated"],
  "system:discovery": ["system:authenticated"],
  "system:public-info-viewer": ["system:authenticated", "system:unauthenticated"],
};

/** The objects that every API server creates. */
export const serverObjects: readonly DefaultObject[] = [
  ...["default", "kube-node-lease", "kube-public", "kube-system"].map((name) => ({
    resource: namespaces,
    namespace: "",
    name,
    body: {},
  })),
  ...Object.entries(defaultRoles).map(([name, rules]) =>
    clusterScoped(clusterRoles, name, { rules }, bootstrap),
  ),
  ...Object.entries(defaultGroups).map(([name, groups]) =>
    clusterScoped(clusterRoleBindings, name, bound(name, groups), bootstrap),
  ),
];
