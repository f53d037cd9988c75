import { homedir } from "node:os";
import { describe, expect, it } from "vitest";
import { EksX509Error } from "../../../../src/foundation/errors.ts";
import { fromJson } from "../../../json.ts";
import { dependencies } from "../../../../src/dependencies.ts";
import { portsWith } from "../../../ports.ts";
import { containing, matching } from "../../../matching.ts";
import { run } from "../../../../src/main.ts";
import { intermediate, leaf, now, root, from, day, hour } from "../../../certificates.ts";
import { keyFiles } from "../../../key-files.ts";

const issuer = intermediate(root());
const alice = leaf(issuer, { name: "alice", serial: 0x1234n });
const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const secrets = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE",
};

const args = [
  "--cluster-name=demo",
  "--certificate=/alice.pem",
  "--private-key=/alice.key",
  `--trust-anchor-arn=arn:aws:rolesanywhere:us-west-2:123456789012:trust-anchor/${uuid}`,
  `--profile-arn=arn:aws:rolesanywhere:us-west-2:123456789012:profile/${uuid}`,
  "--role-arn=arn:aws:iam::123456789012:role/eks-read-only",
];
const files: Readonly<Record<string, string>> = {
  "/alice.pem": alice.pem + issuer.pem,
  "/alice.key": alice.keyPem,
};

interface World {
  args?: string[];
  env?: Record<string, string>;
  files?: Record<string, string>;
  modes?: Record<string, number>;
  exposures?: Record<string, string>;
  /** Why the default config file is not there. */
  unreachable?: Record<string, string>;
  sourceIdentity?: string;
}

/** get-token with everything around it replaced: no file, no socket, no clock. */
async function getToken(world: World = {}) {
  const seen = {
    stdout: "",
    stderr: "",
    read: Array.of<string>(),
    urls: Array.of<string>(),
    bodies: Array.of<string>(),
  };
  const env = { HOME: "/home/alice", ...world.env };
  const { readFile, identities } = keyFiles((path, { given }) => {
    seen.read.push(path);
    const text = { ...files, ...world.files }[path];
    if (text === undefined) return Promise.reject(missing(path, given));
    const exposure = world.exposures?.[path];
    const mode = world.modes?.[path] ?? 0o600;
    return Promise.resolve({ name: path, bytes: Buffer.from(text), mode, exposure });
  });
  const root = portsWith({
    clock: () => now,
    readFile,
    identities,
    ...(world.unreachable && {
      readOptional: (path) => Promise.resolve(world.unreachable?.[path] ?? "does not exist"),
    }),
    env,
    home: dependencies(env).machine.home,
    stdout: (text) => Promise.resolve(void (seen.stdout += text)),
    stderr: (text) => Promise.resolve(void (seen.stderr += text)),
    http: () =>
      Promise.resolve(async ({ request }) => {
        const { url, body } = await request();
        seen.urls.push(url.href);
        seen.bodies.push(body);
        const credentials = { ...secrets, expiration: from(hour).toISOString() };
        const set = {
          credentials,
          assumedRoleUser: { arn: "arn:aws:sts::123456789012:assumed-role/eks-read-only/1234" },
          sourceIdentity: world.sourceIdentity ?? "CN=alice",
        };
        return { status: 201, headers: {}, body: JSON.stringify({ credentialSet: [set] }) };
      }),
  });
  return { code: await run(["get-token", ...(world.args ?? args)], root), ...seen };
}

function missing(path: string, given: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "FILE_MISSING",
    message: `${path} (${given})`,
    hint: "",
  });
}

