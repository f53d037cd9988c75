/** Issue 3, section 1.5: whatever it is given, the program ends soon, with one message and the right exit code. */
import { execFileSync } from "node:child_process";
import { mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { httpServer, httpsServer, tcpServer } from "../http/servers.ts";
import { keyPair, pkcs8 } from "../certificates.ts";
import { expectFailure, folder, run } from "./program.ts";
import {
  alice,
  authority,
  expired,
  file,
  getToken,
  mallory,
  options,
  sessionBody,
  tomorrow,
} from "./world.ts";

const v1 = "client.authentication.k8s.io/v1";
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** A file of each bad kind, and its code, unless a test expects another one. */
const badFiles: Record<string, { path: string; code: string }> = {
  missing: { path: join(folder, "missing"), code: "FILE_MISSING" },
  empty: { path: file("empty", ""), code: "FILE_EMPTY" },
  huge: { path: huge(), code: "FILE_TOO_LARGE" },
  "a folder": { path: subfolder(), code: "FILE_IS_FOLDER" },
  "a pipe that nobody writes to": { path: fifo(), code: "FILE_HANGS" },
  endless: { path: "/dev/zero", code: "FILE_TOO_LARGE" },
};
const binary = file(
  "binary",
  Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 89 + 7) % 256)),
);

describe.concurrent("a bad file", () => {
  const places = [
    ["certificate", "identity"],
    ["private-key", "identity"],
    ["intermediates", "identity"],
    ["config", "usage"],
  ] as const;

  for (const [option, category] of places) {
    for (const [kind, { path, code }] of Object.entries(badFiles))
      it(`${kind}, as --${option}`, async () => {
        const result = await run(getToken({ [option]: path }));
        expectFailure(result, category, code);
        expect(result.stderr).toContain(`${path} (--${option})`);
      });
  }

  it.each([
    ["certificate", "identity", "CERTIFICATE_MISSING"],
    ["private-key", "identity", "PRIVATE_KEY_MISSING"],
    ["intermediates", "identity", "CERTIFICATE_MISSING"],
    ["config", "usage", "CONFIG_FILE_INVALID"],
  ] as const)("binary, as --%s", async (option, category, code) => {
    expectFailure(await run(getToken({ [option]: binary })), category, code);
  });

  it.each(places)("that this user may not read, as --%s", async (option, category) => {
    const path = file(`unreadable ${option}`, "secret", 0o000);
    const uid = isRoot ? nobody : undefined;
    execFileSync("chmod", ["755", folder]);
    const readable = {
      certificate: file("a.pem", alice.pem, 0o644),
      "private-key": file("a.key", alice.keyPem, 0o644),
      intermediates: undefined,
    };
    const result = await run(getToken({ ...readable, [option]: path }), uid === undefined ? {} : { uid });
    expectFailure(result, category, "FILE_FORBIDDEN");
  });

  it("named by the environment is reported with its variable", async () => {
    const { stderr } = await run(getToken({ certificate: undefined }), {
      env: { EKS_X509_CERTIFICATE: "nowhere.pem" },
    });
    expect(stderr).toContain("certificate: nowhere.pem (EKS_X509_CERTIFICATE) does not exist (FILE_MISSING)");
  });

  it("in all places at once is reported once", async () => {
    const path = badFiles["a folder"]?.path;
    expectFailure(
      await run(getToken({ certificate: path, "private-key": path, intermediates: path })),
      "identity",
      "FILE_IS_FOLDER",
    );
  });
});

it("a mistake of usage is found before anything is asked", async () => {
  expectFailure(await run(getToken({ "cluster-servers": "x" })), "usage", "CLUSTER_SERVERS_INVALID");
  const path = badFiles["a folder"]?.path ?? "";
  const [, ...flags] = getToken({ "cluster-name": undefined });
  expectFailure(
    await run(["update-kubeconfig", "--name=demo", ...flags, `--kubeconfig=${path}`]),
    "usage",
    "KUBECONFIG_IS_FOLDER",
  );
});

