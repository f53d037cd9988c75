/**
 * Clusters that EKS does not know: of another account than the role's, which aws-auth allows, or self-managed with
 * aws-iam-authenticator. What is read from the cluster itself names the cause.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountId, iam, openCloud, type Cloud } from "./debug-cloud.ts";
import { Debugging, type SetUp, type DebugRun } from "./debug-run.ts";
import { install, type Installation } from "./plugin.ts";

let installation: Installation;
let cloud: Cloud;
let debugging: Debugging;

const entry = (arn: string) =>
  `- rolearn: ${JSON.stringify(arn)}\n  username: viewer\n  groups: [eks-x509:viewers]\n`;
const administrator = `- userarn: ${iam("eks-admin")}\n  username: admin\n  groups: [system:masters]\n`;
const role = "team/with-path";

/** Each is the only thing wrong with the mapping of the role. */
const broken: readonly (readonly [code: string, lists: Readonly<Record<string, string>>])[] = [
  ["MAPPING_NOT_FOUND", { mapRoles: entry(iam("somebody-else-entirely")) }],
  ["MAPPING_ROLE_PATH", { mapRoles: entry(iam(role)) }],
  ["MAPPING_OTHER_ACCOUNT", { mapRoles: entry(iam("with-path", "999988887777")) }],
  ["MAPPING_STS_ARN", { mapRoles: entry(`arn:aws:sts::${accountId}:assumed-role/with-path/alice`) }],
  ["MAPPING_LIST_NAME", { mapRole: entry(iam("with-path")) }],
  ["MAPPING_BROKEN_YAML", { mapRoles: `- rolearn: ${iam("with-path")}\n  username: "viewer\n` }],
  ["MAPPING_ARN_WHITE_SPACE", { mapRoles: entry(`${iam("with-path")} `) }],
  ["MAPPING_NEAR_NAME", { mapRoles: entry(iam("with-paths")) }],
  ["MAPPING_ARN_KEY_MISSPELT", { mapRoles: entry(iam("with-path")).replace("rolearn", "role_arn") }],
  ["MAPPING_WILDCARD", { mapRoles: entry(iam("*")) }],
];

beforeAll(async () => {
  installation = install();
  cloud = await openCloud();
  debugging = new Debugging(cloud, installation.program);
  for (const [code, lists] of broken)
    await cloud.addCluster({ name: code, isForeign: true, awsAuth: { ...lists, mapUsers: administrator } });
  const sound = { mapRoles: entry(iam("with-path")), mapUsers: administrator };
  await cloud.addCluster({ name: "sound", isForeign: true, awsAuth: sound });
});

afterAll(async () => {
  await cloud.close();
  installation.remove();
});

function look(cluster: string, setUp: SetUp = {}): Promise<DebugRun> {
  return debugging.look({
    cluster,
    flags: { "role-arn": iam(role) },
    args: ["--admin-context", "admin"],
    ...setUp,
  });
}

const hop = ({ report }: DebugRun, wanted: string) => report.hops.find(({ name }) => name === wanted);

describe("a cluster that EKS does not know", () => {
  it.each(broken)("%s is named, and the missing cluster is a warning", async (code, lists) => {
    const configMap = { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "aws-auth" }, data: lists };
    const file = ["--aws-auth", cloud.input(`${code}.json`, JSON.stringify(configMap))];
    for (const outcome of [await look(code), await look(code, { args: file })]) {
      expect(outcome.failed).toMatchObject([{ name: "mapping", code }]);
      expect(outcome.report.verdict).toBe("refused");
      expect(hop(outcome, "cluster")).toMatchObject({ status: "warning", code: "EKS_CLUSTER_NOT_FOUND" });
      expect(hop(outcome, "cluster")?.hint).toMatch(/another account.*self-managed/);
    }
  });

  it("is accepted, with that warning, where the mapping is right", async () => {
    const outcome = await look("sound");
    expect(outcome.report.verdict).toBe("accepted");
    expect(hop(outcome, "cluster")).toMatchObject({ status: "warning", code: "EKS_CLUSTER_NOT_FOUND" });
  });

  it("may be misspelt: the mapping is right, and the server refuses", async () => {
    const outcome = await look("sound", { flags: { "role-arn": iam(role), "cluster-name": "sounds" } });
    expect(outcome.failed).toMatchObject([{ name: "api-server", code: "API_REFUSED_THOUGH_MAPPED" }]);
    expect(outcome.failed[0]?.hint).toContain("--cluster-name");
  });

  it("fails for itself only where nothing else could be read, and names all reasons", async () => {
    const outcome = await look("MAPPING_ROLE_PATH", { args: [] });
    expect(outcome.failed).toMatchObject([{ name: "cluster", code: "EKS_CLUSTER_NOT_FOUND" }]);
    expect(outcome.failed[0]?.hint).toMatch(/--cluster-name.*another account.*self-managed.*--admin-context/);
  });
});
