import { describe, expect, test } from "vitest";
import { createKubernetesApi, type KubernetesApi } from "../../../../src/sandbox/cluster/embedded-api/api.ts";
import type { UserInfo, WireEvent } from "../../../../src/sandbox/wire.ts";
import { containing, matching } from "../../../matching.ts";
import { users } from "./loopback.ts";

interface Parts {
  token?: string;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** The API without a server: `ask("GET /api/v1/namespaces", { token })`. */
function started(authenticate = (token: string) => Promise.resolve(users[token] ?? null)) {
  const events: WireEvent[] = [];
  const api = createKubernetesApi({
    authenticate,
    awsAuth: { mapRoles: "[]" },
    onEvent: (event) => events.push(event),
    now: () => new Date("2026-11-23T10:20:30.456Z"),
  });
  const ask = async (line: string, { token, body, headers = {} }: Parts = {}) => {
    const [method = "", url = ""] = line.split(" ");
    const [path = "", rawQuery = ""] = url.split("?");
    const authorization: Record<string, string> =
      token === undefined ? {} : { authorization: `Bearer ${token}` };
    const sent = {
      accept: "application/json",
      "content-type": "application/json",
      ...authorization,
      ...headers,
    };
    const response = await api.handler({
      method,
      path,
      rawQuery,
      headers: new Map(Object.entries(sent)),
      body: Buffer.from(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body)),
    });
    return { ...response, json: parsed(response.body) };
  };
  return { api, ask, events };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const viewer = { token: "viewer-token" };
const admin = { token: "admin-token" };
const namespaces = "/api/v1/namespaces";
const awsAuth = "/api/v1/namespaces/kube-system/configmaps/aws-auth";
const bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";

describe("a body of a megabyte that is nested", () => {
  const deep = `${'{"metadata":'.repeat(80_000)}{}${"}".repeat(80_000)}`;

  test.each([
    ["PATCH", `${namespaces}/default`, "application/merge-patch+json"],
    ["PATCH", `${namespaces}/default`, "application/strategic-merge-patch+json"],
  ])("is refused as a bad request: %s %s as %s", async (method, path, type) => {
    const { status } = await started().ask(`${method} ${path}`, {
      ...admin,
      body: deep,
      headers: { "content-type": type },
    });
    expect(status).toBe(400);
  });
});

describe("who is asking", () => {
  test("a token that nobody knows is unauthorized, in the server's own words", async () => {
    const { status, headers, body } = await started().ask(`GET ${namespaces}`, { token: "nonsense" });
    expect(status).toBe(401);
    expect(headers["content-type"]).toBe("application/json");
    expect(body).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n',
    );
  });

  test("a token that could not be checked is unauthorized too", async () => {
    const { ask } = started(() => Promise.reject(new Error("unreachable")));
    expect((await ask("GET /healthz", { token: "any" })).status).toBe(401);
  });

  test.each([{}, { authorization: "" }, { authorization: "Bearer" }, { authorization: "Basic YTpi" }])(
    "no bearer token is anonymous: %j",
    async (headers) => {
      const { ask } = started();
      expect(await ask(`GET ${namespaces}`, { headers })).toMatchObject({
        status: 403,
        json: {
          message:
            'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope',
          reason: "Forbidden",
          details: { kind: "namespaces" },
          code: 403,
        },
      });
    },
  );

  test.each(["/healthz", "/livez", "/readyz", "/version", "/version/"])(
    "anonymous may read %s",
    async (path) => {
      expect((await started().ask(`GET ${path}`)).status).toBe(200);
    },
  );

  test.each(["/", "/api", "/apis", "/openapi/v3", "/metrics"])("anonymous may not read %s", async (path) => {
    const { status, json } = await started().ask(`GET ${path}`);
    expect(status).toBe(403);
    expect(json).toMatchObject({ message: `forbidden: User "system:anonymous" cannot get path "${path}"` });
  });

  test("the scheme may be written in any case", async () => {
    const headers = { authorization: "bearer viewer-token" };
    expect((await started().ask(`GET ${namespaces}`, { headers })).status).toBe(200);
  });

  test.each<[string[], string[]]>([
    [["a"], ["a", "system:authenticated"]],
    [["system:authenticated"], ["system:authenticated"]],
    [[], ["system:authenticated"]],
  ])("the groups %j become %j", async (groups, expected) => {
    const user: UserInfo = { username: "somebody", uid: "", groups, extra: {} };
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const { status, json } = await started(() => Promise.resolve(user)).ask(`POST ${path}`, {
      ...viewer,
      body: {},
    });
    expect(status).toBe(201);
    expect(json).toMatchObject({ status: { userInfo: { username: "somebody", groups: expected } } });
  });

  test("impersonation is refused, even for an administrator", async () => {
    const headers = { "impersonate-user": "viewer" };
    const { ask } = started();
    expect(await ask(`GET ${namespaces}`, { ...admin, headers })).toMatchObject({
      status: 403,
      json: { message: 'users "viewer" is forbidden: the sandbox does not support impersonation' },
    });
    expect((await ask("GET /healthz", { ...admin, headers })).status).toBe(403);
    expect((await ask("GET /apis", { ...admin, headers })).status).toBe(200);
  });
});

