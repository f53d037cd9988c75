/** What is made of each answer, the right ones and the wrong ones. */
import { describe, expect, it } from "vitest";
import type { ApiAccess } from "../../src/kubernetes-api/access.ts";
import {
  canI,
  rbacForbidden,
  readAwsAuth,
  serverVersion,
  whoAmI,
} from "../../src/kubernetes-api/questions.ts";
import { rejectionOf } from "../failure.ts";
import { answering, status, token } from "./access.ts";

const asking: readonly (readonly [string, (access: ApiAccess) => Promise<unknown>])[] = [
  ["/version", serverVersion],
  ["SelfSubjectReview", whoAmI],
  ["SelfSubjectAccessReview", (access) => canI(access)],
  ["aws-auth", readAwsAuth],
];

describe.each(asking)("asked for %s, a server that", (_what, ask) => {
  it.each([
    [
      "redirects to a login",
      { status: 302, headers: { location: "https://login.example" } },
      "API_REDIRECTED",
    ],
    ["is in trouble", status(503, "apiserver is shutting down"), "API_SERVER_ERROR"],
    [
      "stands behind a broken load balancer",
      { status: 502, body: "<html>Bad Gateway</html>" },
      "API_SERVER_ERROR",
    ],
    ["shows a page", { status: 200, body: "\n<!DOCTYPE html><html>" }, "API_NOT_KUBERNETES"],
    ["forbids with a page", { status: 403, headers: { "content-type": "text/html" } }, "API_NOT_KUBERNETES"],
    [
      "wants TLS",
      { status: 400, body: "Client sent an HTTP request to an HTTPS server.\n" },
      "API_WANTS_HTTPS",
    ],
    ["does not know the caller", status(401, "Unauthorized"), "API_UNAUTHORIZED"],
    ["is asked too often", status(429, "Too many requests"), "API_THROTTLED"],
    ["answers with a status that does not fit", status(418, "I am a teapot"), "API_ANSWER_UNEXPECTED"],
  ])("%s", async (_how, answer, code) => {
    const { access } = answering([answer]);
    expect(await rejectionOf(ask(access))).toMatchObject({ hop: "api-server", code });
  });

  it("repeats the token is not quoted", async () => {
    for (const code of [418, 403, 503]) {
      const { access } = answering([status(code, `what is ${token.slice(20, 90)}?`)]);
      const outcome = await ask(access).then(JSON.stringify, String);
      expect(outcome).not.toContain(token.slice(20, 32));
    }
  });

  it("is plain http gets no token, unless it is this machine", async () => {
    const { access, calls } = answering([{}], { url: "http://cluster.example" });
    expect(await rejectionOf(ask(access))).toMatchObject({ category: "usage", code: "API_PLAIN_HTTP" });
    expect(calls).toEqual([]);
    const own = answering([status(401, "")], { url: "http://127.0.0.1:8001" });
    expect((await rejectionOf(ask(own.access))).code).toBe("API_UNAUTHORIZED");
  });

  it("is reached by a proxy that is none of http's is not asked", async () => {
    const { access, calls } = answering([{}]);
    const server = { ...access.server, proxy: new URL("socks5://alice:s3cret@127.0.0.1:1080") };
    const failure = await rejectionOf(ask({ ...access, server }));
    expect(failure).toMatchObject({ category: "other", code: "API_PROXY_SOCKS" });
    expect(failure.message + failure.hint).not.toContain("s3cret");
    expect(calls).toEqual([]);
  });

  it("is to take the caller for somebody that no header can hold is not asked", async () => {
    const { access, calls } = answering([{}]);
    const impersonate = { user: "bob", uid: "", groups: ["a\r\nx: y"], extra: [] };
    expect((await rejectionOf(ask({ ...access, impersonate }))).code).toBe("API_IMPERSONATION_INVALID");
    expect(calls).toEqual([]);
  });
});

describe("a request", () => {
  it("has the token, the server's own path, and JSON both ways", async () => {
    const { access, requests } = answering([status(404, "")], { url: "https://gate.example:8443/k8s/c-1/" });
    await whoAmI(access);
    expect(requests[0]).toMatchObject({
      method: "POST",
      headers: {
        host: "gate.example:8443",
        authorization: `Bearer ${token}`,
        accept: "application/json",
        "content-type": "application/json",
      },
      body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
    });
    expect(requests[0]?.url.href).toBe(
      "https://gate.example:8443/k8s/c-1/apis/authentication.k8s.io/v1/selfsubjectreviews",
    );
  });

  it("goes to this machine without the environment's proxy, as kubectl's does; elsewhere as the environment says", async () => {
    const proxyTo = async (url: string) => {
      const { access, calls } = answering([status(404, "")], { url });
      await readAwsAuth(access);
      return calls[0]?.proxy;
    };
    expect(await proxyTo("https://127.0.0.1:6443")).toBe("none");
    expect(await proxyTo("https://localhost:6443")).toBe("none");
    expect(await proxyTo("https://cluster.example")).toBeUndefined();
  });
});

