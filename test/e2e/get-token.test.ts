import { openSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../certificates.ts";
import { fromJson } from "../json.ts";
import {
  ca,
  connectProxy,
  httpServer,
  httpsServer,
  plainProxy,
  serverCertificate,
  tcpServer,
  tunnelProxy,
} from "../http/servers.ts";
import { matching } from "../matching.ts";
import { expectFailure, folder, program, run, type Result } from "./program.ts";
import { alice, file, getToken, granting, options, secrets } from "./world.ts";
import { commandOf, executable } from "../program-under-test.ts";

const v1 = "client.authentication.k8s.io/v1";

/** stdout is one ExecCredential and nothing else; answers the URL inside the token. */
function expectCredential({ code, stdout }: Result, apiVersion = v1): URL {
  const [line = "", ...rest] = stdout.split("\n");
  expect({ code, rest }).toEqual({ code: 0, rest: [""] });
  const credential = fromJson<{ status: { token: string } }>(line);
  expect(credential).toEqual({
    apiVersion,
    kind: "ExecCredential",
    status: {
      token: matching(/^k8s-aws-v1\.[\w-]+$/),
      expirationTimestamp: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    },
  });
  return new URL(Buffer.from(credential.status.token.slice(11), "base64url").toString());
}

describe.concurrent("get-token, the real program,", () => {
  it("prints exactly one ExecCredential, and nothing on stderr", async () => {
    const result = await run(getToken({ endpoint: (await httpServer(granting)).origin }));
    expect(result.stderr).toBe("");
    expect(expectCredential(result).host).toBe("sts.us-west-2.amazonaws.com");
  });

  it.each([v1, `${v1}beta1`])("answers in the version that is asked for: %s", async (apiVersion) => {
    const env = {
      KUBERNETES_EXEC_INFO: JSON.stringify({
        apiVersion,
        kind: "ExecCredential",
        spec: { interactive: false },
      }),
    };
    expectCredential(
      await run(getToken({ endpoint: (await httpServer(granting)).origin }), { env }),
      apiVersion,
    );
  });

  it("runs under the name that kubectl looks for, through a link", async () => {
    const link = join(folder, "kubectl-eks_x509");
    symlinkSync(program, link);
    expectCredential(
      await run(getToken({ endpoint: (await httpServer(granting)).origin }), { command: [link] }),
    );
  });

  it("takes everything from a config file, and relative paths from its folder", async () => {
    const { origin } = await httpServer(granting);
    const lines = Object.entries({
      ...options,
      certificate: "alice.pem",
      "private-key": "./alice.key",
      endpoint: origin,
      region: "eu-central-1",
    });
    const config = file("config.yaml", lines.map(([name, value]) => `${name}: ${value}\n`).join(""));
    expect(expectCredential(await run(["get-token", `--config=${config}`])).host).toBe(
      "sts.eu-central-1.amazonaws.com",
    );
    expectCredential(await run(["get-token"], { env: { EKS_X509_CONFIG: "~/config.yaml" } }));
  });

  it("reads its key from a pipe, as with <(…)", async () => {
    const { origin } = await httpServer(granting);
    const script = `exec "$@" --private-key <(sleep 0.3; cat '${options["private-key"]}')`;
    const args = getToken({ endpoint: origin, "private-key": undefined });
    expectCredential(await run(args, { command: ["bash", "-c", script, "bash", ...commandOf(program)] }));
  });
});

describe.concurrent("get-token --verbose", () => {
  it("logs each hop, and no secret, on any stream", async () => {
    const endpoint = (await httpServer(granting)).origin;
    const given = {
      endpoint,
      region: "us-west-2",
      "session-duration": "3600",
      "role-session-name": "alice",
      config: file("empty.yaml", "{}"),
    };
    const result = await run([...getToken(given), "--verbose"]);
    const url = expectCredential(result);
    const { stderr, stdout } = result;
    for (const hop of ["configuration", "certificate", "create-session", "session", "token"])
      expect(stderr).toContain(`eks-x509: ${hop}: `);
    expect(stderr).toMatch(/^(eks-x509: [a-z-]+: [^\n]+\n)+$/);
    const signature = url.searchParams.get("X-Amz-Signature") ?? "";
    const token = fromJson<{ status: { token: string } }>(stdout).status.token;
    const words = [
      ...Object.values(secrets),
      signature,
      token.slice(0, 60),
      ...alice.keyPem.split("\n").slice(1, -2),
      "X-Amz-",
      "Signature=",
      "PRIVATE KEY",
    ];
    for (const word of words) expect(stderr).not.toContain(word);
    for (const word of [secrets.secretAccessKey, secrets.sessionToken]) expect(stdout).not.toContain(word);
  });

  it("logs each attempt", async () => {
    let count = 0;
    const { origin } = await httpServer((request, response) => {
      count += 1;
      if (count < 3) response.writeHead(503).end();
      else granting(request, response);
    });
    const { stderr } = await run([...getToken({ endpoint: origin }), "--verbose"]);
    expect(
      [...stderr.matchAll(/attempt (\d): (\d+)/g)].map(([, attempt, status]) => [attempt, status]),
    ).toEqual([
      ["1", "503"],
      ["2", "503"],
      ["3", "201"],
    ]);
  });

  it("goes on when nobody reads stderr", async () => {
    const endpoint = (await httpServer(granting)).origin;
    expectCredential(
      await run([...getToken({ endpoint }), "--verbose"], { meanwhile: (child) => child.stderr?.destroy() }),
    );
  });
});

describe.concurrent("get-token ends quietly, without a stack trace,", () => {
  it("when nobody reads stdout any more", async () => {
    const endpoint = (await httpServer(granting)).origin;
    const result = await run(getToken({ endpoint }), { meanwhile: (child) => child.stdout?.destroy() });
    expect(result).toMatchObject({ code: 1, stderr: "" });
  });

  it("when nobody reads stdout or stderr, and it fails", async () => {
    const meanwhile: Parameters<typeof run>[1] = {
      meanwhile: (child) => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      },
    };
    expect(await run(getToken({ region: "west" }), meanwhile)).toMatchObject({ code: 2, signal: null });
  });

  it.skipIf(process.platform !== "linux")("when the disk is full, with a message", async () => {
    const endpoint = (await httpServer(granting)).origin;
    const result = await run(getToken({ endpoint }), {
      stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
    });
    expectFailure(result, "other", "OUTPUT_FAILED");
  });

  it.each(["SIGINT", "SIGTERM"] as const)("on %s, while a server hangs", async (signal) => {
    const result = await new Promise<Result>((resolve, reject) => {
      let stop = (): void => undefined;
      tcpServer(() => {
        stop();
      })
        .then(({ origin }) =>
          run(getToken({ endpoint: origin }), { meanwhile: (child) => (stop = () => child.kill(signal)) }),
        )
        .then(resolve, reject);
    });
    expect(result).toEqual({ code: null, signal, stdout: "", stderr: "" });
  });
});

