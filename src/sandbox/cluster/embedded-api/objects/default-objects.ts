import type { JsonObject } from "../exchange/json.ts";
import { newObject, type Birth } from "./defaulting.ts";
import { defaultRoles } from "./default-roles.ts";
import { findResource } from "../resources.ts";
import type { Store } from "./store.ts";

/**
 * The objects of a new cluster.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
 */

const rbac = "rbac.authorization.k8s.io";
const bootstrap = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];
const everyone = ["system:authenticated", "system:unauthenticated"];

export interface DefaultObject {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly body: JsonObject;
}

/** Not a default of Kubernetes: the read-only group of the sandbox's own mapping. */
const viewer = {
  name: "eks-x509-viewer",
  group: "eks-x509:viewers",
  rules: [{ apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"] }],
};

/** For access entries: EKS accepts no group that begins with `system:`. */
const administrator = { name: "eks-x509-administrator", group: "eks-x509:administrators" };

const clusterRole = (name: string, rules: readonly JsonObject[], labels = {}): DefaultObject => ({
  group: rbac,
  resource: "clusterroles",
  namespace: "",
  name,
  body: { metadata: { labels }, rules },
});

const clusterRoleBinding = (
  name: string,
  role: string,
  groups: readonly string[],
  labels = {},
): DefaultObject => ({
  group: rbac,
  resource: "clusterrolebindings",
  namespace: "",
  name,
  body: {
    metadata: { labels },
    roleRef: { kind: "ClusterRole", name: role },
    subjects: groups.map((group) => ({ kind: "Group", name: group })),
  },
});

function defaultObjects(awsAuth: AwsAuth): readonly DefaultObject[] {
  return [
    ...namespaces.map((name) => ({ group: "", resource: "namespaces", namespace: "", name, body: {} })),
    ...Object.entries(defaultRoles).map(([name, rules]) => clusterRole(name, rules, bootstrap)),
    clusterRoleBinding("cluster-admin", "cluster-admin", ["system:masters"], bootstrap),
    clusterRoleBinding("system:basic-user", "system:basic-user", ["system:authenticated"], bootstrap),
    clusterRoleBinding("system:discovery", "system:discovery", ["system:authenticated"], bootstrap),
    clusterRoleBinding("system:public-info-viewer", "system:public-info-viewer", everyone, bootstrap),
    ...sandboxObjects(awsAuth),
  ];
}

/** The data of the ConfigMap; undefined if there is none. */
type AwsAuth = Readonly<Record<string, string>> | undefined;

/** The objects that no API server creates itself. */
export function sandboxObjects(data: AwsAuth): readonly DefaultObject[] {
  const configMap = { group: "", resource: "configmaps", namespace: "kube-system", name: "aws-auth" };
  return [
    ...(data ? [{ ...configMap, body: { data } }] : []),
    clusterRole(viewer.name, viewer.rules),
    clusterRoleBinding(viewer.name, viewer.name, [viewer.group]),
    clusterRoleBinding(administrator.name, "cluster-admin", [administrator.group]),
  ];
}

export function fill(store: Store, awsAuth: AwsAuth, birth: () => Birth): void {
  for (const { group, resource: name, body, ...place } of defaultObjects(awsAuth)) {
    const resource = findResource(group, "v1", name);
    if (resource === undefined) continue;
    const key = { group, resource: name, ...place };
    store.put(key, newObject(resource, key, body, birth()));
  }
}
