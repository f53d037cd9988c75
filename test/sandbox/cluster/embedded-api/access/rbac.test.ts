import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Binding,
  type Policy,
  type PolicyRule,
  type Subject,
  allows,
  authorize,
  refusal,
  grantsOf,
} from "../../../../../src/sandbox/cluster/embedded-api/access/rbac.ts";
import { requestInfo } from "../../../../../src/sandbox/cluster/embedded-api/exchange/request-info.ts";
import type { UserInfo } from "../../../../../src/sandbox/wire.ts";

const rule = (part: Partial<PolicyRule>): PolicyRule => ({
  verbs: [],
  apiGroups: [],
  resources: [],
  resourceNames: [],
  nonResourceURLs: [],
  ...part,
});

/** `GET /api/v1/namespaces?watch=1` */
const asked = (line: string) => {
  const [method = "", url = ""] = line.split(" ");
  const { pathname, searchParams } = new URL(url, "https://loopback");
  return requestInfo(method, pathname, searchParams);
};

const core = { apiGroups: [""] };
const rows: readonly (readonly [string, PolicyRule, string, boolean])[] = [
  [
    "verb and resource",
    rule({ ...core, verbs: ["list"], resources: ["namespaces"] }),
    "GET /api/v1/namespaces",
    true,
  ],
  [
    "another verb",
    rule({ ...core, verbs: ["get"], resources: ["namespaces"] }),
    "GET /api/v1/namespaces",
    false,
  ],
  [
    "another resource",
    rule({ ...core, verbs: ["list"], resources: ["pods"] }),
    "GET /api/v1/namespaces",
    false,
  ],
  [
    "another group",
    rule({ apiGroups: ["apps"], verbs: ["list"], resources: ["namespaces"] }),
    "GET /api/v1/namespaces",
    false,
  ],
  [
    "stars",
    rule({ apiGroups: ["*"], verbs: ["*"], resources: ["*"] }),
    "DELETE /apis/apps/v1/namespaces/a/deployments/b",
    true,
  ],
  [
    "a star for resources covers subresources",
    rule({ ...core, verbs: ["get"], resources: ["*"] }),
    "GET /api/v1/namespaces/a/pods/b/log",
    true,
  ],
  [
    "a resource does not cover its subresources",
    rule({ ...core, verbs: ["get"], resources: ["pods"] }),
    "GET /api/v1/namespaces/a/pods/b/log",
    false,
  ],
  [
    "a subresource by name",
    rule({ ...core, verbs: ["get"], resources: ["pods/log"] }),
    "GET /api/v1/namespaces/a/pods/b/log",
    true,
  ],
  [
    "a subresource of anything",
    rule({ ...core, verbs: ["get"], resources: ["*/log"] }),
    "GET /api/v1/namespaces/a/pods/b/log",
    true,
  ],
  [
    "a subresource does not cover its resource",
    rule({ ...core, verbs: ["get"], resources: ["pods/log"] }),
    "GET /api/v1/namespaces/a/pods/b",
    false,
  ],
  [
    "a named object",
    rule({ ...core, verbs: ["get"], resources: ["configmaps"], resourceNames: ["a"] }),
    "GET /api/v1/namespaces/n/configmaps/a",
    true,
  ],
  [
    "another name",
    rule({ ...core, verbs: ["get"], resources: ["configmaps"], resourceNames: ["a"] }),
    "GET /api/v1/namespaces/n/configmaps/b",
    false,
  ],
  [
    "names never allow a create, which has no name yet",
    rule({ ...core, verbs: ["create"], resources: ["configmaps"], resourceNames: ["a"] }),
    "POST /api/v1/namespaces/n/configmaps",
    false,
  ],
  [
    "names allow a list narrowed to one",
    rule({ ...core, verbs: ["list"], resources: ["configmaps"], resourceNames: ["a"] }),
    "GET /api/v1/configmaps?fieldSelector=metadata.name=a",
    true,
  ],
  ["a path", rule({ verbs: ["get"], nonResourceURLs: ["/version"] }), "GET /version", true],
  ["a path below a star", rule({ verbs: ["get"], nonResourceURLs: ["/apis/*"] }), "GET /apis/apps", true],
  ["a path beside a star", rule({ verbs: ["get"], nonResourceURLs: ["/apis/*"] }), "GET /apis", false],
  [
    "a star in the middle is no wildcard",
    rule({ verbs: ["get"], nonResourceURLs: ["/a/*/c"] }),
    "GET /a/b/c",
    false,
  ],
  ["all paths", rule({ verbs: ["get"], nonResourceURLs: ["*"] }), "GET /metrics", true],
  ["another method on a path", rule({ verbs: ["get"], nonResourceURLs: ["*"] }), "POST /metrics", false],
  [
    "resource rules do not cover paths",
    rule({ apiGroups: ["*"], verbs: ["*"], resources: ["*"] }),
    "GET /metrics",
    false,
  ],
  [
    "path rules do not cover resources",
    rule({ verbs: ["*"], nonResourceURLs: ["*"] }),
    "GET /api/v1/namespaces",
    false,
  ],
  [
    "a rule that lists no group covers none",
    rule({ verbs: ["*"], resources: ["*"] }),
    "GET /api/v1/namespaces",
    false,
  ],
];