describe("a 401", () => {
  const refused = async (more: Parameters<typeof answering>[1]) =>
    rejectionOf(serverVersion(answering([status(401, "Unauthorized")], more).access));

  it("to a token names what may be wrong, for the server does not", async () => {
    const { code, hint } = await refused({});
    expect(code).toBe("API_UNAUTHORIZED");
    expect(hint).toMatch(/aws-auth.*access entry.*--cluster-name.*authenticator/);
  });

  it("to a client certificate, and to nothing, is another failure each", async () => {
    expect((await refused({ own: "", tls: { cert: "c", key: "k" } })).code).toBe("API_CERTIFICATE_REFUSED");
    expect((await refused({ own: "" })).code).toBe("API_ANONYMOUS_REFUSED");
  });
});

describe("/version", () => {
  const version = (json: unknown, code = 200) => serverVersion(answering([{ status: code, json }]).access);

  it("reports the server's", async () => {
    expect(await version({ major: "1", minor: "34", gitVersion: "v1.34.4-eks-3025e55" })).toBe(
      "v1.34.4-eks-3025e55",
    );
  });

  it.each([
    [{}],
    [[]],
    ["v1.34"],
    [{ gitVersion: 134 }],
    [{ gitVersion: "v1 <b>" }],
    [{ gitVersion: `v${"1".repeat(99)}` }],
  ])("of %j is no API server's", async (json) => {
    expect((await rejectionOf(version(json))).code).toBe("API_NOT_KUBERNETES");
  });

  it("may be forbidden, with the server's words", async () => {
    const { access } = answering([
      status(403, 'forbidden: User "system:anonymous" cannot get path "/version"'),
    ]);
    expect(await rejectionOf(serverVersion(access))).toMatchObject({
      category: "refused",
      code: "API_VERSION_FORBIDDEN",
      message:
        'the API server (cluster.example) does not report its version: forbidden: User "system:anonymous" cannot get path "/version"',
    });
  });
});

describe("who am I", () => {
  const review = (userInfo: unknown) => ({
    status: 201,
    json: { kind: "SelfSubjectReview", apiVersion: "authentication.k8s.io/v1", status: { userInfo } },
  });
  const missing = { status: 404, body: "404 page not found\n" };

  it("is asked in v1, then in v1beta1 and v1alpha1, for servers before 1.28", async () => {
    const { access, requests } = answering([missing, missing, review({ username: "alice" })]);
    expect(await whoAmI(access)).toEqual({ username: "alice", uid: "", groups: [], extra: {} });
    expect(requests.map(({ url, body }) => [url.pathname, JSON.parse(body)])).toEqual(
      ["v1", "v1beta1", "v1alpha1"].map((version) => [
        `/apis/authentication.k8s.io/${version}/selfsubjectreviews`,
        { kind: "SelfSubjectReview", apiVersion: `authentication.k8s.io/${version}` },
      ]),
    );
  });

  it("may be a user with an empty name, which real servers leave out", async () => {
    const user = await whoAmI(answering([review({ uid: "u-1", groups: ["view"] })]).access);
    expect(user).toEqual({ username: "", uid: "u-1", groups: ["view"], extra: {} });
  });

  it("is not reported by a server that is too old", async () => {
    expect(await whoAmI(answering([missing]).access)).toBeUndefined();
  });

  it.each([
    [{}],
    [null],
    [{ username: "" }],
    [{ username: "a", groups: "b" }],
    [{ username: "a", groups: [1] }],
    [{ username: "a", uid: {} }],
    [{ username: "a", extra: { b: "c" } }],
    [{ username: "a".repeat(3000) }],
    [{ username: "a", groups: Array.from({ length: 2000 }, () => "b") }],
  ])("of %.60j is malformed", async (userInfo) => {
    expect((await rejectionOf(whoAmI(answering([review(userInfo)]).access))).code).toBe(
      "API_ANSWER_MALFORMED",
    );
  });

  it("may not even be asked", async () => {
    const { access } = answering([status(403, "selfsubjectreviews is forbidden")]);
    expect(await rejectionOf(whoAmI(access))).toMatchObject({
      hop: "authorization",
      code: "API_REVIEW_FORBIDDEN",
    });
    expect((await rejectionOf(canI(access))).code).toBe("API_REVIEW_FORBIDDEN");
  });

  it.each([
    ["a user", whoAmI, status(403, 'User "alice" cannot post path "/k8s/c-1/apis/authentication.k8s.io/v1"')],
    ["an administrator", canI, { status: 404, body: "404 page not found\n" }],
    ["somebody behind another proxy", canI, status(404, "the server could not find it")],
  ] as const)("is asked at a path that the API server does not know, by %s", async (_who, ask, answer) => {
    const { access } = answering([answer], { url: "https://cluster.example/k8s/c-1/" });
    const failure = await rejectionOf(Promise.resolve<unknown>(ask(access)));
    expect(failure).toMatchObject({ category: "usage", hop: "api-server", code: "API_PATH_UNKNOWN" });
    expect(failure.message).toContain("has the path /k8s/c-1, which the API server (cluster.example)");
  });

  it("behind a proxy at a path, may not be asked", async () => {
    const { access } = answering([status(403, "selfsubjectreviews is forbidden")], {
      url: "https://gate.example/k8s/c-1",
    });
    expect((await rejectionOf(whoAmI(access))).code).toBe("API_REVIEW_FORBIDDEN");
  });
});

