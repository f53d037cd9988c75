import {
  ApiException,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  RbacAuthorizationV1Api,
  V1Namespace,
  V1ObjectMeta,
  V1ResourceAttributes,
  V1SelfSubjectAccessReview,
  V1SelfSubjectAccessReviewSpec,
  VersionApi,
  Watch,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kubeconfig, type Token } from "./kubectl.ts";
import { startLoopback, type Loopback } from "./loopback.ts";

const namespace = (metadata: Partial<V1ObjectMeta>) =>
  Object.assign(new V1Namespace(), { metadata: Object.assign(new V1ObjectMeta(), metadata) });

describe("@kubernetes/client-node against the embedded API", () => {
  let server: Loopback;

  beforeAll(async () => {
    server = await startLoopback();
  });

  afterAll(() => server.close());

  const configOf = (token: Token) => {
    const config = new KubeConfig();
    config.loadFromString(JSON.stringify(kubeconfig(server, token)));
    return config;
  };
  const coreOf = (token: Token) => configOf(token).makeApiClient(CoreV1Api);
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => "no error",
      (error: unknown) => (error instanceof ApiException ? error.code : error),
    );

  test("lists namespaces with dates and a version", async () => {
    const { items, metadata } = await coreOf("viewer-token").listNamespace();
    expect(items.map((item) => item.metadata?.name)).toEqual([
      "default",
      "kube-node-lease",
      "kube-public",
      "kube-system",
    ]);
    expect(items[0]?.metadata?.creationTimestamp).toBeInstanceOf(Date);
    expect(metadata?.resourceVersion).toMatch(/^\d+$/);
  });

  test("gets 401, 403, 404, 409 and 422 with the reason", async () => {
    const admin = coreOf("admin-token");
    expect(await codeOf(coreOf("unknown-token").listNamespace())).toBe(401);
    expect(await codeOf(admin.readNamespace({ name: "none" }))).toBe(404);
    expect(await codeOf(admin.createNamespace({ body: namespace({ name: "default" }) }))).toBe(409);
    expect(await codeOf(admin.createNamespace({ body: namespace({ name: "No_Label" }) }))).toBe(422);
    const forbidden = coreOf("viewer-token").createNamespace({ body: namespace({ name: "x" }) });
    await expect(forbidden).rejects.toMatchObject({ code: 403 });
    await expect(forbidden).rejects.toThrow("cannot create resource");
  });

  test("creates, replaces, patches and deletes", async () => {
    const admin = coreOf("admin-token");
    await admin.createNamespace({ body: namespace({ generateName: "team-" }) });
    const place = { name: "aws-auth", namespace: "kube-system" };
    const current = await admin.readNamespacedConfigMap(place);
    current.data = { mapRoles: "replaced" };
    const replaced = await admin.replaceNamespacedConfigMap({ ...place, body: current });
    expect(replaced.data).toEqual({ mapRoles: "replaced" });
    expect(server.api.awsAuth()).toEqual({ mapRoles: "replaced" });
    expect(await codeOf(admin.replaceNamespacedConfigMap({ ...place, body: current }))).toBe(409);
    await KubernetesObjectApi.makeApiClient(configOf("admin-token")).patch({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: place,
      data: { mapUsers: "patched" },
    });
    expect(server.api.awsAuth()).toEqual({ mapRoles: "replaced", mapUsers: "patched" });
    await admin.deleteNamespacedConfigMap(place);
    expect(server.api.awsAuth()).toEqual({});
  });

  test("asks about itself, about roles and about the version", async () => {
    const resourceAttributes = Object.assign(new V1ResourceAttributes(), {
      verb: "list",
      resource: "namespaces",
    });
    const spec = Object.assign(new V1SelfSubjectAccessReviewSpec(), { resourceAttributes });
    const review = await configOf("viewer-token")
      .makeApiClient(AuthorizationV1Api)
      .createSelfSubjectAccessReview({ body: Object.assign(new V1SelfSubjectAccessReview(), { spec }) });
    expect(review.status).toEqual({
      allowed: true,
      reason:
        'RBAC: allowed by ClusterRoleBinding "eks-x509-viewer" of ClusterRole "eks-x509-viewer" to Group "eks-x509:viewers"',
    });
    const roles = await configOf("admin-token").makeApiClient(RbacAuthorizationV1Api).listClusterRole();
    expect(roles.items.map((role) => role.metadata?.name)).toContain("cluster-admin");
    const { gitVersion } = await configOf("viewer-token").makeApiClient(VersionApi).getCode();
    expect(gitVersion).toBe("v1.34.4-eks-x509-sandbox");
  });

  test("watches: the objects there are, then the end of the stream", async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      void new Watch(configOf("viewer-token")).watch(
        "/api/v1/namespaces",
        {},
        (type, object: { metadata: { name: string } }) => seen.push(`${type} ${object.metadata.name}`),
        (error: unknown) => {
          if (error instanceof Error && error.name !== "AbortError") reject(error);
          else resolve();
        },
      );
    });
    expect(seen).toEqual(expect.arrayContaining(["ADDED default", "ADDED kube-system"]));
  });
});
