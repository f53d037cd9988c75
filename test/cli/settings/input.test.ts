import { portsWith } from "../../ports.ts";
import { describe, expect, it } from "vitest";
import { getTokenInput } from "../../../src/cli/settings/input.ts";
import type { OptionName } from "../../../src/cli/settings/options.ts";
import type { Setting } from "../../../src/cli/settings/settings.ts";
import { failureOf } from "../../failure.ts";

const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const arn = (kind: string, region = "us-west-2", partition = "aws") =>
  `arn:${partition}:rolesanywhere:${region}:123456789012:${kind}/${uuid}`;
const complete: Partial<Record<OptionName, string>> = {
  "cluster-name": "demo",
  certificate: "alice.pem",
  "private-key": "alice.key",
  "trust-anchor-arn": arn("trust-anchor"),
  "profile-arn": arn("profile"),
  "role-arn": "arn:aws:iam::123456789012:role/eks-read-only",
};

const input = (
  changes: Partial<Record<OptionName, string | undefined>> = {},
  env: Record<string, string> = {},
) =>
  getTokenInput(settings({ ...complete, ...changes }), portsWith({ env: { HOME: "/home/alice", ...env } }));

describe("get-token's input", () => {
  it("has defaults for what is not given", () => {
    expect(input()).toMatchObject({
      files: {
        certificate: { path: "alice.pem", source: "--certificate" },
        privateKey: { path: "alice.key", source: "--private-key" },
        intermediates: undefined,
      },
      parameters: { durationSeconds: 3600, roleSessionName: undefined, role: { name: "eks-read-only" } },
      token: {
        clusterName: "demo",
        region: { name: "us-west-2" },
        variant: { fips: false, dualStack: false },
      },
    });
    expect(input().endpoint.href).toBe("https://rolesanywhere.us-west-2.amazonaws.com/");
  });

  it("takes the cluster's region for the token, and the trust anchor's for Roles Anywhere", () => {
    const { token, endpoint } = input({ region: "eu-central-1" });
    expect(token.region.name).toBe("eu-central-1");
    expect(endpoint.host).toBe("rolesanywhere.us-west-2.amazonaws.com");
  });

  it("takes the hash of a commit in a cluster's name", () => {
    const name = `ci-${"0123456789abcdef".repeat(3).slice(0, 40)}`;
    expect(input({ "cluster-name": name }).token.clusterName).toBe(name);
  });

  it("takes an endpoint, for Roles Anywhere alone", () => {
    expect(
      input({ endpoint: "https://vpce-1.rolesanywhere.us-west-2.vpce.amazonaws.com" }).endpoint.host,
    ).toBe("vpce-1.rolesanywhere.us-west-2.vpce.amazonaws.com");
    expect(input({ endpoint: "http://127.0.0.1:8080" }).endpoint.href).toBe("http://127.0.0.1:8080/");
  });

  it.each([
    [
      { AWS_USE_FIPS_ENDPOINT: "true" },
      "rolesanywhere-fips.us-west-2.amazonaws.com",
      { fips: true, dualStack: false },
    ],
    [
      { AWS_USE_DUALSTACK_ENDPOINT: "TRUE" },
      "rolesanywhere.us-west-2.api.aws",
      { fips: false, dualStack: true },
    ],
    [
      { AWS_USE_FIPS_ENDPOINT: "True", AWS_USE_DUALSTACK_ENDPOINT: "true" },
      "rolesanywhere-fips.us-west-2.api.aws",
      { fips: true, dualStack: true },
    ],
    [
      { AWS_USE_FIPS_ENDPOINT: "false", AWS_USE_DUALSTACK_ENDPOINT: "" },
      "rolesanywhere.us-west-2.amazonaws.com",
      { fips: false, dualStack: false },
    ],
  ])("follows %o", (env, host, variant) => {
    expect(input({}, env)).toMatchObject({ endpoint: { host }, token: { variant } });
  });

  it("expands ~/ in files, which no shell does in a kubeconfig", () => {
    expect(input({ certificate: "~/a", "private-key": "~/b", intermediates: "~/c" }).files).toMatchObject({
      certificate: { path: "/home/alice/a" },
      privateKey: { path: "/home/alice/b" },
      intermediates: { path: "/home/alice/c" },
    });
  });

  it.each(["900", "43200", "3600"])("takes a duration of %s seconds", (text) => {
    expect(input({ "session-duration": text }).parameters.durationSeconds).toBe(Number(text));
  });

  it.each(["ab", "x".repeat(64), "alice_+=,.@-1"])("takes the session name %s", (name) => {
    expect(input({ "role-session-name": name }).parameters.roleSessionName).toBe(name);
  });

  it.each(["d", "0demo", "My_cluster-1", "x".repeat(100)])("takes the cluster name %s", (name) => {
    expect(input({ "cluster-name": name }).token.clusterName).toBe(name);
  });
});