describe.concurrent("get-token over TLS", () => {
  const server = () => httpsServer(granting);
  const bundle = file("bundle.pem", ca.pem);
  const other = file("other.pem", root("Another Root").pem);

  it.each([
    ["AWS_CA_BUNDLE", { AWS_CA_BUNDLE: bundle }],
    ["NODE_EXTRA_CA_CERTS", { NODE_EXTRA_CA_CERTS: bundle }],
    [
      "NODE_EXTRA_CA_CERTS beside another AWS_CA_BUNDLE",
      { AWS_CA_BUNDLE: other, NODE_EXTRA_CA_CERTS: bundle },
    ],
  ])("trusts %s", async (_what, env) => {
    const result = await run(getToken({ endpoint: (await server()).origin }), { env });
    expectCredential(result);
    expect(result.stderr).toBe("");
  });

  const malformed = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

  it.each([
    ["its certificates before a malformed one", { AWS_CA_BUNDLE: file("first.pem", ca.pem + malformed) }],
    ["its certificates after a NUL", { AWS_CA_BUNDLE: file("nul.pem", `#\0\n${ca.pem}`) }],
    [
      "its certificates beside an empty file",
      { AWS_CA_BUNDLE: bundle, NODE_EXTRA_CA_CERTS: file("no.pem", "no") },
    ],
    [
      "its certificates beside a malformed one",
      { AWS_CA_BUNDLE: bundle, NODE_EXTRA_CA_CERTS: file("malformed.pem", malformed) },
    ],
    [
      "those of NODE_EXTRA_CA_CERTS before a malformed one",
      { NODE_EXTRA_CA_CERTS: file("extra.pem", ca.pem + malformed) },
    ],
  ])("trusts %s", async (_what, env) => {
    expectCredential(await run(getToken({ endpoint: (await server()).origin }), { env }));
  });

  it("does without the warnings of a runtime, and checks the certificate whatever it says", async () => {
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0", NODE_DEBUG: executable === undefined ? "" : "http" };
    const result = await run(getToken({ endpoint: (await server()).origin }), { env });
    expect(result.stderr).toContain("(TLS_UNTRUSTED)");
    if (executable !== undefined) expectFailure(result, "network", "TLS_UNTRUSTED");
  });

  it("trusts no other variable of a TLS library", async () => {
    const env = { SSL_CERT_FILE: bundle, SSL_CERT_DIR: dirname(bundle) };
    const result = await run(getToken({ endpoint: (await server()).origin }), { env });
    expectFailure(result, "network", "TLS_UNTRUSTED");
  });

  it("trusts nothing else than AWS_CA_BUNDLE, when that is set", async () => {
    expectFailure(
      await run(getToken({ endpoint: (await server()).origin }), { env: { AWS_CA_BUNDLE: other } }),
      "network",
      "TLS_UNTRUSTED",
    );
  });

  it.each([
    ["missing", "nowhere.pem", "FILE_MISSING"],
    ["without certificates", file("none.pem", "hello"), "CA_BUNDLE_EMPTY"],
    ["malformed", file("only-malformed.pem", malformed + ca.pem), "CA_BUNDLE_EMPTY"],
  ])("wants an AWS_CA_BUNDLE that is not %s", async (_what, path, code) => {
    expectFailure(
      await run(getToken({ endpoint: (await server()).origin }), { env: { AWS_CA_BUNDLE: path } }),
      "usage",
      code,
    );
  });
});

