import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readFile } from "../../../src/foundation/files/files.ts";
import { certificateAuthority } from "../../../src/kubeconfig/read/cluster.ts";
import { resolveContext } from "../../../src/kubeconfig/read/context.ts";
import { execOf } from "../../../src/kubeconfig/read/user.ts";
import { root } from "../../certificates.ts";
import { failureOf, rejectionOf } from "../../failure.ts";
import { exec, filesIn, kubeconfigText, load, parse, server, target } from "./kubeconfig-files.ts";

describe("a context leads to", () => {
  it("a cluster, a user and a namespace; the current one without --context", () => {
    const found = target({ context: { cluster: "c", user: "u", namespace: "team" } });
    expect(found).toMatchObject({
      context: { name: "x", file: "config" },
      chosenBy: "current-context",
      cluster: { name: "c", file: "config", server },
      user: { name: "u", file: "config" },
      credential: { kind: "exec" },
      namespace: "team",
    });
    expect(target({ current: "" }, "x")).toMatchObject({ chosenBy: "--context", namespace: "default" });
  });

  it("what the cluster's entry says", () => {
    const cluster = {
      server,
      "tls-server-name": "name",
      "insecure-skip-tls-verify": true,
      "proxy-url": "socks5://proxy:1080",
      "disable-compression": true,
      extensions: [
        { name: "other", extension: 1 },
        { name: "client.authentication.k8s.io/exec", extension: { clusterName: "demo" } },
      ],
    };
    expect(target({ cluster }).cluster).toMatchObject({
      tlsServerName: "name",
      insecureSkipTlsVerify: true,
      proxyUrl: "socks5://proxy:1080",
      disableCompression: true,
      execConfig: { clusterName: "demo" },
    });
  });

  it("yes, where kubectl takes it for true", () => {
    const text = "clusters: [{name: c, cluster: {insecure-skip-tls-verify: yes}}]";
    expect(parse(text).clusters.get("c")?.insecureSkipTlsVerify).toBe(true);
  });

  it("an exec entry, v1beta1 with the mode that kubectl gives it", () => {
    const beta = { ...exec, apiVersion: "client.authentication.k8s.io/v1beta1", interactiveMode: undefined };
    const { user, credential } = target({ user: { exec: beta } });
    expect(execOf(user, credential)).toMatchObject({
      interactiveMode: "IfAvailable",
      args: exec.args,
      env: [],
    });
  });

  it.each([
    [{ token: "secret" }, "token"],
    [{ tokenFile: "file" }, "token file"],
    [{ username: "alice" }, "user name and password"],
    [{ "client-certificate": "c", "client-key": "k" }, "client certificate"],
  ])("what kubectl takes instead of an exec entry beside it: %j", (fields, kind) => {
    const beside = target({ user: { exec, ...fields } });
    expect(beside.credential.kind).toBe(kind);
    expect(failureOf(() => execOf(beside.user, beside.credential))).toMatchObject({
      code: "KUBECONFIG_EXEC_UNUSED",
      message: `config: user "u" has an exec entry and a ${kind}, so kubectl never runs the exec entry`,
    });
    const alone = target({ user: fields });
    expect(failureOf(() => execOf(alone.user, alone.credential)).code).toBe("KUBECONFIG_USER_WITHOUT_EXEC");
  });

  it.each([
    [{}, "nothing"],
    [{ "auth-provider": { name: "gcp" } }, "auth provider"],
  ])("a user without an exec entry: %j", (fields, kind) => {
    const { user, credential } = target({ user: fields });
    expect(failureOf(() => execOf(user, credential)).message).toBe(
      `config: user "u" has no exec entry and signs in with ${kind}`,
    );
  });
});

describe("a context that leads nowhere", () => {
  const context = { cluster: "c", user: "u" };
  it.each([
    [
      { current: "" },
      undefined,
      "KUBECONFIG_NO_CURRENT_CONTEXT",
      "config has no current-context",
      'There is "x".',
    ],
    [{ current: "old" }, undefined, "KUBECONFIG_CURRENT_CONTEXT_NOT_FOUND", '"old"', 'There is "x".'],
    [{}, "y", "KUBECONFIG_CONTEXT_NOT_FOUND", 'no context "y" in config', 'There is "x".'],
    [{ context: { user: "u" } }, undefined, "KUBECONFIG_CONTEXT_WITHOUT_CLUSTER", '"x"', 'There is "c".'],
    [{ context: { cluster: "c" } }, undefined, "KUBECONFIG_CONTEXT_WITHOUT_USER", '"x"', 'There is "u".'],
    [
      { context: { ...context, cluster: "d" } },
      undefined,
      "KUBECONFIG_CLUSTER_NOT_FOUND",
      '"d"',
      "localhost:8080",
    ],
    [{ context: { ...context, user: "v" } }, undefined, "KUBECONFIG_USER_NOT_FOUND", '"v"', 'There is "u".'],
  ])("%j, --context %s", (parts, wanted, code, message, hint) => {
    const failure = failureOf(() => target(parts, wanted));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
    expect(failure.hint).toContain(hint);
  });

  it("since there is nothing at all", () => {
    expect(failureOf(() => resolveContext(parse(""))).code).toBe("KUBECONFIG_EMPTY");
  });

  it("names the nearest of many, and what it begins or ends with first", () => {
    const names = [
      "prod-eu",
      "arn:aws:eks:us-west-2:111122223333:cluster/staging",
      "dev",
      "prod-us",
      "a",
      "b",
      "c",
    ];
    const kubeconfig = parse(JSON.stringify({ contexts: names.map((name) => ({ name })) }));
    const hintFor = (wanted: string) => failureOf(() => resolveContext(kubeconfig, wanted)).hint;
    expect(hintFor("prod-ue")).toMatch(/There are "prod-(eu|us)", "prod-(eu|us)", .* and 2 more\.$/);
    expect(hintFor("staging")).toContain('There are "arn:aws:eks:us-west-2:111122223333:cluster/staging", ');
  });
});

