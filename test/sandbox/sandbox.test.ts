import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accountOfAccessKey } from "../../src/aws/access-key.ts";
import type { Session } from "../../src/sandbox/aws/sessions.ts";
import { splitPem } from "./split-pem.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/sandbox.ts";
import type { WireEvent, WireRequest } from "../../src/sandbox/wire.ts";
import { keyPair, leaf, root } from "../certificates.ts";
import { fromJson } from "../json.ts";
import { presigned, signed } from "./aws/signature/smithy-signer.ts";
import { signedCreateSession } from "./aws/signature/x509-signer.ts";

let parent: string;
const running: Sandbox[] = [];

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), "sandbox-test-"));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

afterAll(() => {
  rmSync(parent, { recursive: true });
});

async function start(options: Partial<SandboxOptions> = {}, events: WireEvent[] = []): Promise<Sandbox> {
  const sandbox = await startSandbox({
    temporaryFolder: parent,
    now: () => new Date(),
    onEvent: (event) => events.push(event),
    ...options,
  });
  running.push(sandbox);
  return sandbox;
}

interface Answer {
  status: number;
  body: string;
}

function send(
  endpoint: string,
  caFile: string,
  { method, path, rawQuery, headers, body }: WireRequest,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      path: rawQuery === "" ? path : `${path}?${rawQuery}`,
      headers: Object.fromEntries(headers),
      ca: readFileSync(caFile),
      agent: false,
    };
    const outgoing = httpsRequest(endpoint, options, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => {
        resolve({ status: incoming.statusCode ?? 0, body: text });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

interface SigningIn {
  roleArn?: string;
  certificate?: string;
  privateKey?: string;
  body?: unknown;
}

/** Signs in with the files that the sandbox wrote, as a program would. */
async function signIn(sandbox: Sandbox, using: SigningIn = {}): Promise<Answer> {
  const [leaf = "", ...chain] = splitPem(readFileSync(sandbox.certificateFile, "utf8"));
  const { trustAnchorArn, profileArn, roleArns, awsEndpoint, caFile } = sandbox;
  const { certificate = leaf, privateKey = readFileSync(sandbox.privateKeyFile, "utf8"), body = {} } = using;
  const query = { trustAnchorArn, profileArn, roleArn: using.roleArn ?? roleArns[0] };
  const at = new Date();
  return send(awsEndpoint, caFile, signedCreateSession({ certificate, privateKey, chain, query, body, at }));
}

async function sessionOf(sandbox: Sandbox, using: SigningIn = {}): Promise<Session> {
  const answer = await signIn(sandbox, using);
  expect(answer.status).toBe(201);
  const text = (name: string): string => new RegExp(`"${name}":"([^"]*)"`).exec(answer.body)?.[1] ?? "";
  return {
    accessKeyId: text("accessKeyId"),
    secretAccessKey: text("secretAccessKey"),
    sessionToken: text("sessionToken"),
    expiration: new Date(text("expiration")),
    arn: text("arn"),
    accountId: sandbox.accountId,
    userId: text("assumedRoleId"),
    sourceIdentity: text("sourceIdentity"),
  };
}

async function tokenOf(session: Session, clusterName: string, region = "us-west-2"): Promise<string> {
  const request = await presigned(
    {
      service: "sts",
      region,
      host: `sts.${region}.amazonaws.com`,
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { "x-k8s-aws-id": clusterName },
      at: new Date(),
    },
    session,
  );
  const url = `https://sts.${region}.amazonaws.com/?${request.rawQuery}`;
  return `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`;
}

async function askEks(sandbox: Sandbox, session: Session, path: string): Promise<unknown> {
  const host = new URL(sandbox.awsEndpoint).host;
  const request = await signed({ service: "eks", host, path, at: new Date() }, session);
  return JSON.parse((await send(sandbox.awsEndpoint, sandbox.caFile, request)).body);
}

function get(path: string, token: string): WireRequest {
  const headers = new Map([
    ["authorization", `Bearer ${token}`],
    ["accept", "application/json"],
  ]);
  return { method: "GET", path, rawQuery: "", headers, body: Buffer.alloc(0) };
}

describe("the whole chain on loopback", () => {
  it("certificate, session, token, Kubernetes user", async () => {
    const events: WireEvent[] = [];
    const sandbox = await start({}, events);
    const session = await sessionOf(sandbox, { body: { roleSessionName: "alice" } });
    expect(accountOfAccessKey(session.accessKeyId)).toBe("111122223333");
    const token = await tokenOf(session, "demo");
    const answer = await send(sandbox.kubernetesEndpoint, sandbox.caFile, get("/api/v1/namespaces", token));
    expect(answer.status).toBe(200);
    expect(events.map(({ hop, verdict }) => [hop, verdict])).toEqual([
      ["rolesanywhere", "accepted"],
      ["sts", "accepted"],
      ["authenticator", "accepted"],
      ["kubernetes", "accepted"],
    ]);
    expect(events.at(-1)?.who).toBe("viewer:alice");
    const log = JSON.stringify(events);
    for (const secret of [session.secretAccessKey, session.sessionToken, token, token.slice(11, 60)]) {
      expect(log).not.toContain(secret);
    }
  });

  it("the second role is an administrator, and the first is not", async () => {
    const sandbox = await start();
    const [readOnly, admin] = sandbox.roleArns;
    const asked = async (roleArn: string | undefined): Promise<unknown> => {
      const session = await sessionOf(sandbox, roleArn === undefined ? {} : { roleArn });
      return sandbox.authenticator.authenticate(await tokenOf(session, "demo"));
    };
    expect(await asked(readOnly)).toMatchObject({ groups: ["eks-x509:viewers"] });
    expect(await asked(admin)).toMatchObject({ groups: ["system:masters"] });
  });

  it("a token for another cluster is refused, and the log says why", async () => {
    const events: WireEvent[] = [];
    const sandbox = await start({ clusterNames: ["blue"] }, events);
    const token = await tokenOf(await sessionOf(sandbox), "green");
    const answer = await send(sandbox.kubernetesEndpoint, sandbox.caFile, get("/api/v1/namespaces", token));
    expect(answer.status).toBe(401);
    expect(events.find(({ hop }) => hop === "authenticator")?.why).toContain("SignatureDoesNotMatch");
  });

  it("answers the webhook of an API server of the user's own", async () => {
    const sandbox = await start();
    const token = await tokenOf(await sessionOf(sandbox), "demo");
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const body = Buffer.from(JSON.stringify(review));
    const request = {
      method: "POST",
      path: "/authenticate",
      rawQuery: "",
      headers: new Map<string, string>(),
      body,
    };
    const answer = await send(sandbox.kubernetesEndpoint, sandbox.caFile, request);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('"authenticated":true');
  });

  it("DescribeCluster returns the address and the CA of the Kubernetes API", async () => {
    const sandbox = await start({ clusterNames: ["blue"] });
    const session = await sessionOf(sandbox);
    const data = readFileSync(sandbox.caFile).toString("base64");
    expect(await askEks(sandbox, session, "/clusters/blue")).toMatchObject({
      cluster: {
        endpoint: sandbox.kubernetesEndpoint,
        arn: sandbox.clusterArn,
        certificateAuthority: { data },
      },
    });
  });

  it("AWS's own STS client takes the session", async () => {
    const sandbox = await start();
    const session = await sessionOf(sandbox);
    const client = new STSClient({
      endpoint: sandbox.awsEndpoint,
      region: "us-west-2",
      credentials: session,
      requestHandler: new NodeHttpHandler({ httpsAgent: { ca: readFileSync(sandbox.caFile) } }),
    });
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: session.arn });
  });
});