describe("get-token's input is refused", () => {
  it("reports all missing options at once", () => {
    expect(failureOf(() => getTokenInput(new Map(), portsWith()))).toMatchObject({
      category: "usage",
      code: "OPTION_MISSING",
      message: "missing: --cluster-name, --certificate, --trust-anchor-arn, --profile-arn, --role-arn",
      hint: "Set each as a flag, in the environment (EKS_X509_CLUSTER_NAME …) or in the config file. kubectl sends the name with provideClusterInfo. Java and Node need update-kubeconfig --inline-args. See --help.",
    });
    expect(failureOf(() => input({ "role-arn": undefined }))).toMatchObject({
      message: "missing: --role-arn",
      hint: "Set each as a flag, in the environment (EKS_X509_ROLE_ARN …) or in the config file. See --help.",
    });
  });

  const cases: [Partial<Record<OptionName, string>>, string, string][] = [
    [
      { "cluster-name": "-demo" },
      "CLUSTER_NAME_INVALID",
      '--cluster-name "-demo" is not the name of an EKS cluster',
    ],
    [
      { "cluster-name": "x".repeat(101) },
      "CLUSTER_NAME_INVALID",
      `--cluster-name "${"x".repeat(101)}" is not the name of an EKS cluster`,
    ],
    [
      { "cluster-name": "arn:aws:eks:us-west-2:123456789012:cluster/demo" },
      "CLUSTER_NAME_INVALID",
      '--cluster-name "arn:aws:eks:us-west-2:123456789012:cluster/demo" is not the name of an EKS cluster',
    ],
    [
      { "cluster-name": "demo\n" },
      "CLUSTER_NAME_INVALID",
      '--cluster-name "demo\\n" is not the name of an EKS cluster',
    ],
    ...["AKIAIOSFODNN7EXAMPLE", "ASIAQNZGKIQY56JQ7WML", "wJalrXUtnFEMIzK7MDENGabPxRfiCYq4T9ZsKwLm"].map(
      (key): [Partial<Record<OptionName, string>>, string, string] => [
        { "cluster-name": key },
        "CLUSTER_NAME_INVALID",
        `--cluster-name (${key.length} characters, not shown) is not the name of an EKS cluster`,
      ],
    ),
    [{ region: "west" }, "REGION_INVALID", '--region "west" is not an AWS region'],
    [
      { region: "cn-north-1" },
      "REGION_PARTITION_DIFFERS",
      '--region "cn-north-1" is in partition aws-cn and the trust anchor in aws',
    ],
    [
      { "trust-anchor-arn": "x" },
      "ARN_INVALID",
      'the ARN in --trust-anchor-arn "x" is not of the form arn:partition:service:region:account:resource',
    ],
    [
      { "trust-anchor-arn": arn("profile") },
      "ARN_INVALID",
      `the ARN in --trust-anchor-arn "${arn("profile")}" names a profile, not a trust-anchor`,
    ],
    [
      { "profile-arn": arn("trust-anchor") },
      "ARN_INVALID",
      `the ARN in --profile-arn "${arn("trust-anchor")}" names a trust-anchor, not a profile`,
    ],
    [
      { "role-arn": "arn:aws:sts::123456789012:assumed-role/a/b" },
      "ARN_INVALID",
      'the ARN in --role-arn "arn:aws:sts::123456789012:assumed-role/a/b" is that of an STS session; use the ARN of the IAM role, arn:…:iam::…:role/…',
    ],
    [
      { "profile-arn": arn("profile", "eu-central-1") },
      "ARN_REGIONS_DIFFER",
      "the profile is in eu-central-1 and the trust anchor in us-west-2",
    ],
    [
      { "profile-arn": arn("profile", "cn-north-1", "aws-cn") },
      "ARN_REGIONS_DIFFER",
      "the profile is in cn-north-1 and the trust anchor in us-west-2",
    ],
    [
      { "role-arn": "arn:aws-cn:iam::123456789012:role/x" },
      "ARN_PARTITIONS_DIFFER",
      "the role is in partition aws-cn and the trust anchor in aws",
    ],
    [
      { "session-duration": "899" },
      "SESSION_DURATION_INVALID",
      '--session-duration "899" is not a session duration',
    ],
    [
      { "session-duration": "43201" },
      "SESSION_DURATION_INVALID",
      '--session-duration "43201" is not a session duration',
    ],
    [
      { "session-duration": "1h" },
      "SESSION_DURATION_INVALID",
      '--session-duration "1h" is not a session duration',
    ],
    [
      { "session-duration": "1e3" },
      "SESSION_DURATION_INVALID",
      '--session-duration "1e3" is not a session duration',
    ],
    [
      { "session-duration": "3600.5" },
      "SESSION_DURATION_INVALID",
      '--session-duration "3600.5" is not a session duration',
    ],
    [
      { "role-session-name": "x" },
      "SESSION_NAME_INVALID",
      '--role-session-name "x" is not a role session name',
    ],
    [
      { "role-session-name": "a b" },
      "SESSION_NAME_INVALID",
      '--role-session-name "a b" is not a role session name',
    ],
    [
      { "role-session-name": "x".repeat(65) },
      "SESSION_NAME_INVALID",
      `--role-session-name "${"x".repeat(65)}" is not a role session name`,
    ],
    [
      { endpoint: "http://rolesanywhere.example" },
      "ENDPOINT_INVALID",
      "the endpoint in --endpoint is plain http, which is allowed on loopback only",
    ],
    [
      { endpoint: "https://alice:secret@host" },
      "ENDPOINT_INVALID",
      "the endpoint in --endpoint has more than scheme, host and port",
    ],
  ];
  it.each(cases)("%o", (changes, code, message) => {
    expect(failureOf(() => input(changes))).toMatchObject({
      category: "usage",
      hop: "configuration",
      code,
      message,
    });
  });

  it("with no more of a long value than a message needs", () => {
    expect(failureOf(() => input({ "role-arn": "x".repeat(5000) })).message.length).toBeLessThan(250);
  });
});

function settings(values: Partial<Record<OptionName, string | undefined>>): Map<OptionName, Setting> {
  const entries = Object.entries({ ...values });
  const map = new Map<OptionName, Setting>();
  for (const [name, value] of entries)
    if (value !== undefined && isName(name)) map.set(name, { value, source: `--${name}` });
  return map;
}

function isName(name: string): name is OptionName {
  return (
    name in
    {
      ...complete,
      region: "",
      intermediates: "",
      endpoint: "",
      "session-duration": "",
      "role-session-name": "",
    }
  );
}