describe.concurrent("get-token through a proxy", () => {
  const bundle = file("proxied.pem", ca.pem);

  it("reaches the real host's name", async () => {
    const proxy = await tunnelProxy(
      await httpsServer(granting, serverCertificate("rolesanywhere.us-west-2.amazonaws.com")),
    );
    const result = await run(getToken({ endpoint: undefined }), {
      env: { HTTPS_PROXY: proxy.origin, AWS_CA_BUNDLE: bundle },
    });
    expectCredential(result);
    expect(result.stderr).toBe("");
    expect(proxy.asked).toEqual(["rolesanywhere.us-west-2.amazonaws.com:443"]);
  });

  it("prints neither the proxy's password nor the signature, whatever Node and its packages print", async () => {
    const proxy = await tunnelProxy(
      await httpsServer(granting, serverCertificate("rolesanywhere.us-west-2.amazonaws.com")),
    );
    const env = {
      DEBUG: "*",
      NODE_DEBUG: "http,https,net,tls,stream",
      HTTPS_PROXY: proxy.origin.replace("//", "//alice:s3cret@"),
      AWS_CA_BUNDLE: bundle,
    };
    const { code, stderr } = await run(getToken({ endpoint: undefined }), { env });
    expect(code).toBe(0);
    if (executable === undefined) expect(stderr).toContain("HTTP ");
    expect(stderr).not.toMatch(/s3cret|YWxpY2U6czNjcmV0|Signature=|PRIVATE KEY/);
  });

  it("that is for plain http is not asked for loopback", async () => {
    const plain = await plainProxy(granting);
    const direct = await run(getToken({ endpoint: "http://127.0.0.1:1" }), {
      env: { HTTP_PROXY: plain.origin.replace("//", "//alice:s3cret@") },
    });
    expectFailure(direct, "network", "CONNECTION_REFUSED");
    expect(direct.stderr).not.toContain("s3cret");
    expect(plain.authorizations).toEqual([]);
  });

  it.each([
    ["that refuses", "HTTP/1.1 403 Forbidden\r\n\r\n", "PROXY_REFUSED"],
    ["that wants a password", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "PROXY_AUTHENTICATION"],
    ["that closes", "", "CONNECTION_FAILED"],
  ])("%s ends with a message", async (_what, text, code) => {
    const proxy = await connectProxy((socket) => socket.end(text));
    expectFailure(
      await run(getToken({ endpoint: undefined }), { env: { HTTPS_PROXY: proxy.origin } }),
      "network",
      code,
    );
  });

  it("whose password has a bare % is refused before it is used, by the built program too", async () => {
    const env = { HTTPS_PROXY: "http://u:pa%ss@127.0.0.1:1" };
    expectFailure(await run(getToken({ endpoint: undefined }), { env }), "usage", "PROXY_INVALID");
  });

  it("that hangs ends with a message", async () => {
    const proxy = await connectProxy(() => undefined);
    expectFailure(
      await run(getToken({ endpoint: undefined }), { env: { https_proxy: proxy.origin } }),
      "network",
      "NO_ANSWER",
    );
  });
});