describe("a rule", () => {
  test.each(rows)("%s", (_, granted, request, allowed) => {
    expect(allows(granted, asked(request))).toBe(allowed);
  });
});

const viewer: UserInfo = { username: "viewer", uid: "", groups: ["viewers"], extra: {} };
const readAll = rule({ apiGroups: ["*"], verbs: ["get", "list"], resources: ["*"] });

function policyOf(
  bindings: readonly Binding[],
  roles: Readonly<Record<string, readonly PolicyRule[]>>,
): Policy {
  return {
    bindings: (asked) =>
      bindings.filter(({ kind, namespace }) => kind === "ClusterRoleBinding" || namespace === asked),
    rules: ({ roleRef: { kind, name }, namespace }) =>
      roles[[kind, kind === "ClusterRole" ? "" : namespace, name].filter(Boolean).join("/")],
  };
}

const bind = (subject: Subject, part: Partial<Binding> = {}): Binding => ({
  kind: "ClusterRoleBinding",
  name: "binding",
  namespace: "",
  roleRef: { kind: "ClusterRole", name: "reader" },
  subjects: [subject],
  ...part,
});
const named = (kind: string, name: string, namespace = ""): Subject => ({ kind, name, namespace });

describe("a binding", () => {
  const roles = { "ClusterRole/reader": [readAll], "Role/team/reader": [readAll] };
  const list = asked("GET /api/v1/namespaces");
  const listInTeam = asked("GET /api/v1/namespaces/team/configmaps");
  const decide = (binding: Binding, request = list, user = viewer) =>
    authorize(user, request, policyOf([binding], roles));

  test("reaches a user by name and by group, and nobody else", () => {
    expect(decide(bind(named("User", "viewer")))).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "binding" of ClusterRole "reader" to User "viewer"',
    });
    expect(decide(bind(named("Group", "viewers"))).allowed).toBe(true);
    expect(decide(bind(named("User", "viewers")))).toEqual({ allowed: false, reason: "" });
    expect(decide(bind(named("Group", "viewer"))).allowed).toBe(false);
    expect(decide(bind(named("Robot", "viewer"))).allowed).toBe(false);
  });

  test("reaches a service account by its user name", () => {
    const user = { ...viewer, username: "system:serviceaccount:team:builder" };
    expect(decide(bind(named("ServiceAccount", "builder", "team")), list, user).allowed).toBe(true);
    expect(decide(bind(named("ServiceAccount", "builder", "other")), list, user).allowed).toBe(false);
    expect(decide(bind(named("ServiceAccount", "builder")), list, user).allowed).toBe(false);
  });

  test("in a namespace counts there only, for a ClusterRole and for a Role", () => {
    const local = { kind: "RoleBinding", namespace: "team" } as const;
    const toRole = { ...local, roleRef: { kind: "Role", name: "reader" } };
    for (const part of [local, toRole]) {
      const binding = bind(named("User", "viewer"), part);
      expect(decide(binding, listInTeam).allowed).toBe(true);
      expect(decide(binding, asked("GET /api/v1/namespaces/other/configmaps")).allowed).toBe(false);
      expect(decide(binding, list).allowed).toBe(false);
    }
    expect(decide(bind(named("User", "viewer"), toRole), listInTeam).reason).toBe(
      'RBAC: allowed by RoleBinding "binding/team" of Role "reader" to User "viewer"',
    );
  });

  test("to a role that does not exist grants nothing and says so", () => {
    const binding = bind(named("User", "viewer"), { roleRef: { kind: "ClusterRole", name: "redaer" } });
    expect(decide(binding)).toEqual({
      allowed: false,
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "redaer" not found',
    });
  });
});