describe("an event for every request", () => {
  test("reports the user, the request, and why it was refused", async () => {
    const { ask, events } = started();
    await ask(`GET ${namespaces}?limit=500`, viewer);
    await ask(`POST ${namespaces}`, { ...viewer, body: { metadata: { name: "x" } } });
    await ask(`GET ${namespaces}`, { token: "secret" });
    await ask("GET /nowhere", admin);
    expect(events).toEqual([
      { hop: "kubernetes", what: "GET /api/v1/namespaces", verdict: "accepted", who: "viewer", why: "" },
      {
        hop: "kubernetes",
        what: "POST /api/v1/namespaces",
        verdict: "refused",
        who: "viewer",
        why: 'namespaces is forbidden: User "viewer" cannot create resource "namespaces" in API group "" at the cluster scope',
      },
      { hop: "kubernetes", what: "GET /api/v1/namespaces", verdict: "refused", who: "", why: "Unauthorized" },
      {
        hop: "kubernetes",
        what: "GET /nowhere",
        verdict: "refused",
        who: "admin",
        why: "404 page not found",
      },
    ]);
    expect(JSON.stringify(events)).not.toContain("secret");
  });

  test("holds no control characters", async () => {
    const { ask, events } = started();
    await ask(`POST ${namespaces}`, { ...admin, body: { apiVersion: "\u001b[31mv1\n", metadata: {} } });
    expect(events[0]?.why).toContain("the API version in the data ( [31mv1 )");
  });
});