describe("get-token", () => {
  it.each([
    [[], "client.authentication.k8s.io/v1"],
    [["--exec-api-version=v1beta1"], "client.authentication.k8s.io/v1beta1"],
  ])("answers a client that asks for no version, with %j, in %s", async (flags, apiVersion) => {
    const { stdout } = await getToken({ args: [...args, ...flags] });
    expect(stdout).toMatch(new RegExp(`^{"apiVersion":"${apiVersion}",`));
  });

  it("answers a client that asks for a version in that one, whatever the flag says", async () => {
    const env = {
      KUBERNETES_EXEC_INFO: '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}',
    };
    const { stdout } = await getToken({ args: [...args, "--exec-api-version=v1beta1"], env });
    expect(stdout).toMatch(/^{"apiVersion":"client.authentication.k8s.io\/v1",/);
  });

  it("knows no third version", async () => {
    const { code, stderr } = await getToken({ args: [...args, "--exec-api-version=v2"] });
    expect([code, stderr]).toEqual([2, expect.stringContaining("EXEC_API_VERSION_INVALID")]);
  });

  it("prints one ExecCredential, and nothing on stderr", async () => {
    const { code, stdout, stderr } = await getToken();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: {
        token: matching(/^k8s-aws-v1\.[\w-]+$/),
        expirationTimestamp: from(14 * 60_000)
          .toISOString()
          .replace(".000Z", "Z"),
      },
    });
  });

  it("reads its files and one config file, and nothing else", async () => {
    expect((await getToken()).read.sort()).toEqual([
      "/alice.key",
      "/alice.pem",
      "/home/alice/.config/eks-x509/config.yaml",
    ]);
  });

  it("names the STS host of the cluster's region in the token, whatever the endpoint is", async () => {
    const { stdout, urls } = await getToken({
      args: [...args, "--region=eu-central-1"],
      env: { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_ENDPOINT_URL_STS: "https://evil.example" },
    });
    expect(urls[0]).toMatch(/^http:\/\/127\.0\.0\.1:1\/sessions\?/);
    expect(tokenUrl(stdout)).toMatch(/^https:\/\/sts\.eu-central-1\.amazonaws\.com\//);
  });

  it("takes its options from the cluster's extension, the environment and a config file as well", async () => {
    const exec = (config: object) =>
      JSON.stringify({
        apiVersion: "client.authentication.k8s.io/v1beta1",
        kind: "ExecCredential",
        spec: { cluster: { server: "https://ABC.gr7.us-east-2.eks.amazonaws.com", config } },
      });
    const { stdout, stderr } = await getToken({
      args: args.slice(3),
      env: {
        EKS_X509_CONFIG: "~/eks.yaml",
        EKS_X509_CERTIFICATE: "/alice.pem",
        AWS_REGION: "cn-north-1",
        KUBERNETES_EXEC_INFO: exec({ clusterName: "from-extension", region: "us-east-2" }),
      },
      files: { "/home/alice/eks.yaml": "private-key: ../../alice.key\ncluster-name: from-file\n" },
    });
    expect(stderr).toBe("");
    expect(stdout).toContain('"apiVersion":"client.authentication.k8s.io/v1beta1"');
    expect(tokenUrl(stdout)).toContain("https://sts.us-east-2.amazonaws.com/");
  });

  it.each([
    ["--config=~/missing.yaml", {}, "/home/alice/missing.yaml (--config)"],
    ["--verbose=false", { EKS_X509_CONFIG: "/missing.yaml" }, "/missing.yaml (EKS_X509_CONFIG)"],
  ])("fails when the config file that is named does not exist: %s %o", async (flag, env, message) => {
    expect(await getToken({ args: [...args, flag], env })).toMatchObject({
      code: 2,
      stdout: "",
      stderr: containing(message),
    });
  });

  it("does without the config file in its usual place, and without a home folder", async () => {
    expect((await getToken({ env: { HOME: "" } })).read).toContain(
      `${homedir()}/.config/eks-x509/config.yaml`,
    );
  });

  describe("the default config file", () => {
    const config = "/home/alice/.config/eks-x509/config.yaml";
    const own = { files: { [config]: "region: us-east-2" } };

    it("is not used when another user can change it: it decides which key signs, and for whom", async () => {
      const { code, stderr, urls } = await getToken({
        ...own,
        exposures: { [config]: "belongs to user 1001" },
      });
      expect({ code, urls }).toEqual({ code: 2, urls: [] });
      expect(stderr).toContain(`${config} (the config file) belongs to user 1001 (CONFIG_FILE_UNTRUSTED)`);
    });

    it("is turned off by an empty EKS_X509_CONFIG", async () => {
      const exposures = { [config]: "belongs to user 1001" };
      const { code, stdout, read } = await getToken({ ...own, exposures, env: { EKS_X509_CONFIG: "" } });
      expect(code).toBe(0);
      expect(read).not.toContain(config);
      expect(tokenUrl(stdout)).toContain("https://sts.us-west-2.amazonaws.com/");
    });

    it("is absent when it cannot be reached, which --verbose reports", async () => {
      const unreachable = { [config]: "is not readable for this user" };
      expect(await getToken({ unreachable })).toMatchObject({ code: 0, stderr: "" });
      expect((await getToken({ args: [...args, "--verbose"], unreachable })).stderr).toContain(
        `eks-x509: configuration: ${config} (the config file) is not readable for this user\n`,
      );
    });
  });

  it("obeys a config file that the user names, and warns when another user can change it", async () => {
    const path = "/srv/config.yaml";
    const world = { files: { [path]: "region: us-east-2" }, exposures: { [path]: "belongs to user 1001" } };
    for (const named of [{ args: [...args, `--config=${path}`] }, { env: { EKS_X509_CONFIG: path } }]) {
      const { code, stdout, stderr } = await getToken({ ...world, ...named });
      expect(code).toBe(0);
      expect(tokenUrl(stdout)).toContain("https://sts.us-east-2.amazonaws.com/");
      expect(stderr).toMatch(
        /^eks-x509: warning: \/srv\/config.yaml \(.*\) belongs to user 1001, who can change/,
      );
    }
  });

  it.each([
    {},
    { KUBERNETES_EXEC_INFO: '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}' },
  ])("refuses an unknown --exec-api-version before it asks AWS, with %o", async (env) => {
    const { code, stderr, urls } = await getToken({ args: [...args, "--exec-api-version=v2"], env });
    expect({ code, urls }).toEqual({ code: 2, urls: [] });
    expect(stderr).toContain("EXEC_API_VERSION_INVALID");
  });

  it("refuses an extension that names a file, before it reads any", async () => {
    const info = JSON.stringify({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      spec: { cluster: { config: { "private-key": "/etc/shadow" } } },
    });
    expect(await getToken({ env: { KUBERNETES_EXEC_INFO: info } })).toMatchObject({
      code: 2,
      stdout: "",
      read: [],
      urls: [],
      stderr: containing('cannot set "private-key"'),
    });
  });

  it("sends nothing when the certificate is unfit", async () => {
    const expired = leaf(issuer, { notAfter: from(-day / 2) });
    expect(await getToken({ files: { "/alice.pem": expired.pem } })).toMatchObject({
      code: 3,
      urls: [],
      stderr: containing("CERTIFICATE_EXPIRED"),
    });
  });

  it("asks for the duration and the session name that were given, and for no name otherwise", async () => {
    expect((await getToken()).bodies).toEqual(['{"durationSeconds":3600}']);
    const named = await getToken({ args: [...args, "--session-duration=900", "--role-session-name=alice"] });
    expect(named.bodies).toEqual(['{"durationSeconds":900,"roleSessionName":"alice"}']);
  });
});

