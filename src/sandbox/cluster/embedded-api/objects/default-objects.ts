/**
 * The objects of a new cluster.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
 */
import { type Birth, newObject } from "./object.ts";
import type { Store } from "./store.ts";
import { findResource } from "../resources.ts";
import type { JsonObject } from "../../../json-value.ts";

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

/**
 * The user-facing and discovery ClusterRoles of a new cluster. `admin`, `edit` and `view` have the rules that the real
 * roles aggregate, for the API groups that every cluster has. Deprecated groups are left out.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
 */

const read = ["get", "list", "watch"];
const write = ["create", "delete", "deletecollection", "patch", "update"];

const rule = (apiGroups: readonly string[], resources: readonly string[], verbs: readonly string[]) => ({
  apiGroups,
  resources,
  verbs,
});
const paths = (nonResourceURLs: readonly string[]) => ({ nonResourceURLs, verbs: ["get"] });

const words = (text: string) => text.split(" ");

const workloads = {
  apps: words("daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets"),
  batch: words("cronjobs jobs"),
  autoscaling: words("horizontalpodautoscalers"),
  policy: words("poddisruptionbudgets"),
  "networking.k8s.io": words("ingresses networkpolicies"),
};
const workloadRules = (verbs: readonly string[]) =>
  Object.entries(workloads).map(([group, resources]) => rule([group], resources, verbs));

const edited = words(
  "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale serviceaccounts services",
);

/** Secrets are not among them: reading one can give away more than a viewer has. */
const viewed = words(
  "bindings endpoints limitranges namespaces namespaces/status persistentvolumeclaims/status pods pods/log pods/status " +
    "replicationcontrollers/status resourcequotas resourcequotas/status services/status",
);
const viewRules = [
  rule([""], [...edited, ...viewed].sort(), read),
  rule(["discovery.k8s.io"], ["endpointslices"], read),
  ...workloadRules(read),
];

const podAccess = words("pods/attach pods/exec pods/portforward pods/proxy");
const editRules = [
  rule([""], [...podAccess, "secrets", "services/proxy"], read),
  rule([""], ["serviceaccounts"], ["impersonate"]),
  rule([""], ["pods", ...podAccess], write),
  rule([""], ["pods/eviction", "serviceaccounts/token"], ["create"]),
  rule([""], [...edited, "secrets", "services/proxy"].sort(), write),
  rule(["coordination.k8s.io"], ["leases"], [...read, ...write]),
  ...workloadRules(write),
  ...viewRules,
];

const publicPaths = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

export const defaultRoles = {
  "cluster-admin": [rule(["*"], ["*"], ["*"]), { nonResourceURLs: ["*"], verbs: ["*"] }],
  admin: [
    rule(["authorization.k8s.io"], ["localsubjectaccessreviews"], ["create"]),
    rule(["rbac.authorization.k8s.io"], ["rolebindings", "roles"], [...read, ...write]),
    ...editRules,
  ],
  edit: editRules,
  view: viewRules,
  "system:basic-user": [
    rule(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]),
    rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]),
  ],
  "system:discovery": [
    paths(["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", ...publicPaths]),
  ],
  "system:public-info-viewer": [paths(publicPaths)],
};
