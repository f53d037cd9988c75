/** The resources of the sandbox. Discovery, routing and tables read this list. */

export interface Resource {
  readonly group: string;
  readonly version: string;
  /** Plural, as in paths and in RBAC rules. */
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly verbs: readonly string[];
}

const storedVerbs = ["create", "delete", "get", "list", "patch", "update", "watch"];
const rbac = { group: "rbac.authorization.k8s.io", version: "v1", shortNames: [], verbs: storedVerbs };
const core = { group: "", version: "v1", verbs: storedVerbs };
/** A review is answered and not stored. */
const review = { namespaced: false, shortNames: [], verbs: ["create"] };
const authorization = { group: "authorization.k8s.io", version: "v1", ...review };

export const resources: readonly Resource[] = [
  {
    ...core,
    name: "configmaps",
    singular: "configmap",
    kind: "ConfigMap",
    namespaced: true,
    shortNames: ["cm"],
  },
  {
    ...core,
    name: "namespaces",
    singular: "namespace",
    kind: "Namespace",
    namespaced: false,
    shortNames: ["ns"],
  },
  // `kubectl describe` requests events; the sandbox has none.
  {
    ...core,
    name: "events",
    singular: "event",
    kind: "Event",
    namespaced: true,
    shortNames: ["ev"],
    verbs: ["get", "list", "watch"],
  },
  // `kubectl auth whoami` requests v1beta1 in 1.27, which current servers do not have, and v1 in later versions.
  {
    group: "authentication.k8s.io",
    version: "v1",
    name: "selfsubjectreviews",
    singular: "selfsubjectreview",
    kind: "SelfSubjectReview",
    ...review,
  },
  {
    ...authorization,
    name: "selfsubjectaccessreviews",
    singular: "selfsubjectaccessreview",
    kind: "SelfSubjectAccessReview",
  },
  {
    ...authorization,
    name: "selfsubjectrulesreviews",
    singular: "selfsubjectrulesreview",
    kind: "SelfSubjectRulesReview",
  },
  {
    ...rbac,
    name: "clusterrolebindings",
    singular: "clusterrolebinding",
    kind: "ClusterRoleBinding",
    namespaced: false,
  },
  { ...rbac, name: "clusterroles", singular: "clusterrole", kind: "ClusterRole", namespaced: false },
  { ...rbac, name: "rolebindings", singular: "rolebinding", kind: "RoleBinding", namespaced: true },
  { ...rbac, name: "roles", singular: "role", kind: "Role", namespaced: true },
];

export function findResource(group: string, version: string, name: string): Resource | undefined {
  return resources.find(
    (resource) => resource.group === group && resource.version === version && resource.name === name,
  );
}

export const groupVersion = ({ group, version }: Pick<Resource, "group" | "version">) =>
  group === "" ? version : `${group}/${version}`;

/** `/api/v1`, `/apis/rbac.authorization.k8s.io/v1` … */
export const pathOf = (resource: Pick<Resource, "group" | "version">) =>
  resource.group === "" ? `/api/${resource.version}` : `/apis/${groupVersion(resource)}`;

/** As in Kubernetes' discovery: the preferred version of a group comes first. */
export function versionsOf(group: string): readonly string[] {
  const ofGroup = resources.filter((resource) => resource.group === group);
  return [...new Set(ofGroup.map(({ version }) => version))];
}

export const namedGroups: readonly string[] = [
  ...new Set(resources.map(({ group }) => group).filter((group) => group !== "")),
];
