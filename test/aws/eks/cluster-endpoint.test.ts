import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterEndpoint } from "../../../src/aws/eks/cluster-endpoint.ts";

describe("the URL of a cluster's API server", () => {
  it.each([
    ["https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com", "https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com"],
    ["https://a", "https://a"],
    ["https://a.b-c.d:6443/", "https://a.b-c.d:6443"],
    ["https://10.0.0.1:443", "https://10.0.0.1:443"],
    ["https://[2001:db8::1]:6443", "https://[2001:db8::1]:6443"],
    ["https://localhost:65535", "https://localhost:65535"],
  ])("may be %s", (text, url) => {
    expect(clusterEndpoint(text)).toBe(url);
  });

  it.each([
    "",
    "https://",
    "https:///",
    "http://a",
    "a.example.com",
    "https:a",
    "https:\\\\a",
    "https://[[[:::",
    "https://a:99999999",
    "https://a:65536",
    "https://a:0",
    "https://a:",
    "https://...",
    "https://a..b",
    "https://.a",
    "https://a.",
    "https://-a",
    "https://a-.b",
    `https://${"a".repeat(64)}.com`,
    `https://${"a.".repeat(130)}com`,
    "https://256.0.0.1",
    "https://0x7f.1",
    "https://1",
    "https://[::1",
    "https://[1:2]",
    "https://[::1%eth0]",
    "https://a/b",
    "https://a//",
    "https://a?b",
    "https://a#b",
    "https://alice@a",
    "https://alice:s3cr3t@a",
    "https://a\n",
    "https://a\nb",
    " https://a",
    "https://a b",
    "https://b\u00fccher.example",
    "https://%61",
  ])("may not be %j", (text) => {
    expect(clusterEndpoint(text)).toBeUndefined();
  });

  it("is one that every other reader takes for the same", () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from("ab1.:-[]/\\@%\n _")) });
    fc.assert(
      fc.property(text, (rest) => {
        const url = clusterEndpoint(`https://${rest}`);
        if (url !== undefined) expect(new URL(url).origin).toBe(new URL(`https://${rest}`).origin);
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});
