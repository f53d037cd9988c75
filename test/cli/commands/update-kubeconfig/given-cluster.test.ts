import { describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import {
  certificateAuthorityData,
  givenCluster,
} from "../../../../src/cli/commands/update-kubeconfig/input.ts";
import { codeOf, failureOf } from "../../../failure.ts";
import { leaf, named, root } from "../../../certificates.ts";

const given = (endpoint?: string, ca?: string, clusters: readonly string[] | "all" = ["demo"]) =>
  givenCluster(new Flags({ "cluster-endpoint": endpoint, "certificate-authority": ca }), clusters);

describe("a cluster that options describe", () => {
  it("is none where nothing is given", () => {
    expect(given()).toBeUndefined();
  });

  it("has a URL, a CA and one name", () => {
    expect(given("https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com/", "ca.pem")).toMatchObject({
      name: "demo",
      certificateAuthority: "ca.pem",
    });
    expect(codeOf(() => given("https://a"))).toBe("CLUSTER_ENDPOINT_INCOMPLETE");
    expect(codeOf(() => given(undefined, "ca.pem"))).toBe("CLUSTER_ENDPOINT_INCOMPLETE");
    expect(codeOf(() => given("https://a", "ca.pem", ["a", "b"]))).toBe("CLUSTER_ENDPOINT_SHARED");
    expect(codeOf(() => given("https://a", "ca.pem", "all"))).toBe("CLUSTER_ENDPOINT_SHARED");
  });

  it.each([
    "http://example.com",
    "http://127.0.0.1:6443",
    "example.com",
    "https://a/b",
    "https://alice:s3cr3t@a",
    "https://[[[:::",
    "https://a:99999999",
    "https://...",
    "https://a\n",
    "https:\\\\a",
    "https://%61",
  ])("is not at %j", (url) => {
    const { code, message } = failureOf(() => given(url, "ca.pem"));
    expect(code).toBe("CLUSTER_ENDPOINT_INVALID");
    expect(message).not.toContain("s3cr3t");
  });
});

describe("its CA", () => {
  const ca = root();

  it("is what the file holds of certificates, and nothing else: not a private key", () => {
    const file = { ...named(`text\n${ca.pem}${leaf(ca).keyPem}${ca.pem}`), mode: 0o600 };
    const text = Buffer.from(certificateAuthorityData(file), "base64").toString();
    expect(text).toBe(ca.pem + ca.pem);
  });

  it.each([
    ca.keyPem,
    "-----BEGIN CERTIFICATE-----\nhello world\n-----END CERTIFICATE-----\n",
    ca.pem.slice(0, 200),
  ])("is refused where there is no certificate that can be read", (content) => {
    expect(codeOf(() => certificateAuthorityData({ ...named(content), mode: 0o600 }))).toBe(
      "CERTIFICATE_AUTHORITY_INVALID",
    );
  });
});
