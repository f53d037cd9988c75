import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { certificateAuthority, described } from "../../../aws/eks/eks-sessions.ts";
import { keyPair, leaf, root } from "../../../certificates.ts";
import { fromJson } from "../../../json.ts";
import { updateKubeconfig } from "./update-kubeconfig-world.ts";

const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const identity = [
  "--certificate=/pki/alice.pem",
  "--private-key=/pki/alice.key",
  `--trust-anchor-arn=arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/${uuid}`,
  `--profile-arn=arn:aws:rolesanywhere:us-west-2:111122223333:profile/${uuid}`,
];
const role = (name: string) => `--role-arn=arn:aws:iam::111122223333:role/${name}`;
const args = [...identity, role("eks-read-only")];
const arnOf = (name: string) => `arn:aws:eks:us-west-2:111122223333:cluster/${name}`;
const cluster = (name: string, changes: object = {}) => ({
  [`/clusters/${name}`]: described({ name, arn: arnOf(name), ...changes }),
});
const eks = { ...cluster("demo"), ...cluster("staging"), "/clusters": { clusters: ["demo", "staging"] } };
const config = "/home/alice/.kube/config";

interface Kubeconfig {
  "current-context": string;
  clusters: { name: string; cluster: Record<string, unknown> }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { exec: { args: string[] } } }[];
}

function parsed(text: string | undefined): Kubeconfig {
  return fromJson(JSON.stringify(load(text ?? "")));
}

describe("update-kubeconfig", () => {
  it("writes a cluster that EKS describes, and says so as the AWS CLI does", async () => {
    const { code, stdout, stderr, asked, files } = await updateKubeconfig(["--name=demo", ...args], { eks });
    const context = `eks-read-only@${arnOf("demo")}`;
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `Added new context ${context} to ${config}\n`,
      stderr: "",
    });
    expect(asked).toEqual(["/sessions", "/clusters/demo"]);
    const written = parsed(files[config]);
    expect(written["current-context"]).toBe(context);
    expect(written.clusters[0]?.cluster).toMatchObject({
      server: "https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com",
      "certificate-authority-data": certificateAuthority,
    });
    expect(written.users[0]?.user.exec.args).toEqual(["get-token", ...args]);
  });

  it("updates what it has written before, and leaves the file as it is when nothing has changed", async () => {
    const first = await updateKubeconfig(["--name=demo", ...args], { eks });
    const second = await updateKubeconfig(["--name=demo", ...args], { eks, files: first.files });
    expect(second.stdout).toBe(`Updated context eks-read-only@${arnOf("demo")} in ${config}\n`);
    expect(second.files).toEqual(first.files);
  });

  it("gives one cluster with two roles two users and two contexts, and overwrites nothing", async () => {
    const first = await updateKubeconfig(["--name=demo", ...args], { eks });
    const { files } = await updateKubeconfig(["--name=demo", ...identity, role("eks-admin")], {
      eks,
      files: first.files,
    });
    const { clusters, users, contexts } = parsed(files[config]);
    expect([clusters.length, users.length, contexts.length]).toEqual([1, 2, 2]);
    expect(users.map(({ name }) => name)).toEqual([
      "arn:aws:iam::111122223333:role/eks-read-only",
      "arn:aws:iam::111122223333:role/eks-admin",
    ]);
  });

  it("prints the file with --dry-run, and writes nothing", async () => {
    const before = { [config]: "# mine\napiVersion: v1\nkind: Config\n" };
    const { stdout, files } = await updateKubeconfig(["--name=demo", "--dry-run", ...args], {
      eks,
      files: before,
    });
    expect(files).toEqual(before);
    expect(stdout).toContain("# mine\n");
    expect(parsed(stdout).contexts).toHaveLength(1);
  });

  it("prints no other user's credential with --dry-run, and says so", async () => {
    const text = "users: [{name: a, user: {token: s3cret}}]\n";
    const { stdout, stderr, files } = await updateKubeconfig(["--name=demo", "--dry-run", ...args], {
      eks,
      files: { [config]: text },
    });
    expect(stdout).toContain("users: [{name: a, user: {token: REDACTED}}");
    expect(stderr).toBe(
      "eks-x509: warning: --dry-run prints REDACTED for values that may be credentials: 1\n",
    );
    expect(files[config]).toBe(text);
  });

  it("writes into the file that --kubeconfig names, under the names that were asked for", async () => {
    const flags = ["--kubeconfig=/tmp/k", "--alias=prod", "--user-alias=alice", "--proxy-url=http://p:1"];
    const { stdout, files } = await updateKubeconfig(["--name=demo", ...flags, ...args], { eks });
    expect(stdout).toBe("Added new context prod to /tmp/k\n");
    expect(parsed(files["/tmp/k"])).toMatchObject({
      "current-context": "prod",
      contexts: [{ name: "prod", context: { user: "alice" } }],
      clusters: [{ cluster: { "proxy-url": "http://p:1" } }],
    });
  });

  it("leaves the current context with --set-current=false", async () => {
    const files = { [config]: "apiVersion: v1\nkind: Config\ncurrent-context: mine\n" };
    const { files: written } = await updateKubeconfig(["--name=demo", "--set-current=false", ...args], {
      eks,
      files,
    });
    expect(parsed(written[config])["current-context"]).toBe("mine");
  });

  it("takes the cluster's name from the environment too, and --name before that", async () => {
    const env = { EKS_X509_CLUSTER_NAME: "staging" };
    expect((await updateKubeconfig(args, { eks, env })).asked).toContain("/clusters/staging");
    expect((await updateKubeconfig(["--name=demo", ...args], { eks, env })).asked).not.toContain(
      "/clusters/staging",
    );
  });

  it("logs each hop with --verbose, and no secret", async () => {
    const { stderr } = await updateKubeconfig(["--name=demo", "--verbose", ...args], { eks });
    expect(stderr).toContain('eks-x509: configuration: role-arn "arn:aws:iam::111122223333:role/');
    expect(stderr).toContain("eks-x509: session: arn:aws:sts::");
    expect(stderr).not.toContain("ASIA");
  });
});

