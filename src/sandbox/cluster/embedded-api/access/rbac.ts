/**
 * RBAC evaluation: whether a user can do something, and by which binding. Pure: another module reads the policy.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 *
 * Escalation prevention (the verbs `escalate` and `bind`) is left out on purpose. It limits the roles that an
 * administrator can write, not the permissions of a role, and the sandbox's administrator is in system:masters.
 */
import type { RequestInfo, ResourceRequest } from "../exchange/request-info.ts";
import type { UserInfo } from "../../../wire.ts";

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

export interface Binding {
  readonly kind: "ClusterRoleBinding" | "RoleBinding";
  readonly name: string;
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly Subject[];
}

export interface Policy {
  clusterRoleBindings(): readonly Binding[];
  roleBindings(namespace: string): readonly Binding[];
  /** Undefined if the role does not exist; `namespace` is empty for a ClusterRole. */
  rules(role: { kind: string; name: string; namespace: string }): readonly PolicyRule[] | undefined;
}

export interface Decision {
  readonly allowed: boolean;
  /** The binding that allowed it, or the missing role that a binding names. Can be empty. */
  readonly reason: string;
}

/** One rule of a user, and the binding that grants it. */
interface Grant {
  readonly rule: PolicyRule;
  readonly source: string;
}

/** Hard-coded in the API server: RBAC is not evaluated for this group. */
export const superuserGroup = "system:masters";

export function authorize(user: UserInfo, asked: RequestInfo, policy: Policy): Decision {
  if (user.groups.includes(superuserGroup)) return { allowed: true, reason: "" };
  const namespace = asked.isResourceRequest ? asked.namespace : "";
  const { grants, missing } = grantsOf(user, namespace, policy);
  const grant = grants.find(({ rule }) => allows(rule, asked));
  if (grant !== undefined) return { allowed: true, reason: `RBAC: allowed by ${grant.source}` };
  const [first = ""] = missing;
  const list = missing.length > 1 ? `[${missing.join(", ")}]` : first;
  return { allowed: false, reason: list === "" ? "" : `RBAC: ${list}` };
}

/** The rules of superusers come from RBAC too: there is a binding to cluster-admin. */
export function rulesOf(user: UserInfo, namespace: string, policy: Policy): readonly PolicyRule[] {
  return grantsOf(user, namespace, policy).grants.map(({ rule }) => rule);
}

function grantsOf(user: UserInfo, namespace: string, policy: Policy): { grants: Grant[]; missing: string[] } {
  const grants: Grant[] = [];
  const missing: string[] = [];
  const local = namespace === "" ? [] : policy.roleBindings(namespace);
  for (const binding of [...policy.clusterRoleBindings(), ...local]) {
    const subject = binding.subjects.find((candidate) => isSubject(user, candidate, binding.namespace));
    if (subject === undefined) continue;
    const { kind, name } = binding.roleRef;
    const rules = policy.rules({ kind, name, namespace: kind === "ClusterRole" ? "" : binding.namespace });
    if (rules === undefined)
      missing.push(`${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`);
    else grants.push(...rules.map((rule) => ({ rule, source: describe(binding, subject) })));
  }
  return { grants, missing: [...new Set(missing)] };
}

function isSubject(user: UserInfo, subject: Subject, bindingNamespace: string): boolean {
  switch (subject.kind) {
    case "User":
      return user.username === subject.name;
    case "Group":
      return user.groups.includes(subject.name);
    case "ServiceAccount": {
      const namespace = subject.namespace === "" ? bindingNamespace : subject.namespace;
      return namespace !== "" && user.username === `system:serviceaccount:${namespace}:${subject.name}`;
    }
    default:
      return false;
  }
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

/**
 * One rule of a role, and the requests that it allows.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
 */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
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