describe("can I", () => {
  const review = (answer: unknown) => ({
    status: 201,
    json: { kind: "SelfSubjectAccessReview", status: answer },
  });

  it.each([
    [
      { allowed: true, reason: "RBAC: allowed" },
      { allowed: true, reason: "RBAC: allowed" },
    ],
    [{ allowed: false }, { allowed: false, reason: "" }],
    [
      { allowed: false, reason: "no", evaluationError: "role not found" },
      { allowed: false, reason: "no; role not found" },
    ],
  ])("%j", async (answer, access) => {
    const { access: api, requests } = answering([review(answer)]);
    expect(await canI(api)).toEqual(access);
    expect(JSON.parse(requests[0]?.body ?? "")).toEqual({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb: "list", resource: "namespaces" } },
    });
  });

  it.each([[{}], [null], [{ allowed: "yes" }]])("of %j is malformed", async (answer) => {
    expect((await rejectionOf(canI(answering([review(answer)]).access))).code).toBe("API_ANSWER_MALFORMED");
  });
});

describe("RBAC_FORBIDDEN", () => {
  const user = { username: "alice", uid: "", groups: ["eks-viewers", "system:authenticated"], extra: {} };
  const denied = { allowed: false, reason: "" };

  it("names the user, the groups and the command that binds a role to them", () => {
    expect(rbacForbidden(denied, user)).toMatchObject({
      category: "refused",
      hop: "authorization",
      code: "RBAC_FORBIDDEN",
      message: "authenticated as alice (groups: eks-viewers), who may not list namespaces",
      hint: "Authentication works; no role is bound to this user. An administrator can bind one: kubectl create clusterrolebinding eks-x509-view --clusterrole=view --group=eks-viewers",
    });
  });

  it.each([
    [{ ...user, groups: ["system:authenticated"] }, "--user=alice"],
    [{ ...user, groups: [] }, "--user=alice"],
    [{ ...user, groups: ["it's $HOME"] }, "--group='it'\\''s $HOME'"],
    [undefined, "--user=USERNAME"],
  ])("of %j: %s", (who, subject) => {
    expect(rbacForbidden(denied, who).hint).toContain(subject);
  });

  it("names the file and the context, so that the command does not change another cluster", () => {
    expect(rbacForbidden(denied, user, ["--kubeconfig=/my files/config", "--context=demo"]).hint).toContain(
      "kubectl '--kubeconfig=/my files/config' --context=demo create clusterrolebinding ",
    );
  });

  it("repeats the authorizer's reason", () => {
    expect(rbacForbidden({ allowed: false, reason: "no" }, user).message).toContain("list namespaces: no");
  });
});

describe("aws-auth", () => {
  const reading = (...answers: Parameters<typeof answering>[0]) => readAwsAuth(answering(answers).access);
  const map = (data: unknown) => ({ status: 200, json: { kind: "ConfigMap", data } });

  it("is the ConfigMap's data", async () => {
    expect(await reading(map({ mapRoles: "- a" }))).toEqual({ mapRoles: "- a" });
    expect(await reading(map(undefined))).toEqual({});
  });

  it("may not be there, and may not be read", async () => {
    expect(await reading(status(404, 'configmaps "aws-auth" not found'))).toBe("missing");
    expect(await reading(status(403, "no"))).toBe("forbidden");
  });

  it.each([[[]], ["text"], [{ mapRoles: [] }], [null]])("with data %j is malformed", async (data) => {
    expect((await rejectionOf(reading(map(data)))).code).toBe("API_ANSWER_MALFORMED");
  });
});