describe.concurrent("an unfit identity", () => {
  const encrypted = alice.keys.privateKey.export({
    format: "pem",
    type: "pkcs8",
    cipher: "aes-256-cbc",
    passphrase: "secret",
  });

  it.each([
    [
      "key of another certificate",
      { "private-key": file("mallory.key", mallory.keyPem) },
      "PRIVATE_KEY_MISMATCH",
    ],
    ["encrypted key", { "private-key": file("encrypted.key", encrypted) }, "PASSWORD_NEEDED"],
    [
      "Ed25519 key",
      { "private-key": file("ed25519.key", pkcs8(keyPair("ed25519"))) },
      "PRIVATE_KEY_UNSUPPORTED",
    ],
    [
      "damaged key",
      { "private-key": file("damaged.key", alice.keyPem.replace(/\n[^-\n]+\n/, "\nAAAA\n")) },
      "PRIVATE_KEY_UNREADABLE",
    ],
    [
      "key that is cut short",
      { "private-key": file("short.key", alice.keyPem.slice(0, 500)) },
      "PEM_MALFORMED",
    ],
    ["certificate that expired", { certificate: file("expired.pem", expired.pem) }, "CERTIFICATE_EXPIRED"],
    [
      "certificate that is valid tomorrow",
      { certificate: file("tomorrow.pem", tomorrow.pem) },
      "CERTIFICATE_NOT_YET_VALID",
    ],
    ["certificate of a CA", { certificate: file("ca.pem", authority.pem) }, "CERTIFICATE_IS_CA"],
    [
      "certificate and key swapped",
      { certificate: options["private-key"], "private-key": options.certificate },
      "CERTIFICATE_IS_KEY",
    ],
  ])("%s", async (_what, changes, code) => {
    expectFailure(await run(getToken(changes)), "identity", code);
  });

  it.each([
    ["as a flag", { "private-key": alice.keyPem }, {}],
    ["as a flag, in one line", { "private-key": alice.keyPem.replaceAll("\n", "") }, {}],
    ["in the environment", { "private-key": undefined }, { EKS_X509_PRIVATE_KEY: alice.keyPem }],
    [
      "in the environment, in base64",
      { "private-key": undefined },
      { EKS_X509_PRIVATE_KEY: Buffer.from(alice.keyPem).toString("base64") },
    ],
    ["as the config file", { config: alice.keyPem.replace(/^-+/, "") }, {}],
    [
      "in the config file",
      {
        config: file("key.yaml", `private-key: |\n${alice.keyPem.replace(/^/gm, "  ")}`),
        "private-key": undefined,
      },
      {},
    ],
    ["as the role", { "role-arn": alice.keyPem.split("\n")[3] }, {}],
  ])(
    "key in the place of its path, %s: no word of it comes back, under --verbose either",
    async (_where, changes, env) => {
      const { code, stdout, stderr } = await run([...getToken(changes), "--verbose"], { env });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      for (const line of alice.keyPem.split("\n").slice(1, 3))
        expect(stderr).not.toContain(line.slice(0, 24));
      expect(stderr).not.toContain("BEGIN");
    },
  );
});

describe.concurrent("bad options", () => {
  it.each<[string, Record<string, string | undefined>, string]>([
    ["no ARN", { "trust-anchor-arn": "trust-anchor" }, "ARN_INVALID"],
    [
      "ARNs swapped",
      { "trust-anchor-arn": options["profile-arn"], "profile-arn": options["trust-anchor-arn"] },
      "ARN_INVALID",
    ],
    ["ARN of another service", { "role-arn": "arn:aws:s3:::bucket" }, "ARN_INVALID"],
    [
      "ARN with an escape sequence",
      { "role-arn": "arn:aws:iam::123456789012:role/\u001b[2J" },
      "ARN_INVALID",
    ],
    [
      "ARNs of two regions",
      { "profile-arn": options["profile-arn"].replace("us-west-2", "us-east-1") },
      "ARN_REGIONS_DIFFER",
    ],
    ["cluster name", { "cluster-name": "demo cluster" }, "CLUSTER_NAME_INVALID"],
    ["region", { region: "west" }, "REGION_INVALID"],
    ["duration", { "session-duration": "60" }, "SESSION_DURATION_INVALID"],
    ["session name", { "role-session-name": "a" }, "SESSION_NAME_INVALID"],
    [
      "endpoint in plain http",
      { endpoint: "http://rolesanywhere.us-west-2.amazonaws.com" },
      "ENDPOINT_INVALID",
    ],
    ["nothing for what is required", { "cluster-name": undefined }, "OPTION_MISSING"],
    ["an unknown flag", { "no-such-flag": "x" }, "FLAG_UNKNOWN"],
  ])("%s", async (_what, changes, code) => {
    const result = await run(getToken(changes));
    expectFailure(result, "usage", code);
    expect(result.stderr).not.toContain("\u001b");
  });

  it("no option at all", async () => {
    expectFailure(await run(["get-token"]), "usage", "OPTION_MISSING");
  });
});