describe("secrets that a client repeats", () => {
  /** In the base64 of PKCS#8, where the secret number of an EC key begins, and its letters. */
  const ofKey = [48, 42] as const;

  it.each<[string, (session: Session, token: string, key: string) => string, from?: number, length?: number]>(
    [
      ["the session token", ({ sessionToken }) => sessionToken],
      ["the session token in hexadecimal", ({ sessionToken }) => Buffer.from(sessionToken).toString("hex")],
      ["the secret key", ({ secretAccessKey }) => secretAccessKey],
      ["the EKS token", (_session, token) => token.slice(11)],
      ["the user's private key", (_session, _token, key) => key.replace(/-----.*-----|\s/g, ""), ...ofKey],
    ],
  )("%s is neither in the log nor in the trail", async (_what, secretOf, from = 0, length = 4096) => {
    const events: WireEvent[] = [];
    const sandbox = await start({}, events);
    const session = await sessionOf(sandbox);
    const token = await tokenOf(session, "demo");
    const secret = secretOf(session, token, readFileSync(sandbox.privateKeyFile, "utf8"));
    const path = `/${encodeURIComponent(secret)}`;
    await send(sandbox.kubernetesEndpoint, sandbox.caFile, get(`/api/v1/namespaces${path}`, token));
    await send(sandbox.awsEndpoint, sandbox.caFile, get(path, token));
    const host = new URL(sandbox.awsEndpoint).host;
    const query = { Action: "GetCallerIdentity" };
    const request = await presigned({ service: "sts", host, query, headers: {}, at: new Date() }, session);
    const headers = new Map([...request.headers, ["user-agent", secret]]);
    expect((await send(sandbox.awsEndpoint, sandbox.caFile, { ...request, headers })).status).toBe(200);

    const trail = readFileSync(join(sandbox.folder, "cloudtrail.jsonl"), "utf8");
    const pieces = secret.slice(from, from + length).match(/[A-Za-z0-9]{12}/g) ?? [];
    expect(pieces.filter((piece) => `${trail}${JSON.stringify(events)}`.includes(piece))).toEqual([]);
    const kept = new X509Certificate(readFileSync(sandbox.certificateFile)).raw.toString("base64");
    for (const one of [session.accessKeyId, session.arn, kept]) expect(trail).toContain(one);
    expect(() => trail.trim().split("\n").map(fromJson)).not.toThrow();
  });
});

