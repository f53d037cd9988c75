/** The cluster's side, asked about a token of somebody's through a kubeconfig's context. */
import { describe, expect, it } from "vitest";
import { kubectlEnvironment, systemAuthorities } from "../../src/debug/evidence/api-server.ts";
import type { Report } from "../../src/debug/report/report.ts";
import { walk } from "../../src/debug/walk.ts";
import type { Environment } from "../../src/foundation/ports.ts";
import type { Answer } from "../../src/http/exchange.ts";
import { presignedUrl, signedAt, tokenOf } from "../authenticator/token-form/mutated-token.ts";
import { answering, debugged, worldOf, type Asked, type Outside } from "./world.ts";

const arn = "arn:aws:sts::123456789012:assumed-role/reader/alice";
const token = tokenOf(presignedUrl({}));

interface Setting {
  user?: object;
  cluster?: object;
  said?: (asked: Asked) => Partial<Answer> | undefined;
  awsAuth?: string;
  adminContext?: string | undefined;
  clusterName?: string | undefined;
  env?: Record<string, string>;
}

function kubeconfig({ user = {}, cluster = {} }: Setting): string {
  return JSON.stringify({
    clusters: [
      { name: "demo", cluster: { server: "https://demo.example", ...cluster } },
      { name: "other", cluster: { server: "https://other.example" } },
    ],
    users: [
      { name: "alice", user: { token: "not used", ...user } },
      { name: "admin", user: { token: "the admin's own" } },
    ],
    contexts: [
      { name: "demo", context: { cluster: "demo", user: "alice" } },
      { name: "admin", context: { cluster: "demo", user: "admin" } },
      { name: "elsewhere", context: { cluster: "other", user: "admin" } },
    ],
    "current-context": "demo",
  });
}

async function looked(setting: Setting): Promise<{ report: Report; asked: Asked[] }> {
  const { http, asked } = answering((each) => setting.said?.(each) ?? sound(each));
  const files = { "/home/alice/.kube/config": kubeconfig(setting) };
  const outside: Outside = { at: signedAt, files, http, env: setting.env ?? {} };
  const { awsAuth, adminContext } = setting;
  const report = await debugged(token, outside, {
    context: "demo",
    clusterName: "clusterName" in setting ? setting.clusterName : "demo",
    mapping: { awsAuth, adminContext },
  });
  return { report, asked };
}

function sound({ request: { url, repeated } }: Asked): Partial<Answer> {
  if (url.host.startsWith("sts."))
    return json(200, {
      GetCallerIdentityResponse: {
        GetCallerIdentityResult: { Account: "123456789012", Arn: arn, UserId: "AROAEXAMPLE:alice" },
      },
    });
  if (url.pathname === "/version") return json(200, { gitVersion: "v1.34.4" });
  const [username = "reader"] = repeated?.["impersonate-user"] ?? [];
  if (url.pathname.endsWith("selfsubjectreviews"))
    return json(201, { kind: "SelfSubjectReview", status: { userInfo: { username, groups: [] } } });
  if (url.pathname.endsWith("selfsubjectaccessreviews"))
    return json(201, { kind: "SelfSubjectAccessReview", status: { allowed: true } });
  return json(404, { kind: "Status", message: "not found" });
}

function json(status: number, body: object): Partial<Answer> {
  return { status, body: JSON.stringify(body) };
}

function hop({ hops }: Report, wanted: string) {
  return hops.find(({ name }) => name === wanted);
}

describe("a user with as", () => {
  const user = { as: "bob", "as-groups": ["a", "b"], "as-uid": "7", "as-user-extra": { "a/b": ["ü"] } };

  it("is asked for as kubectl asks, and the mapping is judged without it", async () => {
    const { report, asked } = await looked({ user });
    expect(report.verdict).toBe("accepted");
    const review = asked.findLast(({ request: { url } }) => url.pathname.endsWith("accessreviews"));
    expect(review?.request.repeated).toEqual({
      "impersonate-user": ["bob"],
      "impersonate-uid": ["7"],
      "impersonate-group": ["a", "b"],
      "impersonate-extra-a%2Fb": ["\u00c3\u00bc"],
    });
    expect(hop(report, "api-server")?.facts).toContainEqual([
      "acts as",
      "bob; groups a, b; uid 7; extra a/b",
    ]);
    expect(report.mapping?.username).toBe("reader");
  });

  it("who may not be impersonated", async () => {
    const message =
      'users "bob" is forbidden: User "reader" cannot impersonate resource "users" in API group ""';
    const { report } = await looked({
      user,
      said: ({ request }) => (request.repeated ? json(403, { kind: "Status", message }) : undefined),
    });
    expect(report).toMatchObject({ verdict: "refused", exitCode: 5 });
    expect(hop(report, "api-server")?.status).toBe("ok");
    expect(hop(report, "authorization")).toMatchObject({ code: "API_IMPERSONATION_FORBIDDEN" });
  });
});

