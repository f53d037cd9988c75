/** Asked over TLS of an API that speaks as Kubernetes does, and of servers that do not. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseRegion } from "../../src/aws/partition.ts";
import { mintToken } from "../../src/token/eks-token.ts";
import { httpClient } from "../../src/http/client.ts";
import { canI, readAwsAuth, serverVersion, whoAmI } from "../../src/kubernetes-api/questions.ts";
import { serverTls } from "../../src/kubernetes-api/server-tls.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { keyPair, leaf, root } from "../certificates.ts";
import { signIn } from "../aws/eks/signed-in.ts";
import { rejectionOf } from "../failure.ts";
import { recorder } from "../http/recorder.ts";
import { refusingPort, httpsServer, serverCertificate, tunnelProxy } from "../http/servers.ts";
import { startLoopback, users, type Loopback } from "../sandbox/cluster/embedded-api/loopback.ts";
import { accessTo, token } from "./access.ts";

describe("of the sandbox's API", () => {
  let api: Loopback;
  beforeAll(async () => {
    api = await startLoopback();
  });
  afterAll(() => api.close());
  const as = (own: string | undefined, env = {}) =>
    accessTo(api.url, serverTls({ certificateAuthority: api.certificateAuthority }), own, env);

  it("the version, with and without a token; not with a wrong one", async () => {
    expect(await serverVersion(as(undefined))).toMatch(/^v1\.\d+/);
    expect(await serverVersion(as("viewer-token"))).toMatch(/^v1\.\d+/);
    expect((await rejectionOf(serverVersion(as("wrong")))).code).toBe("API_UNAUTHORIZED");
  });

  it("who one is", async () => {
    expect(await whoAmI(as("viewer-token"))).toMatchObject({
      ...users["viewer-token"],
      groups: ["eks-x509:viewers", "system:authenticated"],
    });
    expect((await rejectionOf(whoAmI(as("wrong")))).code).toBe("API_UNAUTHORIZED");
  });

  it("what one may", async () => {
    expect(await canI(as("admin-token"))).toMatchObject({ allowed: true });
    expect(await canI(as("viewer-token"), { verb: "list", resource: "secrets" })).toMatchObject({
      allowed: false,
    });
  });

  it("aws-auth, where one may read it", async () => {
    expect(await readAwsAuth(as("admin-token"))).toEqual({
      mapRoles: "- rolearn: arn:aws:iam::029608264753:role/eks-read-only\n  username: viewer\n",
    });
  });

  it("past a proxy of the environment's, which kubectl would not ask either", async () => {
    const env = { HTTPS_PROXY: `http://127.0.0.1:${refusingPort}` };
    expect(await serverVersion(as(undefined, env))).toMatch(/^v1/);
  });

  it("through the kubeconfig's proxy-url", async () => {
    const proxy = await tunnelProxy({ port: Number(new URL(api.url).port) });
    const access = as("viewer-token");
    const server = { ...access.server, proxy: new URL(proxy.origin) };
    expect(await serverVersion({ ...access, server })).toMatch(/^v1/);
    expect(proxy.asked).toHaveLength(1);
    const dead = { ...server, proxy: new URL(`http://127.0.0.1:${refusingPort}`) };
    expect(await rejectionOf(serverVersion({ ...access, server: dead }))).toMatchObject({
      code: "API_CONNECTION_REFUSED",
      hint: "Check the proxy: the kubeconfig's proxy-url, or else HTTPS_PROXY.",
    });
  });
});

describe("of the whole sandbox, with a token of its own session", () => {
  let folder: string;
  let sandbox: Sandbox;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "kubernetes-api-"));
    sandbox = await startSandbox({
      temporaryFolder: folder,
      now: () => new Date(),
      onEvent: () => undefined,
    });
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });

  it("the mapped user; and a 401 for a token of another cluster's", async () => {
    const certificateAuthority = readFileSync(sandbox.caFile, "utf8");
    const trustStore = () => Promise.resolve([certificateAuthority]);
    const http = httpClient({ env: {}, trustStore, maxAttempts: 1, onAttempt: () => undefined });
    const session = await signIn(sandbox, http);
    const region = parseRegion(sandbox.region);
    if (!region) expect.fail();
    const user = async (clusterName: string) => {
      const parameters = { clusterName, region, variant: { fips: false, dualStack: false } };
      const { text } = await mintToken(session, parameters, new Date());
      return whoAmI(accessTo(sandbox.kubernetesEndpoint, serverTls({ certificateAuthority }), text));
    };
    expect((await user("demo"))?.extra["arn"]).toEqual([session.assumedRoleArn]);
    expect((await rejectionOf(user("other"))).code).toBe("API_UNAUTHORIZED");
  });
});

describe("of a server", () => {
  const ca = root("Cluster CA");
  const certificate = serverCertificate("127.0.0.1", ca);
  const versions = () => recorder(200, '{"gitVersion":"v1.34.4"}');

  it("whose certificate is of another CA than the kubeconfig's: nothing is sent", async () => {
    const seen = versions();
    const { origin } = await httpsServer(seen.listener, certificate);
    const failure = await rejectionOf(serverVersion(accessTo(origin, { ca: [root("Old CA").pem] }, token)));
    expect(failure).toMatchObject({ category: "network", hop: "api-server", code: "API_TLS_UNTRUSTED" });
    expect(failure.hint).toMatch(/certificate-authority-data.*another cluster/);
    expect(seen.requests).toEqual([]);
  });

  it("that is asked to take the caller for another: a header for each group, in UTF-8", async () => {
    const seen: string[] = [];
    const { origin } = await httpsServer((request, response) => {
      seen.push(...request.rawHeaders);
      response.end('{"gitVersion":"v1.34.4"}');
    }, certificate);
    const impersonate = { user: "bób", uid: "", groups: ["a,b", "c"], extra: [] };
    await serverVersion({ ...accessTo(origin, { ca: [ca.pem] }, token), impersonate });
    const sent = seen.flatMap((name, index) =>
      index % 2 === 0 && name.startsWith("impersonate-")
        ? [[name, Buffer.from(seen[index + 1] ?? "", "latin1").toString("utf8")]]
        : [],
    );
    expect(sent).toEqual([
      ["impersonate-user", "bób"],
      ["impersonate-group", "a,b"],
      ["impersonate-group", "c"],
    ]);
  });

  it("by another name than its certificate's, unless tls-server-name gives that", async () => {
    const { origin } = await httpsServer(versions().listener, serverCertificate("api.internal", ca));
    expect(await rejectionOf(serverVersion(accessTo(origin, { ca: [ca.pem] }, token)))).toMatchObject({
      code: "API_TLS_NAME_DIFFERS",
    });
    const tls = { ca: [ca.pem], servername: "api.internal" };
    expect(await serverVersion(accessTo(origin, tls, token))).toBe("v1.34.4");
  });

  it("that nobody should trust, where insecure-skip-tls-verify says so", async () => {
    const { origin } = await httpsServer(versions().listener, certificate);
    expect(await serverVersion(accessTo(origin, serverTls({ insecureSkipTlsVerify: true }), token))).toBe(
      "v1.34.4",
    );
  });

  it("that knows its administrator by a client certificate", async () => {
    const seen = versions();
    const options = { requestCert: true, rejectUnauthorized: true, ca: ca.pem };
    const { origin } = await httpsServer(seen.listener, certificate, options);
    const admin = leaf(ca, { name: "admin", keys: keyPair("p256", "admin") });
    const pem = { certificateAuthority: ca.pem, clientCertificate: admin.pem, clientKey: admin.keyPem };
    expect(await serverVersion(accessTo(origin, serverTls(pem), undefined))).toBe("v1.34.4");
    expect(seen.requests[0]?.client).toContain("CN=admin");
    expect(seen.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  it("that redirects: the token goes nowhere else", async () => {
    const elsewhere = versions();
    const login = await httpsServer(elsewhere.listener, certificate);
    const { origin } = await httpsServer(
      (_request, response) => response.writeHead(302, { location: login.origin }).end(),
      certificate,
    );
    const failure = await rejectionOf(serverVersion(accessTo(origin, { ca: [ca.pem] }, token)));
    expect(failure.code).toBe("API_REDIRECTED");
    expect(elsewhere.requests).toEqual([]);
  });

  it("that is not there", async () => {
    const away = accessTo(`https://127.0.0.1:${refusingPort}`, {}, token);
    expect(await rejectionOf(serverVersion(away))).toMatchObject({ code: "API_CONNECTION_REFUSED" });
    expect((await rejectionOf(serverVersion(accessTo("https://gone.invalid", {}, token)))).code).toBe(
      "API_DNS_FAILED",
    );
  });
});
