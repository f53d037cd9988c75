/** The ready-made files must work as they stand: what is wrong here is wrong in a hundred kubeconfigs. */
import { readdirSync, readFileSync } from "node:fs";
import { KubeConfig } from "@kubernetes/client-node";
import { load, loadAll } from "js-yaml";
import { describe, expect, it } from "vitest";
import { portsWith } from "./ports.ts";
import { parseFlags } from "../src/cli/settings/flags.ts";
import { getTokenInput } from "../src/cli/settings/input.ts";
import { extensionValues, settingsFrom } from "../src/cli/settings/settings.ts";
import { installHint } from "../src/kubeconfig/edit/cluster-entries.ts";
import { updateKubeconfig } from "./cli/commands/update-kubeconfig/update-kubeconfig-world.ts";
import { certificateAuthority, described } from "./aws/eks/eks-sessions.ts";

const folder = new URL("../examples/kubeconfig/", import.meta.url);
const kubeconfigs = ["plain.yaml", "many-clusters.yaml", "build-agent.yaml"];

interface Exec {
  apiVersion: string;
  command: string;
  args: string[];
  interactiveMode: string;
  provideClusterInfo?: boolean;
  installHint: string;
}

interface ExampleFile {
  clusters: { name: string; cluster: { extensions?: { name: string; extension: unknown }[] } }[];
  users: { name: string; user: { exec: Exec } }[];
}

it("is every file there, and none that no test loads", () => {
  expect(readdirSync(folder).sort()).toEqual([...kubeconfigs, "aws-auth.yaml", "read-only-rbac.yaml"].sort());
});

/** In place of a real CA, which would have a thousand letters. */
const placeholder = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==";

/** What EKS says of the clusters in the examples. */
const eks = Object.fromEntries(
  [
    ["demo", "us-west-2"],
    ["staging", "eu-central-1"],
  ].map(([name = "", region = ""]) => [
    `/clusters/${name}`,
    described({
      name,
      arn: `arn:aws:eks:${region}:111122223333:cluster/${name}`,
      endpoint: `https://EXAMPLE.gr7.${region}.eks.amazonaws.com`,
    }),
  ]),
);

/** The words behind `eks-x509 update-kubeconfig` in a file's comments. */
function commandsIn(text: string): string[][] {
  const comments = [...text.matchAll(/^#(.*)$/gm)].map(([, line = ""]) => line).join("\n");
  const lines = comments.replace(/\\\n\s*/g, "").matchAll(/^ +eks-x509 update-kubeconfig (.*)$/gm);
  return [...lines].map(([, words = ""]) => words.trim().split(/\s+/));
}

describe.each(kubeconfigs)("examples/kubeconfig/%s", (name) => {
  const text = readFileSync(new URL(name, folder), "utf8");
  const file = yaml<ExampleFile>(text);

  it("is loaded by a real client", () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(text);
    expect(kubeConfig.getCurrentCluster()?.server).toMatch(/^https:\/\/EXAMPLE/);
    expect(kubeConfig.getCurrentUser()?.exec).toBeDefined();
  });

  it("runs get-token by a stable name, and never needs a terminal", () => {
    const { exec } = only(file.users).user;
    expect(exec).toMatchObject({ apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never" });
    expect(exec.command).toMatch(/^(\/usr\/local\/bin\/)?eks-x509$/);
    expect(exec.args[0]).toBe("get-token");
    expect(exec.installHint).toBe(installHint);
  });

  it("is what its commands write, one after the other", async () => {
    const commands = commandsIn(text);
    expect(commands).not.toEqual([]);
    let files: Record<string, string> = {};
    for (const command of commands) {
      const { code, stderr, ...seen } = await updateKubeconfig(command, { eks, files });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      ({ files } = seen);
    }
    const written = (Object.values(files)[0] ?? "").replaceAll(certificateAuthority, placeholder);
    expect(yaml<ExampleFile>(written)).toEqual(file);
  });

  it.each(file.clusters)(
    "resolves to complete input for cluster $name",
    ({ name: cluster, cluster: { extensions } }) => {
      const { exec } = only(file.users).user;
      const extension = extensions?.find(
        (entry) => entry.name === "client.authentication.k8s.io/exec",
      )?.extension;
      const flags = parseFlags(exec.args.slice(1));
      const passed = exec.provideClusterInfo ? extensionValues(extension) : new Map();
      const input = getTokenInput(
        settingsFrom({ flags, env: {}, extension: passed, file: undefined }),
        portsWith(),
      );
      expect(cluster).toMatch(new RegExp(`/${input.token.clusterName}$`));
      expect(input.parameters.role.account).toBe("111122223333");
    },
  );
});

describe("examples/kubeconfig/aws-auth.yaml", () => {
  it("maps the role without a path, to the group that read-only-rbac.yaml binds", () => {
    const configMap = yaml<{ metadata: unknown; data: { mapRoles: string } }>(read("aws-auth.yaml"));
    expect(configMap.metadata).toEqual({ name: "aws-auth", namespace: "kube-system" });
    const [entry] = yaml<{ rolearn: string; groups: string[] }[]>(configMap.data.mapRoles);
    expect(entry?.rolearn).toMatch(/:role\/[^/]+$/);
    const bound = loadAll(read("read-only-rbac.yaml")).flatMap((document) => JSON.stringify(document));
    expect(bound.filter((document) => document.includes(entry?.groups[0] ?? "none"))).toHaveLength(2);
  });
});

function read(name: string): string {
  return readFileSync(new URL(name, folder), "utf8");
}

function yaml<Content>(text: string): Content {
  const content: unknown = load(text);
  return JSON.parse(JSON.stringify(content));
}

function only<Item>(items: Item[]): Item {
  const [item] = items;
  if (!item || items.length !== 1) throw new Error(`expected one item, found ${items.length}`);
  return item;
}
