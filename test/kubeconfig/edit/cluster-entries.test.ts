import { KubeConfig } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import {
  clusterEntries,
  installHint,
  type EntryForm,
  type WrittenUser,
} from "../../../src/kubeconfig/edit/cluster-entries.ts";
import { editKubeconfig } from "../../../src/kubeconfig/edit/edit.ts";

const cluster = (name = "demo", region = "us-west-2", account = "111122223333") => ({
  arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
  tokenName: name,
  region,
  endpoint: `https://${name}.gr7.${region}.eks.amazonaws.com`,
  certificateAuthority: "LS0t",
});

const user = (roleName = "eks-read-only"): WrittenUser => ({
  roleArn: `arn:aws:iam::111122223333:role/team/${roleName}`,
  roleName,
  options: [
    ["certificate", "/home/alice/alice.pem"],
    ["role-arn", `arn:aws:iam::111122223333:role/team/${roleName}`],
  ],
});

const form = (changes: Partial<EntryForm> = {}): EntryForm => ({
  execApiVersion: "v1",
  command: "eks-x509",
  inlineArgs: false,
  proxyUrl: undefined,
  alias: undefined,
  userAlias: undefined,
  isCurrent: true,
  ...changes,
});

describe("the entries of a cluster", () => {
  it("hold the role in the user, and what belongs to the cluster in its extension", () => {
    expect(clusterEntries(cluster(), user(), form())).toEqual({
      cluster: {
        name: "x509@arn:aws:eks:us-west-2:111122223333:cluster/demo",
        cluster: {
          server: "https://demo.gr7.us-west-2.eks.amazonaws.com",
          "certificate-authority-data": "LS0t",
          extensions: [
            {
              name: "client.authentication.k8s.io/exec",
              extension: { "cluster-name": "demo", region: "us-west-2" },
            },
          ],
        },
      },
      user: {
        name: "arn:aws:iam::111122223333:role/team/eks-read-only",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1",
            command: "eks-x509",
            args: [
              "get-token",
              "--certificate=/home/alice/alice.pem",
              "--role-arn=arn:aws:iam::111122223333:role/team/eks-read-only",
            ],
            interactiveMode: "Never",
            provideClusterInfo: true,
            installHint,
          },
        },
      },
      context: {
        name: "eks-read-only@arn:aws:eks:us-west-2:111122223333:cluster/demo",
        context: {
          cluster: "x509@arn:aws:eks:us-west-2:111122223333:cluster/demo",
          user: "arn:aws:iam::111122223333:role/team/eks-read-only",
        },
      },
      isCurrent: true,
    });
  });

  it("hold everything in args where that is asked for, and are then a user of the cluster's own", () => {
    const { user: written, cluster: beside } = clusterEntries(cluster(), user(), form({ inlineArgs: true }));
    expect(written.name).toBe("eks-read-only@arn:aws:eks:us-west-2:111122223333:cluster/demo");
    expect(JSON.stringify(written)).not.toContain("provideClusterInfo");
    expect(JSON.stringify(written)).toContain('"--cluster-name=demo","--region=us-west-2","--certificate=');
    // Another user of the cluster may need it.
    expect(beside).toEqual(clusterEntries(cluster(), user(), form()).cluster);
  });

  it("take aliases, a proxy, another version and another command", () => {
    const entries = clusterEntries(
      cluster(),
      user(),
      form({
        alias: "demo",
        userAlias: "alice",
        proxyUrl: "http://proxy:3128",
        execApiVersion: "v1beta1",
        command: "/usr/local/bin/eks-x509",
        isCurrent: false,
      }),
    );
    expect(entries.context).toEqual({
      name: "demo",
      context: { cluster: "x509@arn:aws:eks:us-west-2:111122223333:cluster/demo", user: "alice" },
    });
    expect(entries.cluster.cluster).toMatchObject({ "proxy-url": "http://proxy:3128" });
    expect(entries.user).toMatchObject({
      name: "alice",
      user: {
        exec: { apiVersion: "client.authentication.k8s.io/v1beta1", command: "/usr/local/bin/eks-x509" },
      },
    });
    expect(entries.isCurrent).toBe(false);
  });
});

describe("in one file", () => {
  const written = (entries: ReturnType<typeof clusterEntries>[], text = "") => {
    const edited = editKubeconfig({ name: "config", text }, entries);
    const config = new KubeConfig();
    config.loadFromString(edited.text);
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
    return {
      text: edited.text,
      clusters: names(config.clusters),
      users: names(config.users),
      contexts: names(config.contexts),
    };
  };

  it("two clusters of one role are one user", () => {
    const both = [cluster("demo"), cluster("demo", "eu-central-1")];
    const { clusters, users, contexts } = written(both.map((each) => clusterEntries(each, user(), form())));
    expect({ clusters: clusters.length, users: users.length, contexts: contexts.length }).toEqual({
      clusters: 2,
      users: 1,
      contexts: 2,
    });
  });

  it("two roles of one cluster are two users and two contexts beside one cluster", () => {
    const both = [user("eks-read-only"), user("eks-admin")];
    const { clusters, users, contexts } = written(
      both.map((each) => clusterEntries(cluster(), each, form())),
    );
    expect({ clusters: clusters.length, users: users.length, contexts: contexts.length }).toEqual({
      clusters: 1,
      users: 2,
      contexts: 2,
    });
  });

  it("clusters of one name in two accounts are two", () => {
    const both = [cluster(), cluster("demo", "us-west-2", "444455556666")];
    expect(written(both.map((each) => clusterEntries(each, user(), form()))).contexts).toHaveLength(2);
  });

  it("nothing that the AWS CLI has written is touched", () => {
    const arn = cluster().arn;
    const awsCli = `apiVersion: v1
clusters:
- cluster: {server: https://other}
  name: ${arn}
contexts:
- context: {cluster: ${arn}, user: ${arn}}
  name: ${arn}
kind: Config
users:
- name: ${arn}
  user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}}
`;
    const { text, contexts } = written([clusterEntries(cluster(), user(), form())], awsCli);
    expect(contexts).toHaveLength(2);
    for (const line of awsCli.split("\n")) expect(text).toContain(line);
  });

  it("a second run changes nothing", () => {
    const entries = [clusterEntries(cluster(), user(), form())];
    const { text } = written(entries);
    expect(written(entries, text).text).toBe(text);
  });
});
