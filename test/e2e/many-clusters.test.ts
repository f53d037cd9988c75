/** One certificate, two roles, two clusters: the built program, the sandbox's EKS and API servers, every kubectl of this machine. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { fromJson } from "../json.ts";
import { containing, matching } from "../matching.ts";
import { signedCreateSession } from "../sandbox/aws/signature/x509-signer.ts";
import { KeyringSession } from "./keyring-session.ts";
import { kubeconfigIn, KubeconfigWriter, type Around } from "./kubeconfig-writer.ts";
import { World } from "./plugin.ts";
import { emptyHome, kubectls, run, type Outcome } from "./sandbox-process.ts";

const arnOf = (cluster: string): string => `arn:aws:eks:us-west-2:111122223333:cluster/${cluster}`;
const contextOf = (role: "viewer" | "admin", cluster: string): string =>
  `eks-${role === "viewer" ? "read-only" : "admin"}@${arnOf(cluster)}`;

const noKeyring = noKernelKeyring();
let world: World;
let writer: KubeconfigWriter;
let roles: KubeconfigWriter["roles"];
let keyring: KeyringSession | undefined;

beforeAll(async () => {
  world = await World.open({}, ["--cluster-name=a", "--cluster-name=b"]);
  writer = new KubeconfigWriter(world, "a");
  ({ roles } = writer);
  if (!noKeyring) keyring = await KeyringSession.open();
});
afterAll(async () => {
  keyring?.close();
  await world.close();
});

/** In the one keyring of these tests, so that a session is there for whoever comes next. */
function cached(): Required<Around> {
  return {
    env: { EKS_X509_CACHE: keyring ? "keyutils" : "none", XDG_RUNTIME_DIR: world.runtime },
    within: (command) => keyring?.within(command) ?? [...command],
  };
}

const pairs = [
  ["viewer", "a"],
  ["admin", "a"],
  ["viewer", "b"],
  ["admin", "b"],
] as const;

const [{ path: anyKubectl } = { path: undefined }] = kubectls();

function kubectl(file: string, args: readonly string[], path = anyKubectl ?? "", home = world.sandbox.home) {
  const { env, within } = cached();
  const [command = "", ...rest] = within([path, `--kubeconfig=${file}`, ...args]);
  return run(command, rest, { ...world.sandbox.env, ...env, HOME: home });
}

const writeInto = (file: string, ...flags: string[]): Promise<Outcome> => writer.write(file, flags, cached());