describe("which form", () => {
  test.each([
    ["*/*", "NamespaceList"],
    ["application/vnd.kubernetes.protobuf,application/json", "NamespaceList"],
    ["application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "Table"],
    ["application/json;as=Table;v=v1beta1;g=meta.k8s.io", "Table"],
    ["application/json;as=Table;v=v9;g=meta.k8s.io,application/json", "NamespaceList"],
    ["application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "PartialObjectMetadataList"],
  ])("%s gets a %s", async (accept, kind) => {
    const { headers, json } = await started().ask(`GET ${namespaces}`, { ...viewer, headers: { accept } });
    expect(headers["content-type"]).toBe("application/json");
    expect(json).toMatchObject({ kind });
  });

  test.each([
    "application/vnd.kubernetes.protobuf",
    "text/html",
    "application/json;as=Table;v=v9;g=meta.k8s.io",
  ])("%s is not acceptable, and nothing is written", async (accept) => {
    const { ask } = started();
    const body = { metadata: { name: "x" } };
    expect(await ask(`POST ${namespaces}`, { ...admin, body, headers: { accept } })).toMatchObject({
      status: 406,
      json: { kind: "Status", reason: "NotAcceptable" },
    });
    expect((await ask(`GET ${namespaces}/x`, admin)).status).toBe(404);
  });

  test("a table's rows carry metadata, whole objects, or none, as asked", async () => {
    const { ask } = started();
    const headers = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
    const row = async (query: string) =>
      (await ask(`GET ${namespaces}/default${query}`, { ...viewer, headers })).json;
    expect(await row("")).toMatchObject({ rows: [{ object: { kind: "PartialObjectMetadata" } }] });
    expect(await row("?includeObject=Object")).toMatchObject({ rows: [{ object: { kind: "Namespace" } }] });
    expect(await row("?includeObject=None")).toMatchObject({
      rows: [{ cells: ["default", "Active", "0s"] }],
    });
    expect(JSON.stringify(await row("?includeObject=None"))).not.toContain('"object"');
  });
});

describe("discovery", () => {
  test("has the old form", async () => {
    const { ask } = started();
    expect((await ask("GET /api", viewer)).json).toEqual({ kind: "APIVersions", versions: ["v1"] });
    expect((await ask("GET /apis", viewer)).json).toMatchObject({
      kind: "APIGroupList",
      groups: [
        { name: "authentication.k8s.io", preferredVersion: { version: "v1" }, versions: [{}] },
        { name: "authorization.k8s.io" },
        { name: "rbac.authorization.k8s.io" },
      ],
    });
    expect((await ask("GET /apis/rbac.authorization.k8s.io", viewer)).json).toMatchObject({
      kind: "APIGroup",
    });
    expect((await ask("GET /api/v1", viewer)).json).toMatchObject({
      kind: "APIResourceList",
      groupVersion: "v1",
      resources: [
        { name: "configmaps" },
        { name: "namespaces", shortNames: ["ns"], namespaced: false },
        { name: "events", shortNames: ["ev"], verbs: ["get", "list", "watch"] },
      ],
    });
    expect((await ask("GET /apis/apps/v1", viewer)).status).toBe(404);
  });

  test.each(["v2", "v2beta1"])("has everything at once in %s", async (version) => {
    const wanted = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    const { headers, json } = await started().ask("GET /apis", {
      ...viewer,
      headers: { accept: `${wanted},application/json` },
    });
    expect(headers["content-type"]).toBe(wanted);
    expect(json).toMatchObject({
      kind: "APIGroupDiscoveryList",
      apiVersion: `apidiscovery.k8s.io/${version}`,
      items: [{}, {}, { metadata: { name: "rbac.authorization.k8s.io" }, versions: [{ version: "v1" }] }],
    });
  });
});

describe("writing", () => {
  const named = (name: string) => ({ body: { metadata: { name } } });

  test("a namespace gets its identity from the server", async () => {
    const body = { metadata: { name: "team", uid: "mine", creationTimestamp: null, labels: { a: "b" } } };
    const { status, json } = await started().ask(`POST ${namespaces}`, { ...admin, body });
    expect(status).toBe(201);
    expect(json).toEqual({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "team",
        uid: matching(/^[0-9a-f-]{36}$/),
        resourceVersion: matching(/^\d+$/),
        creationTimestamp: "2026-11-23T10:20:30Z",
        labels: { a: "b", "kubernetes.io/metadata.name": "team" },
      },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
  });

  test("a name may be generated, and must be given or generated", async () => {
    const { ask } = started();
    const body = { metadata: { generateName: "team-" } };
    expect((await ask(`POST ${namespaces}`, { ...admin, body })).json).toMatchObject({
      metadata: { name: matching(/^team-[b-z2-9]{5}$/) },
    });
    expect(await ask(`POST ${namespaces}`, { ...admin, body: {} })).toMatchObject({
      status: 422,
      json: {
        message: 'Namespace "" is invalid: metadata.name: Required value: name or generateName is required',
      },
    });
  });

  test("a name that does not fit is invalid, with a cause", async () => {
    expect(await started().ask(`POST ${namespaces}`, { ...admin, ...named("A") })).toMatchObject({
      status: 422,
      json: {
        reason: "Invalid",
        details: {
          name: "A",
          kind: "Namespace",
          causes: [{ reason: "FieldValueInvalid", field: "metadata.name" }],
        },
      },
    });
  });

  test.each([
    [
      "a namespace that is gone",
      "POST /api/v1/namespaces/gone/configmaps",
      named("a"),
      404,
      'namespaces "gone" not found',
    ],
    ["a body that is no JSON", `POST ${namespaces}`, { body: "{" }, 400, "json parse error"],
    ["a body that is no object", `POST ${namespaces}`, { body: "[]" }, 400, "not a JSON object"],
    [
      "YAML",
      `POST ${namespaces}`,
      { body: "a: b", headers: { "content-type": "application/yaml" } },
      415,
      "unknown format",
    ],
    [
      "another kind",
      `POST ${namespaces}`,
      { body: { kind: "Pod" } },
      400,
      "cannot be handled as a Namespace",
    ],
    [
      "another version",
      `POST ${namespaces}`,
      { body: { apiVersion: "v2" } },
      400,
      "the API version in the data (v2)",
    ],
    ["another name", `PUT ${awsAuth}`, named("other"), 400, "the name of the object (other) does not match"],
    ["a collection", `DELETE ${namespaces}`, {}, 405, "does not allow this method"],
    ["an object", `POST ${namespaces}/a`, named("a"), 405, "does not allow this method"],
    ["no namespace", "POST /api/v1/configmaps", named("a"), 405, "does not allow this method"],
    [
      "a review by name",
      "GET /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/a",
      {},
      405,
      "does not allow",
    ],
    ["a subresource", `PUT ${namespaces}/default/status`, {}, 404, undefined],
    ["an unknown resource", "POST /api/v1/namespaces/default/pods", {}, 404, undefined],
    ["a broken path", "GET /api/v1/%zz", {}, 400, "percent-encoded"],
  ])("is refused for %s", async (_, line, parts, status, message) => {
    const answer = await started().ask(line, { ...admin, ...parts });
    expect(answer.status).toBe(status);
    if (message === undefined) expect(answer.body).toBe("404 page not found\n");
    else
      expect(answer.json).toMatchObject({
        kind: "Status",
        message: containing(message),
      });
  });

  test("a key that only a prototype has is data like any other", async () => {
    const { ask, api } = started();
    const body = '{"metadata":{"name":"aws-auth"},"data":{"__proto__":"a","constructor":"b"}}';
    expect((await ask(`PUT ${awsAuth}`, { ...admin, body })).status).toBe(200);
    expect(Object.entries(api.awsAuth())).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  test("an immutable ConfigMap stays what it is, and immutable", async () => {
    const { ask } = started();
    const collection = `${namespaces}/default/configmaps`;
    const fixed = { metadata: { name: "fixed" }, data: { a: "b" }, immutable: true };
    await ask(`POST ${collection}`, { ...admin, body: fixed });
    const changed = await ask(`PUT ${collection}/fixed`, { ...admin, body: { ...fixed, data: { a: "c" } } });
    expect(changed.status).toBe(422);
    expect(changed.json).toMatchObject({
      message: containing("data: Forbidden: field is immutable when `immutable` is set"),
    });
    const loosened = await ask(`PUT ${collection}/fixed`, { ...admin, body: { ...fixed, immutable: false } });
    expect(loosened.status).toBe(422);
    const labelled = { ...fixed, metadata: { name: "fixed", labels: { a: "b" } } };
    expect((await ask(`PUT ${collection}/fixed`, { ...admin, body: labelled })).status).toBe(200);
  });

  test("a list from a version that is not there yet is refused", async () => {
    const { status, json } = await started().ask(`GET ${namespaces}?resourceVersion=999999`, admin);
    expect(status).toBe(504);
    expect(json).toMatchObject({
      reason: "Timeout",
      message: containing("Too large resource version: 999999"),
    });
  });

  test("the objects of a list are of its kind, and do not say so", async () => {
    const { json } = await started().ask(`GET ${namespaces}`, admin);
    expect(json).toMatchObject({
      kind: "NamespaceList",
      items: [{ metadata: { name: "default" } }, {}, {}, {}],
    });
    expect(JSON.stringify(json)).not.toContain('"kind":"Namespace"');
  });

  test("writing the same again changes nothing, not even the version", async () => {
    const { ask } = started();
    const before = (await ask(`GET ${awsAuth}`, admin)).json;
    expect((await ask(`PUT ${awsAuth}`, { ...admin, body: before })).json).toEqual(before);
  });

  test("a namespace takes with it what it holds", async () => {
    const { ask } = started();
    await ask(`POST ${namespaces}`, { ...admin, ...named("team") });
    await ask(`POST ${namespaces}/team/configmaps`, { ...admin, ...named("a") });
    expect((await ask(`DELETE ${namespaces}/team`, admin)).json).toMatchObject({
      status: { phase: "Terminating" },
    });
    await ask(`POST ${namespaces}`, { ...admin, ...named("team") });
    expect((await ask(`GET ${namespaces}/team/configmaps`, admin)).json).toMatchObject({ items: [] });
  });

  test("a delete may be made to depend on the object's identity", async () => {
    const { ask } = started();
    const body = { preconditions: { uid: "another" } };
    expect((await ask(`DELETE ${awsAuth}`, { ...admin, body })).status).toBe(409);
    expect((await ask(`DELETE ${awsAuth}?dryRun=All`, admin)).status).toBe(200);
    expect((await ask(`DELETE ${awsAuth}`, { ...admin, body: { dryRun: ["All"] } })).status).toBe(200);
    expect(await ask(`DELETE ${awsAuth}`, admin)).toMatchObject({
      status: 200,
      json: { kind: "Status", status: "Success", details: { name: "aws-auth", kind: "configmaps" } },
    });
  });

  test("a binding keeps its role, and learns its API groups", async () => {
    const { ask } = started();
    const body = {
      metadata: { name: "b" },
      roleRef: { kind: "ClusterRole", name: "view" },
      subjects: [{ kind: "User", name: "viewer" }],
    };
    expect((await ask(`POST ${bindings}`, { ...admin, body })).json).toMatchObject({
      roleRef: { apiGroup: "rbac.authorization.k8s.io" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io" }],
    });
    const changed = { ...body, roleRef: { kind: "ClusterRole", name: "edit" } };
    expect(await ask(`PUT ${bindings}/b`, { ...admin, body: changed })).toMatchObject({
      status: 422,
      json: { message: containing("roleRef: Invalid value: ") },
    });
  });

  test.each([
    [
      bindings,
      { roleRef: { kind: "Role", name: "a" } },
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    ],
    [
      bindings,
      { roleRef: { kind: "ClusterRole", name: "a" }, subjects: [{ kind: "Robot", name: "a" }] },
      'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
    ],
    [
      "/apis/rbac.authorization.k8s.io/v1/clusterroles",
      { rules: [{ resources: ["a"] }] },
      "[rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group]",
    ],
    [
      "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
      { rules: [{ verbs: ["get"], nonResourceURLs: ["/a"] }] },
      'rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs',
    ],
    [
      "/api/v1/namespaces/default/configmaps",
      { data: { "a b": "" } },
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    ],
  ])("%s refuses %j", async (path, part, message) => {
    const body = { metadata: { name: "x" }, ...part };
    expect(await started().ask(`POST ${path}`, { ...admin, body })).toMatchObject({
      status: 422,
      json: { message: containing(message) },
    });
  });
});

describe("a watch", () => {
  const versionOf = async ({ ask }: ReturnType<typeof started>) => {
    const { json } = await ask(`GET ${namespaces}`, viewer);
    return /"resourceVersion":"(\d+)"/.exec(JSON.stringify(json))?.[1] ?? "";
  };
  const events = (body: string) =>
    body
      .split("\n")
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));
  const create = ({ ask }: ReturnType<typeof started>, name: string) =>
    ask(`POST ${namespaces}`, { ...admin, body: { metadata: { name, labels: { team: "blue" } } } });

  test("without a version reports the existing objects", async () => {
    const { body } = await started().ask(`GET ${namespaces}?watch=1`, viewer);
    expect(events(body)).toHaveLength(4);
    expect(events(body)[0]).toMatchObject({ type: "ADDED", object: { metadata: { name: "default" } } });
  });

  test("from a version reports the changes since then, in the requested form", async () => {
    const sandbox = started();
    const since = await versionOf(sandbox);
    await create(sandbox, "a");
    await sandbox.ask(`PATCH ${namespaces}/a`, {
      ...admin,
      body: { metadata: { labels: { team: "red" } } },
      headers: { "content-type": "application/merge-patch+json" },
    });
    await sandbox.ask(`DELETE ${namespaces}/a`, admin);
    const watched = async (query: string, accept = "application/json") =>
      events(
        (
          await sandbox.ask(`GET ${namespaces}?watch=1&resourceVersion=${since}${query}`, {
            ...viewer,
            headers: { accept },
          })
        ).body,
      );
    expect(await watched("")).toMatchObject([{ type: "ADDED" }, { type: "MODIFIED" }, { type: "DELETED" }]);
    expect(await watched("&labelSelector=team%3Dblue")).toMatchObject([
      { type: "ADDED" },
      { type: "DELETED" },
    ]);
    expect(await watched("&labelSelector=team%3Dred")).toMatchObject([
      { type: "ADDED" },
      { type: "DELETED" },
    ]);
    const tables = await watched("", "application/json;as=Table;v=v1;g=meta.k8s.io");
    expect(tables[0]).toMatchObject({ type: "ADDED", object: { kind: "Table", rows: [{}] } });
  });

  test("waits for the first change that it is about, but its event does not", async () => {
    const sandbox = started();
    const since = await versionOf(sandbox);
    const watching = sandbox.ask(`GET ${namespaces}?watch=1&resourceVersion=${since}`, viewer);
    await sandbox.ask(`DELETE ${awsAuth}`, admin);
    expect(sandbox.events.map(({ what }) => what)).toContain(`GET ${namespaces}`);
    await create(sandbox, "a");
    expect(events((await watching).body)).toMatchObject([
      { type: "ADDED", object: { metadata: { name: "a" } } },
    ]);
  });

  test("waits through any number of changes that are about something else", async () => {
    const sandbox = started();
    const since = await versionOf(sandbox);
    const watching = sandbox.ask(`GET ${namespaces}?watch=1&resourceVersion=${since}`, viewer);
    for (let round = 0; round < 1001; round++)
      await sandbox.ask(`PUT ${awsAuth}`, {
        ...admin,
        body: { metadata: { name: "aws-auth" }, data: { round: String(round) } },
      });
    await create(sandbox, "a");
    expect(events((await watching).body)).toMatchObject([{ object: { metadata: { name: "a" } } }]);
  });

  test("ends with nothing when its time is over", async () => {
    const sandbox = started();
    const since = await versionOf(sandbox);
    const query = `watch=1&resourceVersion=${since}&timeoutSeconds=1`;
    expect(await sandbox.ask(`GET ${namespaces}?${query}`, viewer)).toMatchObject({ status: 200, body: "" });
  });

  test("from a version that is forgotten is expired", async () => {
    const sandbox = started();
    const since = await versionOf(sandbox);
    for (let round = 0; round < 501; round++) {
      await create(sandbox, "a");
      await sandbox.ask(`DELETE ${namespaces}/a`, admin);
    }
    expect(await sandbox.ask(`GET ${namespaces}?watch=1&resourceVersion=${since}`, viewer)).toMatchObject({
      status: 410,
      json: { reason: "Expired" },
    });
  });

  test("in the streaming-list form is refused, so that clients fall back", async () => {
    const query = "watch=1&sendInitialEvents=true";
    expect(await started().ask(`GET ${namespaces}?${query}`, viewer)).toMatchObject({ status: 422 });
  });
});

test("the mapping given at the start is the ConfigMap's first data; what was not given is absent", () => {
  const api = (awsAuth: Parameters<typeof createKubernetesApi>[0]["awsAuth"]): KubernetesApi =>
    createKubernetesApi({
      authenticate: () => Promise.resolve(null),
      awsAuth,
      onEvent: () => undefined,
      now: () => new Date(),
    });
  expect(api({ mapRoles: "a", mapUsers: "b", mapAccounts: "c" }).awsAuth()).toEqual({
    mapRoles: "a",
    mapUsers: "b",
    mapAccounts: "c",
  });
  expect(api({ mapUsers: undefined }).awsAuth()).toEqual({});
});
