import { type JsonObject, isJsonObject, listIn, objectIn, textIn, textsIn } from "../../../json-value.ts";
import type { KubernetesObject } from "../objects/object.ts";
import type { PolicyRule } from "./rbac.ts";
import type { Binding, Policy, Subject } from "./rbac.ts";
import type { Store } from "../objects/store.ts";

const group = "rbac.authorization.k8s.io";

/** The RBAC objects that are in the store now. A new binding applies to the next request. */
export function storedPolicy(store: Store): Policy {
  return {
    clusterRoleBindings: () => store.list({ group, resource: "clusterrolebindings" }, "").map(bindingOf),
    roleBindings: (namespace) => store.list({ group, resource: "rolebindings" }, namespace).map(bindingOf),
    rules: ({ kind, name, namespace }) => {
      const resource = kind === "ClusterRole" ? "clusterroles" : "roles";
      const role = store.get({ group, resource, namespace, name });
      return role === undefined ? undefined : rulesIn(role);
    },
  };
}

export const rulesIn = (role: JsonObject): readonly PolicyRule[] =>
  listIn(role, "rules").filter(isJsonObject).map(ruleOf);

function ruleOf(rule: JsonObject): PolicyRule {
  return {
    verbs: textsIn(rule, "verbs"),
    apiGroups: textsIn(rule, "apiGroups"),
    resources: textsIn(rule, "resources"),
    resourceNames: textsIn(rule, "resourceNames"),
    nonResourceURLs: textsIn(rule, "nonResourceURLs"),
  };
}

export function bindingOf(object: KubernetesObject): Binding {
  const roleRef = objectIn(object, "roleRef");
  return {
    kind: object.kind === "RoleBinding" ? "RoleBinding" : "ClusterRoleBinding",
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? "",
    roleRef: { kind: textIn(roleRef, "kind"), name: textIn(roleRef, "name") },
    subjects: listIn(object, "subjects").filter(isJsonObject).map(subjectOf),
  };
}

function subjectOf(subject: JsonObject): Subject {
  return {
    kind: textIn(subject, "kind"),
    name: textIn(subject, "name"),
    namespace: textIn(subject, "namespace"),
  };
}