describe("two clusters and two roles in one kubeconfig", () => {
  let file: string;
  let before: number;

  beforeAll(async () => {
    before = world.requests();
    file = writer.newFile();
    for (const role of [roles.viewer, roles.admin])
      expect(await writeInto(file, "--name=a", "--name=b", role)).toMatchObject({ code: 0 });
  });

  it("are two clusters, one users entry for each role, and a context for each pair", () => {
    const { clusters, users, contexts, ...others } = kubeconfigIn(file);
    expect(clusters.map(({ name }) => name)).toEqual(["a", "b"].map((name) => `x509@${arnOf(name)}`));
    expect(new Set(clusters.map(({ cluster }) => cluster.server)).size).toBe(2);
    expect(users.map(({ name }) => `--role-arn=${name}`)).toEqual([roles.viewer, roles.admin]);
    expect(contexts.map(({ name }) => name)).toEqual([
      ...["a", "b"].map((cluster) => contextOf("viewer", cluster)),
      ...["a", "b"].map((cluster) => contextOf("admin", cluster)),
    ]);
    expect(others).toMatchObject({ "current-context": contextOf("admin", "b") });
  });

  describe.each(kubectls())("$name", ({ name, path }) => {
    const test = path === undefined ? it.skip : it;
    const home = emptyHome();
    const as = (role: "viewer" | "admin", cluster: string, ...args: string[]): Promise<Outcome> =>
      kubectl(file, [`--context=${contextOf(role, cluster)}`, ...args], path, home);
    const namespace = name.replaceAll(".", "-");

    test("get ns: by both roles, from each of both clusters", async () => {
      const asked = pairs.map(([role, cluster]) => as(role, cluster, "get", "ns", "-o", "name"));
      for (const { code, stdout } of await Promise.all(asked))
        expect({ code, stdout }).toEqual({ code: 0, stdout: containing("namespace/kube-system\n") });
    });

    test("create ns: Forbidden to the one, allowed to the other, on both clusters", async () => {
      const asked = pairs.map(async ([role, cluster]) => {
        const { code, stderr } = await as(role, cluster, "create", "ns", `${namespace}-in-${cluster}`);
        return [role, cluster, code, stderr.includes("(Forbidden): namespaces is forbidden")];
      });
      expect(await Promise.all(asked)).toEqual([
        ["viewer", "a", 1, true],
        ["admin", "a", 0, false],
        ["viewer", "b", 1, true],
        ["admin", "b", 0, false],
      ]);
    });
  });

  it.skipIf(anyKubectl === undefined).each([
    ["another server", (text: string, [a, b]: string[]) => text.replace(a ?? "", b ?? "")],
    [
      "another CA",
      (text: string) =>
        text.replaceAll(/(certificate-authority-data: )(\S+)/g, (_, key: string, data: string) => {
          const pem = Buffer.from(data, "base64");
          return key + Buffer.concat([pem, pem]).toString("base64");
        }),
    ],
    [
      "a certificate that nobody verifies",
      (text: string) => text.replaceAll(/certificate-authority-data: .*/g, "insecure-skip-tls-verify: true"),
    ],
    ...[
      "https:/127.0.0.1",
      "https:///127.0.0.1",
      "https:127.0.0.1",
      "HTTPS://127.0.0.1",
      "https://127.1",
      "https://0x7f.1",
      "https://127.0.0.1.",
      "https://localhost",
      "https://[::ffff:127.0.0.1]",
      "https://eks-x509@127.0.0.1",
      "https://１27.0.0.1",
    ].map(
      (spelling) =>
        [
          spelling,
          (text: string) => text.replaceAll("server: https://127.0.0.1", `server: ${spelling}`),
        ] as const,
    ),
    ["another path", (text: string) => text.replaceAll(/(server: .*)/g, "$1/x/..")],
    ["another query", (text: string) => text.replaceAll(/(server: .*)/g, "$1?x")],
    [
      "a proxy that could lead to another server of the same CA",
      (text: string) =>
        text.replaceAll(
          /( *)(server: .*)/g,
          "$1$2\n$1proxy-url: http://127.0.0.1:1\n$1tls-server-name: localhost",
        ),
    ],
    [
      "servers that the entry itself allows, and another CA",
      (text: string) =>
        text
          .replaceAll(/certificate-authority-data: (\S+)/g, (_, data: string) => {
            const pem = Buffer.from(data, "base64");
            return `certificate-authority-data: ${Buffer.concat([pem, pem]).toString("base64")}`;
          })
          .replaceAll(
            /( *)cluster-name: a$/gm,
            "$1cluster-name: a\n$1cluster-servers: a=https://127.0.0.1:1",
          ),
    ],
  ] as const)("(kubectl) %s with the name of a known cluster gets no token", async (_, changed) => {
    const servers = kubeconfigIn(file).clusters.map(({ cluster }) => cluster.server);
    const stranger = writer.newFile();
    mkdirSync(dirname(stranger));
    writeFileSync(stranger, changed(readFileSync(file, "utf8"), servers));
    expect(readFileSync(stranger, "utf8")).not.toBe(readFileSync(file, "utf8"));
    const { code, stderr } = await kubectl(stranger, [`--context=${contextOf("viewer", "a")}`, "get", "ns"]);
    // kubectl itself fails for a server that it cannot read, and sends a user name in place of a token.
    const refusal =
      /\((CLUSTER_SERVER_UNKNOWN|EXTENSION_REFUSED)\)|^error: (parse|host must be a URL)|lookup https|\(Forbidden\): unknown/m;
    expect({ code, stderr }).toEqual({ code: 1, stderr: matching(refusal) });
  });

  it.skipIf(anyKubectl === undefined)(
    "(kubectl) each cluster has what was created there, and no other",
    async () => {
      for (const cluster of ["a", "b"]) {
        const { stdout } = await kubectl(file, [`--context=${contextOf("viewer", cluster)}`, "get", "ns"]);
        const created = stdout.match(/-in-\w/g) ?? [];
        expect(new Set(created)).toEqual(new Set([`-in-${cluster}`]));
      }
    },
  );

  it.skipIf(noKeyring)(named("asked for one session for each role, in all", noKeyring), () => {
    expect(world.requests() - before).toBe(2);
  });
});