describe("the environment for the API server", () => {
  it("is kubectl's: no variable of AWS's, no ALL_PROXY, upper case first", () => {
    const env = { AWS_CA_BUNDLE: "/ca", ALL_PROXY: "a", all_proxy: "b", HTTPS_PROXY: "c", https_proxy: "d" };
    expect(kubectlEnvironment(env)).toEqual({ HTTPS_PROXY: "c", https_proxy: "c" });
  });

  it("trusts the system's CAs, or those of SSL_CERT_FILE, where the kubeconfig names none", async () => {
    const { readFile } = worldOf({ at: signedAt, files: { "/etc/ssl/cert.pem": "system", "/own": "own" } });
    const of = (env: Record<string, string>, platform: NodeJS.Platform = "linux") =>
      systemAuthorities({ env, platform, readFile });
    expect(await of({})).toBe("system");
    expect(await of({ SSL_CERT_FILE: "/own" })).toBe("own");
    expect(await of({}, "darwin")).toBeUndefined();
  });
});

describe("a 403", () => {
  it.each(['{"message":"Forbidden"}', "blocked", ""])(
    "with %j is not Kubernetes', whatever was asked",
    async (body) => {
      for (const path of ["/version", "selfsubjectreviews"]) {
        const { report } = await looked({
          said: ({ request: { url } }) => (url.pathname.endsWith(path) ? { status: 403, body } : undefined),
        });
        expect(report).toMatchObject({ verdict: "unknown", exitCode: 4 });
        expect(hop(report, "api-server")).toMatchObject({ status: "failed", code: "API_GATEWAY_FORBIDS" });
      }
    },
  );
});

describe("without a cluster's name", () => {
  it("STS is not asked, and the API server is", async () => {
    const { report, asked } = await looked({ clusterName: undefined });
    expect(hop(report, "sts")).toMatchObject({ status: "not-reached" });
    expect(report).toMatchObject({ verdict: "accepted", mapping: { username: "reader" } });
    expect(asked.some(({ endpoint }) => endpoint.host.startsWith("sts."))).toBe(false);
  });
});

describe("a user without permissions", () => {
  const said = ({ request: { url } }: Asked) =>
    url.pathname.endsWith("selfsubjectaccessreviews")
      ? json(201, { kind: "SelfSubjectAccessReview", status: { allowed: false } })
      : undefined;

  it.each([
    [undefined, "kubectl --context=demo create clusterrolebinding"],
    ["admin", "kubectl --context=admin create clusterrolebinding"],
  ])(
    "with --context and --admin-context %s gets a command for this cluster",
    async (adminContext, command) => {
      const { report } = await looked({ said, adminContext });
      expect(hop(report, "authorization")).toMatchObject({ code: "RBAC_FORBIDDEN" });
      expect(hop(report, "authorization")?.hint).toContain(command);
    },
  );
});

describe("a server with a path", () => {
  it("that the API server does not know", async () => {
    const { report } = await looked({
      cluster: { server: "https://demo.example/k8s" },
      said: ({ request: { url } }) =>
        url.host === "demo.example"
          ? json(403, { kind: "Status", message: `User "reader" cannot post path "${url.pathname}"` })
          : undefined,
    });
    expect(report).toMatchObject({ verdict: "refused", exitCode: 2 });
    expect(hop(report, "api-server")).toMatchObject({ status: "failed", code: "API_PATH_UNKNOWN" });
  });
});

describe("STS that this machine cannot call", () => {
  const words = "the cluster calls STS, and kubectl does not";

  it.each([
    [{ status: 200, body: "<html>" }, true],
    [{ status: 503 }, false],
  ])("with %j: whether the cluster can is another question: %s", async (answer, isOwn) => {
    const { report } = await looked({
      said: ({ endpoint }) => (endpoint.host.startsWith("sts.") ? answer : undefined),
    });
    expect(hop(report, "sts")).toMatchObject({ status: "failed" });
    expect(hop(report, "sts")?.hint.includes(words)).toBe(isOwn);
  });
});

