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

const workloads = {
  apps: [
    "daemonsets",
    "deployments",
    "deployments/scale",
    "replicasets",
    "replicasets/scale",
    "statefulsets",
  ],
  batch: ["cronjobs", "jobs"],
  autoscaling: ["horizontalpodautoscalers"],
  policy: ["poddisruptionbudgets"],
  "networking.k8s.io": ["ingresses", "networkpolicies"],
};
const workloadRules = (verbs: readonly string[]) =>
  Object.entries(workloads).map(([group, resources]) => rule([group], resources, verbs));

/** Without secrets, because reading a secret can give a viewer further permissions. */
const viewRules = [
  rule(
    [""],
    [
      "bindings",
      "configmaps",
      "endpoints",
      "events",
      "limitranges",
      "namespaces",
      "namespaces/status",
      "persistentvolumeclaims",
      "persistentvolumeclaims/status",
      "pods",
      "pods/log",
      "pods/status",
      "replicationcontrollers",
      "replicationcontrollers/scale",
      "replicationcontrollers/status",
      "resourcequotas",
      "resourcequotas/status",
      "serviceaccounts",
      "services",
      "services/status",
    ],
    read,
  ),
  rule(["discovery.k8s.io"], ["endpointslices"], read),
  ...workloadRules(read),
];

const podAccess = ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy"];
const editRules = [
  rule([""], [...podAccess, "secrets", "services/proxy"], read),
  rule([""], ["serviceaccounts"], ["impersonate"]),
  rule([""], ["pods", ...podAccess], write),
  rule([""], ["pods/eviction", "serviceaccounts/token"], ["create"]),
  rule(
    [""],
    [
      "configmaps",
      "events",
      "persistentvolumeclaims",
      "replicationcontrollers",
      "replicationcontrollers/scale",
      "secrets",
      "serviceaccounts",
      "services",
      "services/proxy",
    ],
    write,
  ),
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