describe.skipIf(anyKubectl === undefined)("(kubectl) update-kubeconfig", () => {
  it("--all finds both, and leaves the current context to the user", async () => {
    const file = writer.newFile();
    const { code, stdout } = await writeInto(file, "--all", roles.viewer);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: ["a", "b"]
        .map((name) => `Added new context ${contextOf("viewer", name)} to ${file}\n`)
        .join(""),
    });
    expect(kubeconfigIn(file)["current-context"] ?? "").toBe("");
    expect((await kubectl(file, [`--context=${contextOf("viewer", "b")}`, "get", "ns"])).code).toBe(0);
  });

  it("writes two of three when the third is not there, and names that at the end", async () => {
    const file = writer.newFile();
    const { code, stdout, stderr } = await writeInto(
      file,
      "--name=a",
      "--name=none",
      "--name=b",
      roles.viewer,
    );
    expect(code).toBe(5);
    expect(stdout.match(/^Added new context /gm)).toHaveLength(2);
    expect(stderr).toMatch(
      /^eks-x509: eks: EKS .*No cluster found for name: none.*\(EKS_CLUSTER_NOT_FOUND\)\n {2}EKS lists: a, b\./m,
    );
    expect(stderr).toMatch(
      /\neks-x509: eks: 1 of 3 clusters were not written: none \(CLUSTERS_MISSED\)\n.*\n$/,
    );
    for (const cluster of ["a", "b"])
      expect((await kubectl(file, [`--context=${contextOf("viewer", cluster)}`, "get", "ns"])).code).toBe(0);
  });

  it("--inline-args writes a user for each cluster, who needs no cluster information", async () => {
    const file = writer.newFile();
    expect((await writeInto(file, "--name=a", "--name=b", "--inline-args", roles.viewer)).code).toBe(0);
    const { users } = kubeconfigIn(file);
    expect(users.map(({ name, user }) => [name, user.exec.provideClusterInfo ?? false])).toEqual([
      [contextOf("viewer", "a"), false],
      [contextOf("viewer", "b"), false],
    ]);
    for (const cluster of ["a", "b"])
      expect((await kubectl(file, [`--context=${contextOf("viewer", cluster)}`, "get", "ns"])).code).toBe(0);
  });

  it("--cluster-endpoint and --certificate-authority do without AWS, and kubectl is let in", async () => {
    const file = writer.newFile();
    const { clusters } = kubeconfigIn(world.sandbox.env["KUBECONFIG"] ?? "");
    const server = clusters.find(({ name }) => name === "b")?.cluster.server ?? "";
    // A real API server may report kubectl's earlier requests only now.
    const asked = () => world.sandbox.output().match(/^. (rolesanywhere|sts|eks) .*/gm);
    const before = asked();
    const authority = `--certificate-authority=${world.sandbox.env["AWS_CA_BUNDLE"] ?? ""}`;
    const { code } = await writeInto(
      file,
      "--name=b",
      `--cluster-endpoint=${server}`,
      authority,
      roles.viewer,
    );
    expect([code, asked()]).toEqual([0, before]);
    expect((await kubectl(file, ["get", "ns"])).code).toBe(0);
  });

  it("--dry-run prints both, and writes nothing", async () => {
    const file = writer.newFile();
    const { code, stdout } = await writeInto(file, "--name=a", "--name=b", "--dry-run", roles.viewer);
    expect(code).toBe(0);
    for (const cluster of ["a", "b"]) expect(stdout).toContain(`name: ${contextOf("viewer", cluster)}\n`);
    expect(existsSync(join(file, ".."))).toBe(false);
  });
});