describe("what was asked for by name and cannot be read", () => {
  const toAdmin = (asked: Asked) => asked.request.headers["authorization"]?.includes("admin") === true;

  it("--aws-auth is reported before the first request", async () => {
    await expect(looked({ awsAuth: "/nowhere" })).rejects.toMatchObject({ code: "FILE_MISSING" });
  });

  it("is a warning where the API server takes the token", async () => {
    const { report } = await looked({
      adminContext: "admin",
      said: (asked) => (toAdmin(asked) ? json(401, { kind: "Status" }) : undefined),
    });
    expect(report.verdict).toBe("accepted");
    const mapping = hop(report, "mapping");
    expect(mapping).toMatchObject({ status: "warning", code: "ADMIN_REFUSED" });
    expect(mapping?.hint).not.toContain("maps the role");
    expect(hop(report, "authorization")?.status).toBe("ok");
  });

  it("does not hide what the API server says", async () => {
    const { report } = await looked({
      adminContext: "nope",
      said: ({ endpoint }) => (endpoint.host === "demo.example" ? json(401, { kind: "Status" }) : undefined),
    });
    expect(hop(report, "api-server")).toMatchObject({ status: "failed", code: "API_UNAUTHORIZED" });
    expect(hop(report, "mapping")).toMatchObject({ status: "failed", code: "KUBECONFIG_CONTEXT_NOT_FOUND" });
    expect(hop(report, "mapping")?.hint).toContain("Correct --admin-context.");
  });

  it("is not read from another cluster", async () => {
    const { report, asked } = await looked({ adminContext: "elsewhere" });
    expect(hop(report, "mapping")).toMatchObject({ status: "warning", code: "ADMIN_OTHER_CLUSTER" });
    expect(hop(report, "mapping")?.detail).toMatch(/other\.example.*demo\.example/);
    expect(asked.some(({ endpoint }) => endpoint.host === "other.example")).toBe(false);
  });
});

it("a socks proxy leaves it unknown", async () => {
  const { report } = await looked({ cluster: { "proxy-url": "socks5://127.0.0.1:1" } });
  expect(report).toMatchObject({ verdict: "unknown", exitCode: 1 });
});

describe("a walk with another tool's entry", () => {
  const program = `printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' '${token}'`;
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "/bin/sh",
    args: ["-c", program],
    env: [{ name: "HTTPS_PROXY", value: "http://entry.example" }],
    interactiveMode: "Never",
  };

  async function walked(clusterName: string | undefined, env: Record<string, string> = {}) {
    const { http, asked } = answering(sound);
    const files = { "/home/alice/.kube/config": kubeconfig({ user: { token: undefined, exec } }) };
    const environments: Environment[] = [];
    const world = worldOf({ at: signedAt, files, http, env: { PATH: "/usr/bin:/bin", ...env } });
    const report = await walk(
      {
        kubeconfig: undefined,
        context: "demo",
        hasOwnIdentity: false,
        isOffline: false,
        clusterName,
        mapping: { awsAuth: undefined, adminContext: undefined },
      },
      {
        ...world,
        http: (of) => {
          environments.push(of);
          return world.http(of);
        },
      },
    );
    const names = asked.map(({ request }) => request.headers["x-k8s-aws-id"]).filter(Boolean);
    return { report, names, environments };
  }

  it.skipIf(process.platform === "win32")(
    "asks STS with the cluster that was given, in the entry's environment",
    async () => {
      const { report, names, environments } = await walked("demo");
      expect([report.verdict, names]).toEqual(["accepted", ["demo"]]);
      expect(environments.map(({ HTTPS_PROXY }) => HTTPS_PROXY)).toEqual(["http://entry.example", undefined]);
      expect((await walked(undefined, { EKS_X509_CLUSTER_NAME: "other" })).names).toEqual(["other"]);
    },
  );

  it.skipIf(process.platform === "win32")("asks the API server where no cluster is known", async () => {
    const { report, names } = await walked(undefined);
    expect([report.verdict, names, hop(report, "sts")?.status]).toEqual(["accepted", [], "not-reached"]);
  });
});