describe("an entry that kubectl refuses, or goes wrong with", () => {
  const pem = Buffer.from("x").toString("base64");
  const user = (fields: object) => ({ user: { exec: { ...exec, ...fields } } });
  it.each([
    [{ cluster: {} }, "KUBECONFIG_SERVER_MISSING"],
    [{ cluster: { server: "http://127.0.0.1:8001" } }, "KUBECONFIG_SERVER_NOT_HTTPS"],
    [{ cluster: { server: "example.com" } }, "KUBECONFIG_SERVER_NOT_HTTPS"],
    [{ cluster: { server: "https://bob:hunter2@example.com" } }, "KUBECONFIG_SERVER_USERINFO"],
    [{ cluster: { server: "https://@example.com" } }, "KUBECONFIG_SERVER_USERINFO"],
    [{ cluster: { server: "https://a b" } }, "KUBECONFIG_SERVER_INVALID"],
    [{ cluster: { server, "proxy-url": "ftp://proxy" } }, "KUBECONFIG_PROXY_URL"],
    [{ cluster: { server, "proxy-url": "proxy" } }, "KUBECONFIG_PROXY_URL"],
    [
      { cluster: { server, "certificate-authority": "a", "certificate-authority-data": pem } },
      "KUBECONFIG_CA_TWICE",
    ],
    [
      { cluster: { server, "insecure-skip-tls-verify": true, "certificate-authority-data": pem } },
      "KUBECONFIG_CA_AND_INSECURE",
    ],
    [user({ command: "" }), "KUBECONFIG_EXEC_COMMAND"],
    [user({ command: null }), "KUBECONFIG_EXEC_COMMAND"],
    [user({ env: [{ value: "a" }] }), "KUBECONFIG_EXEC_ENV"],
    [user({ apiVersion: "" }), "KUBECONFIG_EXEC_VERSION_MISSING"],
    [user({ apiVersion: "client.authentication.k8s.io/v1alpha1" }), "KUBECONFIG_EXEC_VERSION_REMOVED"],
    [user({ apiVersion: "v1" }), "KUBECONFIG_EXEC_VERSION_UNKNOWN"],
    [user({ interactiveMode: undefined }), "KUBECONFIG_EXEC_MODE_MISSING"],
    [user({ interactiveMode: "never" }), "KUBECONFIG_EXEC_MODE_UNKNOWN"],
    [{ user: { exec, "auth-provider": { name: "gcp" } } }, "KUBECONFIG_AUTH_PROVIDER_AND_EXEC"],
    [{ user: { token: "a", password: "b" } }, "KUBECONFIG_AUTH_TWICE"],
    [{ user: { "client-certificate": "a" } }, "KUBECONFIG_CLIENT_KEY_MISSING"],
    [
      { user: { "client-certificate": "a", "client-key": "b", "client-key-data": pem } },
      "KUBECONFIG_CLIENT_TWICE",
    ],
    [{ user: { exec, "as-groups": ["system:masters"] } }, "KUBECONFIG_IMPERSONATION"],
  ])("%j", (parts, code) => {
    const failure = failureOf(() => target(parts));
    expect(failure).toMatchObject({ code, hop: "kubeconfig", category: "usage" });
    expect(failure.message).toMatch(/^config: /);
  });
});

describe("the certificate authority", () => {
  const pem = root().pem;

  it("comes from the entry, or from the file that it names; none means the system's", async () => {
    const folder = filesIn({
      config: kubeconfigText({ cluster: { server, "certificate-authority": "ca.pem" } }),
    });
    writeFileSync(join(folder, "ca.pem"), pem);
    const { cluster } = resolveContext(await load(folder, { flag: "config" }));
    expect(String(await certificateAuthority(cluster, readFile))).toBe(pem);
    const data = { server, "certificate-authority-data": Buffer.from(pem).toString("base64") };
    expect(String(await certificateAuthority(target({ cluster: data }).cluster, readFile))).toBe(pem);
    expect(await certificateAuthority(target().cluster, readFile)).toBeUndefined();
  });

  it.each([
    [{ "certificate-authority": "/does/not/exist.pem" }, "KUBECONFIG_CA_FILE_MISSING"],
    [{ "certificate-authority": "/" }, "FILE_IS_FOLDER"],
    [{ "certificate-authority": "/etc/hostname" }, "KUBECONFIG_CA_NOT_PEM"],
    [{ "certificate-authority-data": Buffer.from("text").toString("base64") }, "KUBECONFIG_CA_NOT_PEM"],
    [
      {
        "certificate-authority-data": Buffer.from(
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ).toString("base64"),
      },
      "KUBECONFIG_CA_NOT_PEM",
    ],
  ])("is refused: %j", async (fields, code) => {
    const { cluster } = target({ cluster: { server, ...fields } });
    expect((await rejectionOf(certificateAuthority(cluster, readFile))).code).toBe(code);
  });
});