describe("several clusters", () => {
  it("are written at once, and the last becomes the current one", async () => {
    const { stdout, asked, files } = await updateKubeconfig(
      ["--name=demo", "--name=staging", "--name=demo", ...args],
      { eks },
    );
    expect(stdout.match(/Added new context/g)).toHaveLength(2);
    expect(asked).toHaveLength(3);
    const { users, contexts, ...written } = parsed(files[config]);
    expect([users.length, contexts.length]).toEqual([1, 2]);
    expect(written["current-context"]).toContain("staging");
  });

  it("may be all that there are; the current context stays", async () => {
    const { files } = await updateKubeconfig(["--all", ...args], { eks });
    expect(parsed(files[config]).contexts).toHaveLength(2);
    expect(parsed(files[config])["current-context"]).toBe("");
    const current = await updateKubeconfig(["--all", "--set-current", ...args], { eks });
    expect(parsed(current.files[config])["current-context"]).toContain("staging");
  });

  it("have a line each on a terminal", async () => {
    const flags = ["--name=demo", "--name=staging", ...args];
    const { stderr } = await updateKubeconfig(flags, { eks, isTerminal: true });
    expect(stderr.split("\n").sort()).toEqual(["", "1 of 2: demo found", "2 of 2: staging found"]);
    expect((await updateKubeconfig(flags, { eks })).stderr).toBe("");
  });

  it("are written without the one that fails, which is named at the end, with its exit code", async () => {
    const { code, stdout, stderr, files } = await updateKubeconfig(
      ["--name=demo", "--name=prod", "--name=staging", ...args],
      { eks: { ...eks, ...cluster("staging", { status: "CREATING" }) } },
    );
    expect(code).toBe(5);
    expect(stdout).toBe(`Added new context eks-read-only@${arnOf("demo")} to ${config}\n`);
    expect(parsed(files[config]).contexts).toHaveLength(1);
    expect(stderr).toContain("(EKS_CLUSTER_NOT_FOUND)\n  EKS lists: ");
    expect(stderr).toContain("eks-x509: eks: Cluster status is CREATING: staging (EKS_CLUSTER_STATUS)\n");
    expect(stderr).toMatch(
      /eks-x509: eks: 2 of 3 clusters were not written: prod, staging \(CLUSTERS_MISSED\)\n.*\n$/,
    );
  });

  it("are not taken for one another: an answer of another cluster's overwrites no entry", async () => {
    const first = await updateKubeconfig(["--name=demo", "--name=staging", ...args], { eks });
    const { code, stderr, files } = await updateKubeconfig(["--name=demo", ...args], {
      eks: { "/clusters/demo": described({ arn: arnOf("staging"), endpoint: "https://attacker.example" }) },
      files: first.files,
    });
    expect(code).toBe(4);
    expect(stderr).toContain("(EKS_RESPONSE_OTHER_NAME)");
    expect(files).toEqual(first.files);
  });

  it("leave the file alone when all fail", async () => {
    const { code, stdout, stderr, files } = await updateKubeconfig(["--name=a", "--name=b", ...args], {
      eks,
    });
    expect({ code, stdout, files }).toEqual({ code: 5, stdout: "", files: {} });
    expect(stderr).toContain("2 of 2 clusters were not written: a, b");
  });
});

