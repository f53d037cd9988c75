import { describe, expect, it } from "vitest";
import { entryTool, ownGetToken } from "../../src/exec/entry-program.ts";
import type { ExecEntry } from "../../src/kubeconfig/read/user.ts";

const entry = (
  command: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): ExecEntry => ({
  apiVersion: "client.authentication.k8s.io/v1",
  interactiveMode: "Never",
  command,
  args,
  env: Object.entries(env).map(([name, value]) => ({ name, value })),
  installHint: "",
  provideClusterInfo: false,
});

describe("an entry that runs our get-token has its arguments", () => {
  it.each([
    ["eks-x509", ["get-token", "--cluster-name=demo"]],
    ["/opt/bin/eks-x509", ["get-token", "--cluster-name=demo"]],
    [String.raw`C:\bin\eks-x509.cmd`, ["get-token", "--cluster-name=demo"]],
    ["kubectl-eks_x509", ["get-token", "--cluster-name=demo"]],
    ["kubectl", ["eks-x509", "get-token", "--cluster-name=demo"]],
    ["kubectl", ["eks_x509", "get-token", "--cluster-name=demo"]],
    ["/usr/bin/node", ["/opt/bin/eks-x509", "get-token", "--cluster-name=demo"]],
    ["npx", ["eks-x509", "get-token", "--cluster-name=demo"]],
  ])("%s %j", (command, args) => {
    expect(ownGetToken(entry(command, args))).toEqual(["--cluster-name=demo"]);
  });

  it("under whatever name, when it leads to this program", () => {
    expect(ownGetToken(entry("/usr/bin/eks-login", ["get-token", "-v"]))).toBeUndefined();
    expect(ownGetToken(entry("/usr/bin/eks-login", ["get-token", "-v"]), true)).toEqual(["-v"]);
  });

  it.each([
    ["eks-x509", ["cert", "inspect"]],
    ["eks-x509", []],
    ["eks-x509-wrapper", ["get-token"]],
    ["kubectl", ["oidc-login", "get-token"]],
    ["node", ["other.js", "get-token"]],
    ["aws", ["eks", "get-token"]],
  ])("and another does not: %s %j", (command, args) => {
    expect(ownGetToken(entry(command, args))).toBeUndefined();
  });
});

describe("another tool's entry has its cluster and region", () => {
  const of = (clusterName?: string, region?: string) => ({ clusterName, region });
  it.each([
    [
      entry("aws", [
        "--region",
        "us-west-2",
        "eks",
        "get-token",
        "--cluster-name",
        "demo",
        "--output",
        "json",
      ]),
      { name: "aws", ...of("demo", "us-west-2") },
    ],
    [
      entry("/usr/local/bin/aws", ["eks", "get-token", "--cluster-name=demo", "--profile=prod"], {
        AWS_REGION: "eu-west-1",
        AWS_PROFILE: "other",
      }),
      { name: "aws", ...of("demo", "eu-west-1") },
    ],
    [
      entry(String.raw`C:\Program Files\Amazon\AWSCLIV2\aws.exe`, [
        "eks",
        "get-token",
        "--cluster-id",
        "0123",
      ]),
      { name: "aws", ...of("0123") },
    ],
    [
      entry("aws-vault", ["exec", "prod", "--", "aws", "eks", "get-token", "--cluster-name", "demo"]),
      { name: "aws", ...of("demo") },
    ],
    [entry("aws", ["eks", "get-token"], { AWS_PROFILE: "prod" }), { name: "aws", ...of() }],
    [
      entry("aws-iam-authenticator", ["token", "-i", "demo", "--role", "r"]),
      { name: "aws-iam-authenticator", ...of("demo") },
    ],
    [
      entry("aws-iam-authenticator", ["token", "--cluster-id=demo"]),
      { name: "aws-iam-authenticator", ...of("demo") },
    ],
    [
      entry("heptio-authenticator-aws", ["token", "-idemo"]),
      { name: "heptio-authenticator-aws", ...of("demo") },
    ],
    [
      entry("aws-iam-authenticator", ["token"], { KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID: "demo" }),
      { name: "aws-iam-authenticator", ...of("demo") },
    ],
    [entry("kubelogin", ["get-token", "--login", "azurecli"]), { name: "kubelogin", ...of() }],
    [entry("aws-iam-authenticator", ["token", "-i"]), { name: "aws-iam-authenticator", ...of() }],
  ])("%j", (given, expected) => {
    expect(entryTool(given)).toEqual(expected);
  });
});