describe("system:masters", () => {
  const nothing = policyOf([], {});
  const master = { ...viewer, groups: ["system:masters"] };

  test("may do everything without any role", () => {
    expect(authorize(master, asked("DELETE /api/v1/namespaces/a"), nothing)).toEqual({
      allowed: true,
      reason: "",
    });
    expect(authorize(master, asked("POST /metrics"), nothing).allowed).toBe(true);
    expect(grantsOf(master, "", nothing).grants.map(({ rule }) => rule)).toEqual([]);
  });

  test("is a group, not a user name", () => {
    expect(authorize({ ...viewer, username: "system:masters" }, asked("GET /"), nothing).allowed).toBe(false);
  });
});

test("without a binding nothing is allowed, whatever roles exist", () => {
  const policy = policyOf([], { "ClusterRole/reader": [readAll] });
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), fc.webPath(), (username, groups, path) => {
      fc.pre(!groups.includes("system:masters"));
      const info = requestInfo("GET", path, new URLSearchParams());
      expect(authorize({ username, uid: "", groups, extra: {} }, info, policy).allowed).toBe(false);
    }),
  );
});

test("a rule allows exactly what it names", () => {
  const word = fc.constantFrom("a", "b", "c");
  const words = fc.uniqueArray(word);
  fc.assert(
    fc.property(
      words,
      words,
      words,
      word,
      word,
      word,
      (verbs, apiGroups, resources, verb, apiGroup, resource) => {
        const expected = verbs.includes(verb) && apiGroups.includes(apiGroup) && resources.includes(resource);
        const info = { verb, apiGroup, apiVersion: "v1", resource, subresource: "", namespace: "", name: "" };
        const granted = rule({ verbs, apiGroups, resources });
        expect(allows(granted, { isResourceRequest: true, ...info })).toBe(expected);
      },
    ),
  );
});

test("a refusal names the user, the action and the place", () => {
  const text = (line: string) => refusal("viewer", asked(line), "");
  expect(text("POST /api/v1/namespaces")).toBe(
    'User "viewer" cannot create resource "namespaces" in API group "" at the cluster scope',
  );
  expect(text("DELETE /api/v1/namespaces/x")).toBe(
    'User "viewer" cannot delete resource "namespaces" in API group "" in the namespace "x"',
  );
  expect(text("GET /api/v1/namespaces/n/pods/p/log")).toBe(
    'User "viewer" cannot get resource "pods/log" in API group "" in the namespace "n"',
  );
  expect(text("GET /apis/apps/v1/deployments")).toBe(
    'User "viewer" cannot list resource "deployments" in API group "apps" at the cluster scope',
  );
  expect(text("GET /metrics")).toBe('User "viewer" cannot get path "/metrics"');
});
