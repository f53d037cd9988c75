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

const rbac = "rbac.authorization.k8s.io";
const read = ["get", "list", "watch"];
const stored = ["create", "delete", "get", "list", "patch", "update", "watch"];
/** A review is answered and not stored. */
const reviewed = ["create"];

export const resources: readonly Resource[] = [
  resource("", "ConfigMap", "Namespaced", stored, ["cm"]),
  resource("", "Namespace", "Cluster", stored, ["ns"]),
  // `kubectl describe` requests events; the sandbox has none.
  resource("", "Event", "Namespaced", read, ["ev"]),
  // `kubectl auth whoami` requests v1beta1 in 1.27, which current servers do not have, and v1 in later versions.
  resource("authentication.k8s.io", "SelfSubjectReview", "Cluster", reviewed),
  resource("authorization.k8s.io", "SelfSubjectAccessReview", "Cluster", reviewed),
  resource("authorization.k8s.io", "SelfSubjectRulesReview", "Cluster", reviewed),
  resource(rbac, "ClusterRoleBinding", "Cluster", stored),
  resource(rbac, "ClusterRole", "Cluster", stored),
  resource(rbac, "RoleBinding", "Namespaced", stored),
  resource(rbac, "Role", "Namespaced", stored),
];

function resource(
  group: string,
  kind: string,
  scope: "Namespaced" | "Cluster",
  verbs: readonly string[],
  shortNames: readonly string[] = [],
): Resource {
  const singular = kind.toLowerCase();
  const namespaced = scope === "Namespaced";
  return { group, version: "v1", name: `${singular}s`, singular, kind, namespaced, shortNames, verbs };
}

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
