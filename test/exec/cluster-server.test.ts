import { describe, expect, it } from "vitest";
import { parseRegion, type Region } from "../../src/aws/partition.ts";
import {
  formatRecord,
  parseServers,
  parseRecord,
  serverProblem,
  type ClusterInfo,
  type KnownServer,
} from "../../src/exec/cluster-server.ts";
import { sha256 } from "../ports.ts";

const endpoint = "https://0123456789ABCDEF0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com";
const tunnel = "https://127.0.0.1:18443";
const own = {
  server: endpoint,
  certificateAuthority: "own CA",
  isVerified: true,
  hasProxy: false,
  hasOtherName: false,
};
const tunnelRecorded = [{ clusterName: "demo", server: tunnel, authorityHash: sha256("own CA") }];

function problem(
  info: Partial<ClusterInfo>,
  known: readonly KnownServer[] = tunnelRecorded,
  region = "us-west-2",
): string | undefined {
  return serverProblem(
    { name: "demo", region: regionNamed(region), info: { ...own, config: undefined, ...info }, sha256 },
    known,
  );
}

function regionNamed(name: string): Region {
  return parseRegion(name) ?? expect.fail(`${name} is a region`);
}

describe("a cluster that nothing is recorded of gets a token", () => {
  it.each([
    [endpoint, "us-west-2"],
    [`${endpoint}/`, "us-west-2"],
    ["https://abcdef0123.yl4.eu-central-1.eks.amazonaws.com", "eu-central-1"],
    ["https://0123456789ABCDEF.sk1.cn-north-1.eks.amazonaws.com.cn", "cn-north-1"],
    ["https://0123456789ABCDEF.gr7.us-west-2.api.aws", "us-west-2"],
    ["https://eks-cluster.us-west-2.api.aws", "us-west-2"],
    ["https://0123456789ABCDEF.gr7.cn-north-1.api.amazonwebservices.com.cn", "cn-north-1"],
  ])("at %s in %s", (server, region) => {
    expect(problem({ server }, [], region)).toBeUndefined();
  });

  it.each([
    tunnel,
    "https://demo.internal.example",
    endpoint.replace("us-west-2", "eu-west-1"),
    endpoint.replace("https", "http"),
    `${endpoint}:8443`,
    `${endpoint}.attacker.example`,
    `https://alice@${endpoint.slice(8)}`,
    `https://attacker.example/${endpoint.slice(8)}`,
    `https://attacker.example#.${endpoint.slice(8)}`,
    "https://x.us-west-2.eks.amazonaws.com.attacker.example",
    "https://attacker.lambda-url.us-west-2.api.aws",
    "https://eks.us-west-2.amazonaws.com",
    // Go reads these as other servers, or not at all.
    endpoint.replace("//", "/"),
    endpoint.replace("//", "///"),
    endpoint.replace("//", ""),
    endpoint.replace("//", "\\\\"),
    endpoint.replace("eks", "%65ks"),
    endpoint.replace("eks", "ｅks"),
    endpoint.replace("eks.", "eks\u3002"),
    endpoint.replace("https", "HTTPS"),
    `${endpoint}.`,
    ` ${endpoint}`,
    `${endpoint}\t`,
    `${endpoint}?x`,
    "",
    "not a URL",
  ])("and not at %s", (server) => {
    expect(problem({ server }, [])).toMatch(/^it is not an EKS endpoint of us-west-2/);
  });

  it("and not through a proxy of the entry, which could answer in the endpoint's place", () => {
    expect(problem({ hasProxy: true }, [])).toMatch("proxy-url");
  });
});

