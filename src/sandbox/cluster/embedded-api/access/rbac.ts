/**
 * RBAC evaluation: whether a user can do something, and by which binding.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 *
 * Escalation prevention (the verbs `escalate` and `bind`) is left out on purpose. It limits the roles that an
 * administrator can write, not the permissions of a role, and the sandbox's administrator is in system:masters.
 */
import { type JsonObject, isJsonObject, listIn, objectIn, textIn, textsIn } from "../../../json-value.ts";
import type { UserInfo } from "../../../wire.ts";
import type { RequestInfo, ResourceRequest } from "../exchange/request-info.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { Store } from "../objects/store.ts";
import { clusterRoleBindings, clusterRoles, rbacGroup, roleBindings, roles } from "../resources.ts";

export type Subject = ReturnType<typeof refOf>;

/** One rule of a role. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources */
export type PolicyRule = ReturnType<typeof ruleOf>;

export type Binding = ReturnType<typeof bindingOf>;

export type Policy = ReturnType<typeof storedPolicy>;

/** The RBAC objects that are in the store now. A new binding applies to the next request. */
export const storedPolicy = (store: Store) => ({
  /** The ClusterRoleBindings and, unless it is empty, the RoleBindings of a namespace. */
  bindings: (namespace: string): readonly Binding[] => {
    const local = namespace === "" ? [] : store.list({ resource: roleBindings, namespace });
    return [...store.list({ resource: clusterRoleBindings, namespace: "" }), ...local].map(bindingOf);
  },
  /** Of the role that a binding names; undefined if it does not exist. */
  rules: ({ roleRef: { kind, name }, namespace }: Binding): readonly PolicyRule[] | undefined => {
    const place =
      kind === "ClusterRole" ? { resource: clusterRoles, namespace: "" } : { resource: roles, namespace };
    const role = store.get({ ...place, name });
    return role && listIn(role, "rules").filter(isJsonObject).map(ruleOf);
  },
});

const ruleOf = (rule: JsonObject) => ({
  verbs: textsIn(rule, "verbs"),
  apiGroups: textsIn(rule, "apiGroups"),
  resources: textsIn(rule, "resources"),
  resourceNames: textsIn(rule, "resourceNames"),
  nonResourceURLs: textsIn(rule, "nonResourceURLs"),
});

const refOf = (ref: JsonObject) => ({
  kind: textIn(ref, "kind"),
  name: textIn(ref, "name"),
  namespace: textIn(ref, "namespace"),
});

const roleOf = (ref: JsonObject): Pick<Subject, "kind" | "name"> => refOf(ref);

export const bindingOf = (object: KubernetesObject) => ({
  kind: object.kind,
  name: object.metadata.name,
  /** Empty for a ClusterRoleBinding. */
  namespace: object.metadata.namespace ?? "",
  roleRef: roleOf(objectIn(object, "roleRef")),
  subjects: listIn(object, "subjects").filter(isJsonObject).map(refOf),
});

/** `reason` is the binding that allowed it, or the missing role that a binding names. It can be empty. */
export function authorize(
  user: UserInfo,
  asked: RequestInfo,
  policy: Policy,
): { allowed: boolean; reason: string } {
  // Hard-coded in the API server: RBAC is not evaluated for this group.
  if (user.groups.includes("system:masters")) return { allowed: true, reason: "" };
  const namespace = asked.isResourceRequest ? asked.namespace : "";
  const { grants, missing } = grantsOf(user, namespace, policy);
  const grant = grants.find(({ rule }) => allows(rule, asked));
  if (grant !== undefined) return { allowed: true, reason: `RBAC: allowed by ${grant.source}` };
  const [first = ""] = missing;
  const list = missing.length > 1 ? `[${missing.join(", ")}]` : first;
  return { allowed: false, reason: list === "" ? "" : `RBAC: ${list}` };
}

/**
 * The rules of a user, each with the binding that grants it, and the roles that do not exist. Those of superusers come from RBAC too:
 * there is a binding to cluster-admin.
 */
export function grantsOf(user: UserInfo, namespace: string, policy: Policy) {
  const grants: { rule: PolicyRule; source: string }[] = [];
  const missing = new Set<string>();
  for (const binding of policy.bindings(namespace)) {
    const subject = binding.subjects.find((candidate) => isSubject(user, candidate, binding.namespace));
    if (subject === undefined) continue;
    const { kind, name } = binding.roleRef;
    const rules = policy.rules(binding);
    if (rules === undefined)
      missing.add(`${kind.toLowerCase()}.${rbacGroup} ${JSON.stringify(name)} not found`);
    else grants.push(...rules.map((rule) => ({ rule, source: describe(binding, subject) })));
  }
  return { grants, missing: [...missing] };
}

function isSubject(user: UserInfo, { kind, name, namespace }: Subject, bindingNamespace: string): boolean {
  if (kind === "User") return user.username === name;
  if (kind === "Group") return user.groups.includes(name);
  const home = namespace || bindingNamespace;
  return (
    kind === "ServiceAccount" && home !== "" && user.username === `system:serviceaccount:${home}:${name}`
  );
}

function describe({ kind, name, namespace, roleRef }: Binding, subject: Subject): string {
  const binding = namespace === "" ? name : `${name}/${namespace}`;
  const who = subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace}` : subject.name;
  const of = `${roleRef.kind} ${JSON.stringify(roleRef.name)}`;
  return `${kind} ${JSON.stringify(binding)} of ${of} to ${subject.kind} ${JSON.stringify(who)}`;
}

/** The part after `is forbidden: `. */
export function refusal(username: string, asked: RequestInfo, reason: string): string {
  const because = reason === "" ? "" : `: ${reason}`;
  const who = `User ${JSON.stringify(username)} cannot ${asked.verb}`;
  if (!asked.isResourceRequest) return `${who} path ${JSON.stringify(asked.path)}${because}`;
  const { resource, subresource, namespace } = asked;
  const what = JSON.stringify(subresource === "" ? resource : `${resource}/${subresource}`);
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} resource ${what} in API group ${JSON.stringify(asked.apiGroup)} ${where}${because}`;
}

export function allows(rule: PolicyRule, asked: RequestInfo): boolean {
  if (!holds(rule.verbs, asked.verb)) return false;
  if (!asked.isResourceRequest) return rule.nonResourceURLs.some((url) => urlMatches(url, asked.path));
  return holds(rule.apiGroups, asked.apiGroup) && namesResource(rule, asked) && namesObject(rule, asked);
}

const holds = (list: readonly string[], value: string) => list.includes("*") || list.includes(value);

function namesResource({ resources }: PolicyRule, { resource, subresource }: ResourceRequest): boolean {
  const combined = subresource === "" ? resource : `${resource}/${subresource}`;
  return holds(resources, combined) || (subresource !== "" && resources.includes(`*/${subresource}`));
}

const namesObject = ({ resourceNames }: PolicyRule, { name }: ResourceRequest) =>
  resourceNames.length === 0 || resourceNames.includes(name);

/** A star is a wildcard only alone or at the end. */
function urlMatches(url: string, path: string): boolean {
  return url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.replace(/\*+$/, "")));
}