describe("a sandbox of several clusters", () => {
  it("has an API server, an authenticator and an aws-auth for each", async () => {
    const events: WireEvent[] = [];
    const sandbox = await start({ clusterNames: ["a", "b"] }, events);
    const [a, b] = sandbox.clusters;
    expect(sandbox.clusters.map(({ clusterName }) => clusterName)).toEqual(["a", "b"]);
    expect(a?.kubernetesEndpoint).not.toBe(b?.kubernetesEndpoint);
    expect(sandbox).toMatchObject({ clusterName: "a", kubernetesEndpoint: a?.kubernetesEndpoint });
    const tokenForB = await tokenOf(await sessionOf(sandbox), "b");
    const status = async (server = ""): Promise<number> =>
      (await send(server, sandbox.caFile, get("/api/v1/namespaces", tokenForB))).status;
    expect([await status(b?.kubernetesEndpoint), await status(a?.kubernetesEndpoint)]).toEqual([200, 401]);
    expect(events.map(({ hop, cluster, verdict }) => [hop, cluster, verdict])).toEqual([
      ["rolesanywhere", undefined, "accepted"],
      ["sts", undefined, "accepted"],
      ["authenticator", "b", "accepted"],
      ["kubernetes", "b", "accepted"],
      ["sts", undefined, "refused"],
      ["authenticator", "a", "refused"],
      ["kubernetes", "a", "refused"],
    ]);
  });

  it("describes each with its own endpoint", async () => {
    const sandbox = await start({ clusterNames: ["a", "b"] });
    const session = await sessionOf(sandbox);
    for (const { clusterName, kubernetesEndpoint } of sandbox.clusters)
      expect(await askEks(sandbox, session, `/clusters/${clusterName}`)).toMatchObject({
        cluster: { name: clusterName, endpoint: kubernetesEndpoint },
      });
    expect(await askEks(sandbox, session, "/clusters")).toMatchObject({ clusters: ["a", "b"] });
  });
});