const aws = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "aws"))
  .find(existsSync);

describe.skipIf(aws === undefined || anyKubectl === undefined)(
  "(kubectl, aws) in one file with aws eks update-kubeconfig",
  () => {
    it("each keeps the other's entries of the same cluster, and both are let in", async () => {
      const file = writer.newFile();
      // The token's URL names STS itself; it is the sandbox's authenticator that asks its own.
      const env = {
        ...world.sandbox.env,
        ...(await session()),
        AWS_ENDPOINT_URL_STS: undefined,
        HOME: emptyHome(),
      };
      const awsWrites = [
        "eks",
        "update-kubeconfig",
        "--name=a",
        "--region=us-west-2",
        `--kubeconfig=${file}`,
      ];
      const ours = (): unknown => {
        const { clusters, users, contexts } = kubeconfigIn(file);
        const of = <Entry extends { name: string }>(entries: Entry[]) =>
          entries.filter(({ name }) => name !== arnOf("a"));
        return [of(clusters), of(users), of(contexts)];
      };
      const letIn = async (): Promise<unknown> => {
        const mine = kubectl(file, [`--context=${contextOf("viewer", "a")}`, "get", "ns"]);
        const theirs = run(
          anyKubectl ?? "",
          [`--kubeconfig=${file}`, `--context=${arnOf("a")}`, "get", "ns"],
          env,
        );
        return [(await mine).code, (await theirs).code];
      };

      await writeInto(file, "--name=a", "--name=b", roles.viewer);
      const written = ours();
      expect(await run(aws ?? "", awsWrites, env)).toMatchObject({
        code: 0,
        stdout: matching(/^Added new context /),
      });
      expect(ours()).toEqual(written);
      expect(await letIn()).toEqual([0, 0]);

      expect((await writeInto(file, "--name=a", "--name=b", roles.viewer)).stdout).toMatch(
        /^Updated context /,
      );
      expect(await run(aws ?? "", awsWrites, env)).toMatchObject({
        code: 0,
        stdout: matching(/^Updated context /),
      });
      expect(ours()).toEqual(written);
      expect(await letIn()).toEqual([0, 0]);
    });
  },
);

/** The environment of AWS's own tools: keys of a session, as another program would have got them from Roles Anywhere. */
async function session(): Promise<NodeJS.ProcessEnv> {
  const { users } = kubeconfigIn(world.sandbox.env["KUBECONFIG"] ?? "");
  const args = users[0]?.user.exec.args ?? [];
  const given = (name: string): string =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ?? "";
  const [certificate = "", ...chain] =
    readFileSync(given("certificate"), "utf8").match(/-----BEGIN[^]*?END CERTIFICATE-----\n/g) ?? [];
  const answer = await sent(
    signedCreateSession({
      certificate,
      chain,
      privateKey: readFileSync(given("private-key"), "utf8"),
      query: {
        trustAnchorArn: given("trust-anchor-arn"),
        profileArn: given("profile-arn"),
        roleArn: given("role-arn"),
      },
      at: new Date(),
    }),
  );
  const { credentialSet } = fromJson<{ credentialSet: { credentials: Record<string, string> }[] }>(answer);
  const { accessKeyId, secretAccessKey, sessionToken } = credentialSet[0]?.credentials ?? {};
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}

function sent({
  method,
  path,
  rawQuery,
  headers,
  body,
}: ReturnType<typeof signedCreateSession>): Promise<string> {
  const { AWS_ENDPOINT_URL_ROLESANYWHERE: endpoint = "", AWS_CA_BUNDLE: ca = "" } = world.sandbox.env;
  const options = {
    method,
    path: `${path}?${rawQuery}`,
    headers: Object.fromEntries(headers),
    ca: readFileSync(ca),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(endpoint, options, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => {
        resolve(text);
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