describe.concurrent("a bad KUBERNETES_EXEC_INFO", () => {
  const info = (fields: object) =>
    JSON.stringify({ apiVersion: v1, kind: "ExecCredential", spec: {}, ...fields });

  it.each([
    ["empty", "", "EXEC_INFO_INVALID"],
    ["not JSON", "{", "EXEC_INFO_INVALID"],
    ["of another kind", info({ kind: "Pod" }), "EXEC_INFO_INVALID"],
    ["large, and cut off", info({ padding: "x".repeat(100_000) }).slice(0, -2), "EXEC_INFO_INVALID"],
    ["v1alpha1", info({ apiVersion: `${v1}alpha1` }), "EXEC_INFO_VERSION"],
    [
      "with an extension that names a file",
      info({ spec: { cluster: { config: { "private-key": "/etc/shadow" } } } }),
      "EXTENSION_REFUSED",
    ],
    [
      "with an extension that names an endpoint",
      info({ spec: { cluster: { config: { endpoint: "https://evil.example" } } } }),
      "EXTENSION_REFUSED",
    ],
  ])("%s", async (_what, text, code) => {
    expectFailure(await run(getToken(), { env: { KUBERNETES_EXEC_INFO: text } }), "usage", code);
  });
});

describe.concurrent("a Roles Anywhere that", () => {
  const failing = async (endpoint: string, category: "network" | "refused", code: string) => {
    const result = await run(getToken({ endpoint }));
    expectFailure(result, category, code);
    return result;
  };

  it("cannot be reached", async () => {
    await failing("http://127.0.0.1:1", "network", "CONNECTION_REFUSED");
  });

  it("hangs", async () => {
    const { origin } = await tcpServer(() => undefined);
    await failing(origin, "network", "NO_ANSWER");
  });

  it("closes in mid-body", async () => {
    const { origin } = await tcpServer((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{")),
    );
    await failing(origin, "network", "CONNECTION_FAILED");
  });

  it("closes each connection at once", async () => {
    let connections = 0;
    const { origin } = await tcpServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    const { stderr } = await failing(origin.replace("http:", "https:"), "network", "CONNECTION_FAILED");
    expect(stderr).toContain("(ECONNRESET)");
    expect(connections).toBe(3);
  });

  it("is not to be trusted", async () => {
    const { origin } = await httpsServer((_request, response) => response.writeHead(201).end(sessionBody()));
    await failing(origin, "network", "TLS_UNTRUSTED");
  });

  it.each<[string, number, string, "network" | "refused", string]>([
    [
      "refuses",
      403,
      '{"message":"Untrusted signing certificate"}',
      "refused",
      "REFUSED_UNTRUSTED_CERTIFICATE",
    ],
    ["answers 500", 500, "", "network", "SERVER_ERROR"],
    ["answers 200 with HTML", 200, "<html>Welcome to the hotel</html>", "network", "RESPONSE_UNEXPECTED"],
    ["answers 403 with HTML", 403, "<html>Blocked</html>", "network", "RESPONSE_UNEXPECTED"],
    ["answers 201 with HTML", 201, "<html>", "network", "SESSION_MALFORMED"],
    [
      "answers 201 without a session token",
      201,
      sessionBody({ sessionToken: undefined }),
      "network",
      "SESSION_MALFORMED",
    ],
    [
      "answers 201 with a session of the past",
      201,
      sessionBody({ expiration: "2020-01-01T00:00:00Z" }),
      "network",
      "SESSION_EXPIRED",
    ],
    ["answers 5 MB", 201, "x".repeat(5_000_000), "network", "RESPONSE_TOO_LARGE"],
    ["answers with a redirect", 302, "", "network", "REDIRECTED"],
  ])("%s", async (_what, status, body, category, code) => {
    const { origin } = await httpServer((_request, response) =>
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(body),
    );
    const { stderr } = await failing(origin, category, code);
    expect(stderr).not.toMatch(/wJalr|hotel/);
  });

  it("grants a session whose token is too long for a cluster", async () => {
    const { origin } = await httpServer((_request, response) =>
      response.writeHead(201).end(sessionBody({ sessionToken: "x".repeat(4000) })),
    );
    expectFailure(await run(getToken({ endpoint: origin })), "other", "TOKEN_TOO_LONG");
  });
});

function huge(): string {
  const path = file("huge", "-----BEGIN CERTIFICATE-----\n");
  truncateSync(path, 100 * 1024 * 1024);
  return path;
}

function subfolder(): string {
  const path = join(folder, "a folder");
  mkdirSync(path);
  return path;
}

function fifo(): string {
  const path = join(folder, "fifo");
  execFileSync("mkfifo", [path]);
  return path;
}