describe("access entries", () => {
  const own = "mapRoles: |\n  - rolearn: arn:aws:iam::111122223333:role/eks-read-only\n    username: own\n";

  /** Who each of both roles is to the cluster; undefined for nobody. */
  async function users(options: Partial<SandboxOptions>): Promise<unknown[]> {
    const sandbox = await start(options);
    const tokens = sandbox.roleArns.map(async (roleArn) =>
      tokenOf(await sessionOf(sandbox, { roleArn, body: { roleSessionName: "a@b" } }), "demo"),
    );
    const asked = tokens.map(async (token) => sandbox.authenticator.authenticate(await token));
    return (await Promise.all(asked)).map((user) => user && [user.username, user.groups]);
  }
  const byEntry = (role: string, group: string) => [
    `arn:aws:sts::111122223333:assumed-role/${role}/a-b`,
    [`eks-x509:${group}`],
  ];
  const viewer = byEntry("eks-read-only", "viewers");
  const admin = byEntry("eks-admin", "administrators");

  it.each<[string, Partial<SandboxOptions>, unknown[]]>([
    ["of mode API are all that counts", { authenticationMode: "API" }, [viewer, admin]],
    ["win over aws-auth", { authenticationMode: "API_AND_CONFIG_MAP" }, [viewer, admin]],
    [
      "leave an aws-auth under rehearsal its role",
      { authenticationMode: "API_AND_CONFIG_MAP", awsAuth: own },
      [["own", []], admin],
    ],
    ["alone count in mode API", { authenticationMode: "API", awsAuth: own }, [null, admin]],
    [
      "are not there in mode CONFIG_MAP",
      { awsAuth: own },
      [
        ["own", []],
        ["admin", ["system:masters"]],
      ],
    ],
  ])("%s", async (_, options, expected) => {
    expect(await users(options)).toEqual(expected);
  });

  it("find a role under its ARN with the path, which STS does not return", async () => {
    const roleArn = "arn:aws:iam::111122223333:role/team/viewers";
    expect(await users({ authenticationMode: "API", roleArn })).toEqual([
      byEntry("viewers", "viewers"),
      admin,
    ]);
    const sandbox = await start({ authenticationMode: "API", roleArn });
    const path = `/clusters/demo/access-entries/${encodeURIComponent(roleArn)}`;
    expect(await askEks(sandbox, await sessionOf(sandbox), path)).toMatchObject({
      accessEntry: {
        principalArn: roleArn,
        username: "arn:aws:sts::111122223333:assumed-role/viewers/{{SessionName}}",
      },
    });
  });

  it("of an administrator let him write, and there is no aws-auth in mode API", async () => {
    const sandbox = await start({ authenticationMode: "API" });
    const token = await tokenOf(await sessionOf(sandbox, { roleArn: sandbox.roleArns[1] ?? "" }), "demo");
    const status = async (path: string): Promise<number> =>
      (await send(sandbox.kubernetesEndpoint, sandbox.caFile, get(path, token))).status;
    expect(await status("/api/v1/configmaps")).toBe(200);
    expect(await status("/api/v1/namespaces/kube-system/configmaps/aws-auth")).toBe(404);
  });
});

describe("what a sandbox leaves on disk", () => {
  it("one private folder with private files, gone after close", async () => {
    const sandbox = await start();
    expect(statSync(sandbox.folder).mode & 0o777).toBe(0o700);
    const names = readdirSync(sandbox.folder);
    expect(names.sort()).toEqual(["ca.pem", "trust-anchor.pem", "user.key", "user.pem"]);
    for (const name of names) expect(statSync(join(sandbox.folder, name)).mode & 0o777).toBe(0o600);
    writeFileSync(join(sandbox.folder, "kubeconfig"), "");
    await sandbox.close();
    expect(readdirSync(parent)).toEqual([]);
  });

  it("closes twice without complaint", async () => {
    const sandbox = await start();
    await sandbox.close();
    await sandbox.close();
  });

  it.each<[string, Partial<SandboxOptions>, string]>([
    ["trust anchor", { trustAnchor: "none" }, "SANDBOX_TRUST_ANCHOR_INVALID"],
    [
      "broken trust anchor",
      { trustAnchor: "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----" },
      "SANDBOX_TRUST_ANCHOR_INVALID",
    ],
    ["aws-auth without lists", { awsAuth: "maproles: |\n  []\n" }, "SANDBOX_AWS_AUTH_INVALID"],
    [
      "aws-auth without the bar",
      { awsAuth: "data:\n  mapRoles:\n  - rolearn: x\n" },
      "SANDBOX_AWS_AUTH_INVALID",
    ],
    ["aws-auth that is no YAML", { awsAuth: "data: [" }, "SANDBOX_AWS_AUTH_INVALID"],
  ])("nothing after a bad %s", async (_, options, code) => {
    await expect(start(options)).rejects.toMatchObject({ category: "usage", hop: "sandbox", code });
    expect(readdirSync(parent)).toEqual([]);
  });
});