describe("a cluster that EKS is not asked for", () => {
  const ca = root();
  const given = ["--cluster-endpoint=https://EXAMPLE.eks.amazonaws.com", "--certificate-authority=/ca.crt"];

  it("is written from its endpoint and CA, with no request at all", async () => {
    const { code, asked, files } = await updateKubeconfig(["--name=demo", ...given, ...args], {
      files: { "/ca.crt": ca.pem },
    });
    expect({ code, asked }).toEqual({ code: 0, asked: [] });
    expect(parsed(files[config])).toMatchObject({
      "current-context": `eks-read-only@${arnOf("demo")}`,
      clusters: [
        {
          cluster: {
            server: "https://example.eks.amazonaws.com",
            "certificate-authority-data": Buffer.from(ca.pem).toString("base64"),
          },
        },
      ],
    });
  });

  it("needs a certificate and a key that get-token will take", async () => {
    const files = { "/ca.crt": ca.pem, "/pki/other.pem": leaf(ca, { keys: keyPair("p256", "other") }).pem };
    for (const [flag, failure] of [
      ["--certificate=/pki/none.crt", "FILE_MISSING"],
      ["--private-key=/pki/none", "FILE_MISSING"],
      ["--intermediates=/pki/none.crt", "FILE_MISSING"],
      ["--certificate=/pki/other.pem", "PRIVATE_KEY_MISMATCH"],
    ] as const) {
      const written = await updateKubeconfig(["--name=demo", ...given, ...args, flag], { files });
      expect(written.code).not.toBe(0);
      expect(written.stderr).toContain(`(${failure})`);
      expect(written.files).toEqual(files);
    }
  });

  it("looks at neither with --home-relative: they may lie on other machines", async () => {
    const flags = ["--home-relative", "--certificate=~/.pki/none", "--private-key=~/.pki/none"];
    const { code, files } = await updateKubeconfig(["--name=demo", ...given, ...args, ...flags], {
      files: { "/ca.crt": ca.pem },
    });
    expect(code).toBe(0);
    expect(parsed(files[config]).users[0]?.user.exec.args).toContain("--certificate=~/.pki/none");
  });

  it("needs a CA that is one", async () => {
    const { code, stderr } = await updateKubeconfig(["--name=demo", ...given, ...args], {
      files: { "/ca.crt": "hello" },
    });
    expect(code).toBe(2);
    expect(stderr).toContain("CERTIFICATE_AUTHORITY_INVALID");
  });
});

describe("before anything is asked", () => {
  it.each([
    ["CLUSTERS_NOT_NAMED", []],
    ["CLUSTERS_NAMED_TWICE", ["--name=demo", "--all"]],
    ["CLUSTER_NAME_INVALID", ["--name=arn:aws:eks:us-west-2:111122223333:cluster/demo"]],
    ["CLUSTER_NAME_INVALID", [`--name=${"0123456789abcdef".repeat(4)}`]],
    ["REGION_INVALID", ["--name=demo", "--region=Oregon"]],
    ["EKS_ENDPOINT_INVALID", ["--name=demo", "--eks-endpoint=http://example.com"]],
    ["ALIAS_SHARED", ["--all", "--alias=x"]],
    ["CLUSTER_ENDPOINT_INCOMPLETE", ["--name=demo", "--cluster-endpoint=https://x"]],
  ])("%s: %j", async (failure, flags) => {
    const { code, asked, stderr } = await updateKubeconfig([...flags, ...args], { eks });
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(stderr).toContain(`(${failure})`);
  });

  it("all missing options of get-token are reported at once", async () => {
    const { stderr } = await updateKubeconfig(["--name=demo", "--private-key=/pki/alice.key"], { eks });
    expect(stderr).toContain("missing: --certificate, --trust-anchor-arn, --profile-arn, --role-arn");
  });
});
