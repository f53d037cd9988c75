/** The resources of the sandbox, all in version v1 of their group. Discovery, routing and tables read this list. */
import data from "./objects/schemas.json" with { type: "json" };

export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  /** Plural, as in paths and in RBAC rules. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[] | undefined;
}

export const rbacGroup = "rbac.authorization.k8s.io";
const read = ["get", "list", "watch"];
const stored = ["create", "delete", "get", "list", "patch", "update", "watch"];
/** A review is answered and not stored. */
const reviewed = ["create"];

export const configMaps = resource("", "ConfigMap", "Namespaced", stored, ["cm"]);
export const namespaces = resource("", "Namespace", "Cluster", stored, ["ns"]);
export const clusterRoleBindings = resource(rbacGroup, "ClusterRoleBinding", "Cluster", stored);
export const clusterRoles = resource(rbacGroup, "ClusterRole", "Cluster", stored);
export const roleBindings = resource(rbacGroup, "RoleBinding", "Namespaced", stored);
export const roles = resource(rbacGroup, "Role", "Namespaced", stored);

const resources: readonly Resource[] = [
  configMaps,
  namespaces,
  // `kubectl describe` requests events; the sandbox has none.
  resource("", "Event", "Namespaced", read, ["ev"]),
  // `kubectl auth whoami` requests v1beta1 in 1.27, which current servers do not have, and v1 in later versions.
  resource("authentication.k8s.io", "SelfSubjectReview", "Cluster", reviewed),
  resource("authorization.k8s.io", "SelfSubjectAccessReview", "Cluster", reviewed),
  resource("authorization.k8s.io", "SelfSubjectRulesReview", "Cluster", reviewed),
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
];

function resource(
  group: string,
  kind: string,
  scope: "Namespaced" | "Cluster",
  verbs: readonly string[],
  shortNames?: readonly string[],
): Resource {
  const name = `${kind.toLowerCase()}s`;
  return { group, name, kind, namespaced: scope === "Namespaced", verbs, shortNames };
}

export const version = "v1";

export const groupVersion = (group: string) => (group === "" ? version : `${group}/${version}`);

/** `/api/v1`, `/apis/rbac.authorization.k8s.io/v1` … */
export const pathOf = (group: string) => `${group === "" ? "/api" : "/apis"}/${groupVersion(group)}`;

export const groups: readonly string[] = [...new Set(resources.map(({ group }) => group))];

export const resourcesOf = (group: string) => resources.filter((resource) => resource.group === group);

interface Field {
  readonly number: number;
  /** `interface {}` is kept unchanged in JSON and skipped in protobuf. */
  readonly type: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** Protobuf carries the first two in the frame around the message. */
const ofEveryKind: Fields = {
  apiVersion: { number: 0, type: "string" },
  kind: { number: 0, type: "string" },
  metadata: { number: 1, type: "v1.ObjectMeta" },
};

const kinds = Object.entries<Fields>(data.kinds);
const structs: ReadonlyMap<string, Fields> = new Map([
  ...kinds.map(([kind, fields]): [string, Fields] => [kind, { ...ofEveryKind, ...fields }]),
  ...Object.entries<Fields>(data.types),
]);

/** Of a struct, with its package or without: `v1.PolicyRule`, `ConfigMap`. */
export const fieldsOf = (type: string) => structs.get(type.replace("v1.", ""));

/** The container that a type is, and the type of its items. Bytes are no list: JSON has them in base64. */
export function containerOf(type: string): { container?: "list" | "map"; of: string } {
  if (type.startsWith("map[string]")) return { container: "map", of: type.slice("map[string]".length) };
  if (type.startsWith("[]") && type !== "[]uint8") return { container: "list", of: type.slice("[]".length) };
  return { of: type };
}