describe("get-token --verbose", () => {
  const verbose = (world: World = {}) => getToken({ ...world, args: [...args, "--verbose"] });

  it("logs each hop, one on each line, on stderr", async () => {
    const { stderr, stdout } = await verbose();
    expect(stdout.split("\n")).toHaveLength(2);
    const hops = stderr
      .trimEnd()
      .split("\n")
      .map((line) => /^eks-x509: ([a-z-]+): ./.exec(line)?.[1]);
    expect([...new Set(hops)]).toEqual(["configuration", "certificate", "session", "token"]);
    expect(stderr).toContain("eks-x509: certificate: O=Example Corp, CN=alice, serial 4660 (1234), until ");
    expect(stderr).toContain("eks-x509: certificate: intermediate O=Example Corp, CN=Test Intermediate\n");
    expect(stderr).toContain(
      "eks-x509: session: arn:aws:sts::123456789012:assumed-role/eks-read-only/1234, source identity CN=alice, until ",
    );
    expect(stderr).toContain('cluster-name "demo" (--cluster-name)\n');
  });

  it("logs no secret: not the key, the credentials, the signature, the presigned URL or the token", async () => {
    const { stderr, stdout } = await verbose();
    const url = new URL(tokenUrl(stdout));
    const words = [
      ...Object.values(secrets),
      url.searchParams.get("X-Amz-Signature"),
      ...alice.keyPem.split("\n").slice(1, -2),
      stdout.slice(80, 120),
      "X-Amz",
    ];
    for (const word of words) expect(stderr).not.toContain(word);
  });

  it("prints no password of an endpoint, although that is refused", async () => {
    const { stderr, code } = await verbose({ env: { AWS_ENDPOINT_URL: "https://alice:s3cr3t@host" } });
    expect(code).toBe(2);
    expect(stderr).not.toContain("s3cr3t");
  });

  it("warns of a private key that others may read, and of nothing else", async () => {
    expect((await verbose({ modes: { "/alice.key": 0o644, "/alice.pem": 0o644 } })).stderr).toContain(
      "eks-x509: private-key: warning: other users can read /alice.key (mode 644); run: chmod 600 /alice.key\n",
    );
    expect((await verbose({ modes: { "/alice.key": 0o400 } })).stderr).not.toContain("warning");
    expect((await getToken({ modes: { "/alice.key": 0o777 } })).stderr).toBe("");
  });

  it("lets no server steer the terminal", async () => {
    expect((await verbose({ sourceIdentity: "CN=\u001b[2Jalice\u202e\n" })).stderr).not.toMatch(
      /[^\P{Cc}\n]|\u202e|\n\n/u,
    );
  });

  it.each(["true", "1", "yes", "on", "TRUE"])("may be set in the environment: %s", async (value) => {
    expect((await getToken({ env: { EKS_X509_VERBOSE: value } })).stderr).not.toBe("");
  });

  it.each(["false", "0", "no", "off"])("and be switched off: %s", async (value) => {
    expect((await getToken({ env: { EKS_X509_VERBOSE: value } })).stderr).toBe("");
  });
});

function tokenUrl(stdout: string): string {
  const credential = fromJson<{ status: { token: string } }>(stdout);
  return Buffer.from(credential.status.token.slice("k8s-aws-v1.".length), "base64url").toString();
}