describe("a cluster with a recorded server gets a token there", () => {
  it("with the recorded CA, through a proxy too", () => {
    expect(problem({ server: tunnel })).toBeUndefined();
    expect(problem({ server: `${tunnel}/`, hasProxy: true })).toBeUndefined();
  });

  it("and not with another CA, nor at another server, an EKS endpoint included: that can be somebody else's cluster", () => {
    expect(problem({ server: tunnel, certificateAuthority: "another CA" })).toMatch("CA differs");
    expect(problem({ server: "https://127.0.0.1:18444" })).toMatch("another server is recorded");
    expect(problem({ server: endpoint })).toMatch("another server is recorded");
  });

  it.each([
    "https://127.0.0.1.:18443",
    "https://127.1:18443",
    "https://0x7f.1:18443",
    "https://2130706433:18443",
    "https://0177.0.0.1:18443",
    "https://[::ffff:127.0.0.1]:18443",
    "https://localhost:18443",
    "https:/127.0.0.1:18443",
    "https:127.0.0.1:18443",
    "https:///127.0.0.1:18443",
    "https:\\\\127.0.0.1:18443",
    "https://127.0.0.1:18443\\@attacker.example",
    "https://@127.0.0.1:18443",
    "https://127.0.0.%31:18443",
    "https://127.0.0.１:18443",
    "https://127.0.0.1:18443/x",
    "https://127.0.0.1:18443/x/..",
    "https://127.0.0.1:18443/%2e",
    "https://127.0.0.1:18443?x",
    "https://127.0.0.1:18443#x",
    " https://127.0.0.1:18443",
    "https://127.0.0.1:\t18443",
    "https://127.0.0.1:018443",
    "127.0.0.1:18443",
  ])("and not where the server is spelled %j", (server) => {
    for (const known of [tunnelRecorded, [{ clusterName: "demo", server: tunnel, authorityHash: undefined }]])
      expect(problem({ server }, known)).toMatch("another server is recorded");
  });

  it("of which the case of the host, the usual port and a last slash are no part", () => {
    const known = [
      { clusterName: "demo", server: "https://Demo.Internal:443/k8s/c-1/", authorityHash: undefined },
    ];
    expect(problem({ server: "https://demo.internal/k8s/c-1" }, known)).toBeUndefined();
    for (const path of [
      "k8s/c-2",
      "k8s/C-1",
      "k8s/c-2/../c-1",
      "k8s/c-2/%2e%2e/c-1",
      "k8s/./c-1",
      "k8s/c-1//",
    ])
      expect(problem({ server: `https://demo.internal/${path}` }, known), path).toMatch("another server");
  });

  it("and not through a proxy to a server of another name, whose certificate is of the same CA", () => {
    const other = { server: tunnel, hasOtherName: true };
    expect(problem(other)).toBeUndefined();
    expect(problem({ ...other, hasProxy: true })).toMatch("tls-server-name");
  });

  it("and what is recorded of another name counts for nothing", () => {
    const known = tunnelRecorded.map((one) => ({ ...one, clusterName: "staging" }));
    expect(problem({ server: tunnel }, known)).toMatch("not an EKS endpoint");
  });
});

it("never gets a token without a verified certificate, or with an unknown server", () => {
  expect(problem({ server: tunnel, isVerified: false })).toMatch("insecure-skip-tls-verify");
  expect(problem({ server: undefined })).toMatch("does not report the server");
});

describe("servers that the user allows", () => {
  const allowed = (text: string) => parseServers(text)?.map((one) => ({ ...one, authorityHash: undefined }));

  it("count whatever their CA, and not through a proxy of the entry", () => {
    const known = allowed(`staging=${tunnel}, demo=${tunnel}`) ?? [];
    const info = { ...own, config: undefined, server: tunnel, certificateAuthority: "another CA" };
    const named = { name: "demo", region: regionNamed("us-west-2"), sha256 };
    expect(serverProblem({ ...named, info }, known)).toBeUndefined();
    expect(serverProblem({ ...named, info: { ...info, hasProxy: true } }, known)).toMatch("proxy-url");
  });

  it("can be bound to a CA", () => {
    expect(parseServers(`demo=${tunnel}#${sha256("own CA")}`)).toEqual(tunnelRecorded);
  });

  it.each(["", "demo", "demo=", "demo=127.0.0.1", "demo=http://x", "demo=https://a@b", `demo=${tunnel} x`])(
    "are not %o",
    (text) => {
      expect(parseServers(text)).toBeUndefined();
    },
  );
});

describe("the record", () => {
  it("holds each server once", () => {
    const text = formatRecord([...tunnelRecorded, ...tunnelRecorded]);
    expect(text).toBe(`demo=${tunnel}#${sha256("own CA")}\n`);
    expect(parseRecord(text)).toEqual(tunnelRecorded);
  });

  it("can have lines of an earlier version", () => {
    const earlier = `demo ${tunnel} ${sha256("own CA")}\n`;
    expect(parseRecord(earlier)).toEqual(tunnelRecorded);
    expect(formatRecord([...parseRecord(earlier), ...tunnelRecorded])).toBe(formatRecord(tunnelRecorded));
  });

  it("passes over lines that it does not know", () => {
    expect(
      parseRecord(`\n#\ndemo\ndemo x y\n${formatRecord(tunnelRecorded)}demo ${tunnel}\ndemo=${tunnel}`),
    ).toEqual(tunnelRecorded);
  });
});
