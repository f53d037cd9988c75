import { machineIn } from "../../../ports.ts";
import { describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { entryForm } from "../../../../src/cli/commands/update-kubeconfig/input.ts";
import { codeOf, failureOf } from "../../../failure.ts";

const form = (flags: Record<string, unknown> = {}, clusters: readonly string[] | "all" = ["demo"]) =>
  entryForm(new Flags(flags), machineIn({ HOME: "/home/alice" }), clusters);

it("is eks-x509 on PATH, v1, and the cluster's settings in its extension", () => {
  expect(form()).toEqual({
    execApiVersion: "v1",
    command: "eks-x509",
    inlineArgs: false,
    proxyUrl: undefined,
    alias: undefined,
    userAlias: undefined,
    isCurrent: true,
  });
});

describe("aliases", () => {
  it("are for one cluster, or they would overwrite each other", () => {
    for (const clusters of [["a", "b"], "all"] as const) {
      expect(failureOf(() => form({ alias: "x" }, clusters)).message).toContain("--alias");
      expect(codeOf(() => form({ alias: "x" }, clusters))).toBe("ALIAS_SHARED");
      expect(codeOf(() => form({ "user-alias": "x", "inline-args": true }, clusters))).toBe("ALIAS_SHARED");
    }
  });

  it("of the user are for all clusters that the one user serves", () => {
    expect(form({ "user-alias": "alice" }, "all").userAlias).toBe("alice");
  });

  it.each(["", "a\nb", "x".repeat(251), "0a1B".repeat(12), "k8s-aws-v1.aHR0", "-----BEGIN PRIVATE KEY"])(
    "are names: not %j",
    (alias) => {
      expect(codeOf(() => form({ alias }))).toBe("ALIAS_INVALID");
    },
  );
});

describe("--proxy-url", () => {
  it.each(["http://proxy:3128", "https://alice@proxy", "socks5://127.0.0.1:1080", "http://[::1]:3128/"])(
    "may be %s",
    (url) => {
      expect(form({ "proxy-url": url }).proxyUrl).toBe(url);
    },
  );

  it.each([
    "proxy:3128",
    "ftp://proxy",
    "",
    "http://",
    "http://h:1\n",
    "http://h\n:1",
    " http://h:1",
    "http://h:1/path",
    "http://h:1?a=b",
    "http://h:1/?a",
    "http://h:1#a",
    "http:h",
    "http:\\\\h",
    "http://h:99999",
    "http://...",
    "socks5://[[[",
    "http://a b",
    "http://@",
  ])("may not be %j", (url) => {
    expect(codeOf(() => form({ "proxy-url": url }))).toBe("PROXY_URL_INVALID");
  });

  it("holds no password, neither in the file nor in the message", () => {
    const error = failureOf(() => form({ "proxy-url": "http://alice:s3cr3t@proxy" }));
    expect(error.code).toBe("PROXY_URL_PASSWORD");
    expect(error.message + error.hint).not.toContain("s3cr3t");
  });
});