describe("rehearsing one's own", () => {
  it("certificate and trust anchor", async () => {
    const own = root("Example Corp");
    const sandbox = await start({ trustAnchor: `Subject: O=Example\n${own.pem}` });
    const { pem: certificate, keyPem: privateKey } = leaf(own, { name: "bob" });
    expect((await signIn(sandbox, { certificate, privateKey })).status).toBe(201);
    expect((await signIn(sandbox)).body).toContain("Untrusted signing certificate");
  });

  it("ARNs: account and partition are the role's, the anchor's region its own", async () => {
    const sandbox = await start({
      region: "cn-northwest-1",
      trustAnchorArn:
        "arn:aws-cn:rolesanywhere:cn-north-1:444455556666:trust-anchor/33333333-3333-3333-3333-333333333333",
      roleArn: "arn:aws-cn:iam::444455556666:role/team/viewers",
    });
    expect(sandbox).toMatchObject({
      accountId: "444455556666",
      partition: "aws-cn",
      region: "cn-northwest-1",
      clusterArn: "arn:aws-cn:eks:cn-northwest-1:444455556666:cluster/demo",
      profileArn:
        "arn:aws-cn:rolesanywhere:cn-north-1:444455556666:profile/22222222-2222-2222-2222-222222222222",
    });
    expect(sandbox.roleArns[0]).toBe("arn:aws-cn:iam::444455556666:role/team/viewers");
  });

  it("an aws-auth file, as kubectl prints it", async () => {
    const awsAuth = [
      "apiVersion: v1",
      "kind: ConfigMap",
      "data:",
      "  mapRoles: |",
      "    - rolearn: arn:aws:iam::111122223333:role/eks-read-only",
      "      username: 'own:{{SessionName}}'",
      "      groups: [own]",
      "metadata: {name: aws-auth, namespace: kube-system}",
    ].join("\n");
    const sandbox = await start({ awsAuth });
    const session = await sessionOf(sandbox, { body: { roleSessionName: "alice" } });
    expect(await sandbox.authenticator.authenticate(await tokenOf(session, "demo"))).toMatchObject({
      username: "own:alice",
      groups: ["own"],
    });
  });

  it("a mapping keeps the administrator, unless it has a mapUsers of its own", async () => {
    const mapRoles =
      "mapRoles: |\n  - rolearn: arn:aws:iam::111122223333:role/eks-read-only\n    username: own\n";
    const administrator = async (awsAuth: string): Promise<unknown> => {
      const sandbox = await start({ awsAuth });
      const session = await sessionOf(sandbox, { roleArn: sandbox.roleArns[1] ?? "" });
      const user = await sandbox.authenticator.authenticate(await tokenOf(session, "demo"));
      return [sandbox.isAdministered, user?.groups];
    };
    expect(await administrator(mapRoles)).toEqual([true, ["system:masters"]]);
    expect(await administrator(`${mapRoles}mapUsers: "[]"\n`)).toEqual([false, undefined]);
  });

  it("a profile that does not accept session names", async () => {
    const sandbox = await start({ acceptRoleSessionName: false });
    const answer = await signIn(sandbox, { body: { roleSessionName: "alice" } });
    expect(answer).toMatchObject({
      status: 403,
      body: '{"message":"Not authorized to set roleSessionName"}',
    });
  });

  it("an RSA certificate of one's own name", async () => {
    const own = root("Builds");
    const { pem: certificate, keyPem: privateKey } = leaf(own, { name: "carol", keys: keyPair("rsa-2048") });
    const sandbox = await start({ trustAnchor: own.pem });
    expect(new X509Certificate(certificate).publicKey.asymmetricKeyType).toBe("rsa");
    const { body } = await signIn(sandbox, { certificate, privateKey });
    expect(body).toContain('"sourceIdentity":"CN=carol"');
  });
});
