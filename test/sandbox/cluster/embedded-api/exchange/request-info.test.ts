import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestInfo } from "../../../../../src/sandbox/cluster/embedded-api/exchange/request-info.ts";

/** method, path and query; verb; group/version resource/subresource; namespace; name */
const resources: readonly (readonly [string, string, string, string, string, string])[] = [
  ["GET", "/api/v1/namespaces", "list", "/v1 namespaces", "", ""],
  ["HEAD", "/api/v1/namespaces", "list", "/v1 namespaces", "", ""],
  ["GET", "/api/v1/namespaces?watch=true", "watch", "/v1 namespaces", "", ""],
  ["GET", "/api/v1/namespaces?watch=1", "watch", "/v1 namespaces", "", ""],
  ["GET", "/api/v1/namespaces?watch=", "watch", "/v1 namespaces", "", ""],
  ["GET", "/api/v1/namespaces?watch=false", "list", "/v1 namespaces", "", ""],
  ["GET", "/api/v1/namespaces?watch=0", "list", "/v1 namespaces", "", ""],
  ["POST", "/api/v1/namespaces", "create", "/v1 namespaces", "", ""],
  // A namespace is inside itself, so that a Role there can grant access to it.
  ["GET", "/api/v1/namespaces/team", "get", "/v1 namespaces", "team", "team"],
  ["PUT", "/api/v1/namespaces/team", "update", "/v1 namespaces", "team", "team"],
  ["PATCH", "/api/v1/namespaces/team", "patch", "/v1 namespaces", "team", "team"],
  ["DELETE", "/api/v1/namespaces/team", "delete", "/v1 namespaces", "team", "team"],
  ["DELETE", "/api/v1/namespaces", "deletecollection", "/v1 namespaces", "", ""],
  ["PUT", "/api/v1/namespaces/team/finalize", "update", "/v1 namespaces/finalize", "team", "team"],
  ["GET", "/api/v1/namespaces/team/status", "get", "/v1 namespaces/status", "team", "team"],
  ["GET", "/api/v1/namespaces/team/configmaps", "list", "/v1 configmaps", "team", ""],
  ["GET", "/api/v1/namespaces/team/configmaps/a", "get", "/v1 configmaps", "team", "a"],
  ["GET", "/api/v1/namespaces/team/pods/a/log", "get", "/v1 pods/log", "team", "a"],
  ["GET", "/api/v1/configmaps", "list", "/v1 configmaps", "", ""],
  ["GET", "/api/v1/namespaces?fieldSelector=metadata.name%3Da", "list", "/v1 namespaces", "", "a"],
  ["GET", "/api/v1/namespaces?watch=1&fieldSelector=metadata.name%3Da", "watch", "/v1 namespaces", "", "a"],
  ["GET", "/api/v1/namespaces?fieldSelector=metadata.name!%3Da", "list", "/v1 namespaces", "", ""],
  ["GET", "/api/v1/namespaces?fieldSelector=metadata.name%3D..", "list", "/v1 namespaces", "", ""],
  [
    "GET",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/view",
    "get",
    "rbac.authorization.k8s.io/v1 clusterroles",
    "",
    "view",
  ],
  [
    "POST",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/team/roles",
    "create",
    "rbac.authorization.k8s.io/v1 roles",
    "team",
    "",
  ],
  ["OPTIONS", "/api/v1/namespaces", "", "/v1 namespaces", "", ""],
];

const paths: readonly (readonly [string, string, string])[] = [
  ["GET", "/", "get"],
  ["GET", "/api", "get"],
  ["GET", "/api/v1", "get"],
  ["GET", "/apis", "get"],
  ["GET", "/apis/rbac.authorization.k8s.io", "get"],
  ["GET", "/apis/rbac.authorization.k8s.io/v1", "get"],
  ["POST", "/healthz", "post"],
  ["GET", "/openapi/v3/api/v1", "get"],
  ["GET", "/apix/v1/namespaces", "get"],
];

const infoOf = (method: string, url: string) => {
  const { pathname, searchParams } = new URL(url, "https://loopback");
  return requestInfo(method, pathname, searchParams);
};

describe("a request for a resource", () => {
  test.each(resources)("%s %s is %s of %s in %j named %j", (method, url, verb, what, namespace, name) => {
    const info = infoOf(method, url);
    if (!info.isResourceRequest) throw new Error("not a resource request");
    const { apiGroup, apiVersion, resource, subresource } = info;
    const combined = subresource === "" ? resource : `${resource}/${subresource}`;
    expect([info.verb, `${apiGroup}/${apiVersion} ${combined}`, info.namespace, info.name]).toEqual([
      verb,
      what,
      namespace,
      name,
    ]);
  });
});

describe("a request for a path", () => {
  test.each(paths)("%s %s is %s", (method, path, verb) => {
    expect(infoOf(method, path)).toEqual({ isResourceRequest: false, verb, path });
  });
});

test("any path is read as something, and slashes at the ends change nothing", () => {
  const segment = fc.stringMatching(/^[a-z0-9.-]{1,8}$/);
  fc.assert(
    fc.property(
      fc.constantFrom("api", "apis"),
      fc.array(segment, { minLength: 4, maxLength: 8 }),
      (root, parts) => {
        const path = `/${[root, ...parts].join("/")}`;
        const query = new URLSearchParams();
        expect(requestInfo("GET", `${path}/`, query)).toEqual(requestInfo("GET", path, query));
      },
    ),
  );
});
