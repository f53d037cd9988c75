/** The answers of EKS and of the API server, and the mapping that was read, judged together. */
import { describe, expect, it } from "vitest";
import { apiHops, clusterHop } from "../../src/debug/hops/cluster.ts";
import type { EksEvidence, Evidence } from "../../src/debug/evidence/evidence.ts";
import { Findings } from "../../src/debug/report/findings.ts";
import { mappingEvidence } from "../../src/debug/evidence/mapping.ts";
import type { AuthenticationMode } from "../../src/aws/eks/describe-cluster.ts";
import { EksX509Error, type Category, type ErrorCode } from "../../src/foundation/errors.ts";
import type { Place } from "../../src/debug/hops/kubeconfig.ts";
import { kubeconfigText, parse, target } from "../kubeconfig/read/kubeconfig-files.ts";
import { worldOf } from "./world.ts";

const endpoint = "https://demo.example";

function eks(mode: AuthenticationMode, more: Partial<EksEvidence> = {}): EksEvidence {
  const cluster = {
    name: "demo",
    arn: "arn:aws:eks:us-west-2:123456789012:cluster/demo",
    tokenName: "demo",
    status: "ACTIVE",
    endpoint,
    certificateAuthority: "",
    authenticationMode: mode,
  };
  return { cluster, accessEntry: "none", ...more };
}

function placeAt(url: string): Place {
  const parts = { cluster: { server: url } };
  return { kubeconfig: parse(kubeconfigText(parts)), target: target(parts), file: undefined };
}

function error(code: ErrorCode, category: Category): EksX509Error {
  return new EksX509Error<ErrorCode>({
    category,
    hop: "api-server",
    code,
    message: "it failed",
    hint: "As it was.",
  });
}

function evidence(problem: EksX509Error, more: Partial<Evidence>): Evidence {
  return {
    eks: undefined,
    api: { version: undefined, user: undefined, access: undefined, problem },
    mapping: undefined,
    mappingUnread: "",
    place: placeAt(endpoint),
    ...more,
  };
}

function judged(all: Evidence) {
  const findings = new Findings(() => undefined);
  clusterHop(findings, all);
  apiHops(findings, all, "- entry");
  const of = (name: string) => findings.hops.find((hop) => hop.name === name);
  return { findings, cluster: of("cluster"), api: of("api-server") };
}

describe("authenticationMode API, and nobody may look at the access entries", () => {
  const identity = {
    account: "123456789012",
    arn: "arn:aws:sts::123456789012:assumed-role/reader/alice",
    userId: "AROAEXAMPLE:alice",
    canonicalArn: "arn:aws:iam::123456789012:role/reader",
    principalId: "AROAEXAMPLE",
    sessionName: "alice",
    accessKeyId: "ASIAEXAMPLE",
  };
  const unread = (code: ErrorCode) =>
    mappingEvidence(
      {
        identity,
        place: undefined,
        mapping: { awsAuth: "f", awsAuthRead: { data: {}, source: "f" }, adminContext: undefined },
      },
      eks("API", { accessEntry: "unknown", entryUnread: error(code, "refused") }),
      undefined,
      worldOf({ at: new Date(0) }),
    );

  it("names the permission, judges nothing, and does not ask for aws-auth", async () => {
    const { mapping, mappingUnread: why } = await unread("EKS_ACCESS_DENIED");
    expect(mapping).toBeUndefined();
    expect(why).toContain("lacks the permission eks:DescribeAccessEntry");
    expect(why).not.toMatch(/--aws-auth|if the cluster has any/);
    expect((await unread("EKS_NO_ANSWER")).mappingUnread).not.toContain("permission");
  });
});

describe("a 401 that nothing else explains", () => {
  const hint = (mode: AuthenticationMode) =>
    judged(evidence(error("API_UNAUTHORIZED", "refused"), { eks: eks(mode) })).api?.hint;

  it("is explained by the place where the cluster looks for a mapping", () => {
    expect(hint("CONFIG_MAP")).toMatch(/no entry of aws-auth.*does not use access entries/);
    expect(hint("API")).toMatch(/no access entry.*does not use aws-auth/);
    expect(hint("API_AND_CONFIG_MAP")).toBe("As it was.");
  });
});

describe("a server that is not the cluster's endpoint", () => {
  const through = (url: string, code: ErrorCode, category: Category) =>
    judged(
      evidence(error(code, category), {
        eks: eks("API_AND_CONFIG_MAP"),
        place: placeAt(url),
      }),
    );

  it.each(["API_CONNECTION_REFUSED", "API_DNS_FAILED", "API_NO_ANSWER"] as const)(
    "and %s: a tunnel that is down",
    (code) => {
      const { findings, cluster, api } = through("https://localhost:8443", code, "network");
      expect(cluster).toMatchObject({ status: "warning", code: "CLUSTER_ENDPOINT_DIFFERS" });
      expect(cluster?.hint).toMatch(/tunnel.*tls-server-name/);
      expect(api).toMatchObject({ status: "failed", code });
      expect(findings.failure?.category).toBe("network");
    },
  );

  it.each([
    ["API_UNAUTHORIZED", "refused"],
    ["API_TLS_UNTRUSTED", "network"],
    ["API_TLS_NAME_DIFFERS", "network"],
  ] as const)("and %s: another cluster's", (code, category) => {
    const { findings, cluster } = through("https://other.example", code, category);
    expect(cluster).toMatchObject({ status: "failed", code: "CLUSTER_ENDPOINT_DIFFERS" });
    expect(findings.failure?.category).toBe("refused");
  });

  it("differs by its path too", () => {
    const { cluster } = through(`${endpoint}/k8s/c-1`, "API_UNAUTHORIZED", "refused");
    expect(cluster?.detail).toContain("demo.example/k8s/c-1");
    expect(through(`${endpoint}/`, "API_UNAUTHORIZED", "refused").cluster?.status).toBe("ok");
  });
});

it("thousands of warnings are a few lines, and their number", () => {
  const findings = new Findings(() => undefined);
  const warning = { code: "MAPPING_OVERRIDDEN", why: "a later entry wins", hint: "Remove one." } as const;
  findings.ok("mapping", "mapped", [], Array<typeof warning>(10_000).fill(warning));
  const facts = findings.hops.find(({ name }) => name === "mapping")?.facts ?? [];
  expect(facts).toHaveLength(21);
  expect(facts.at(-1)).toEqual(["also", "9979 more warnings"]);
});
