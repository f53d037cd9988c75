import { describe, expect, it } from "vitest";
import { pluginSecrets } from "../../../src/exec/plugin/plugin-secrets.ts";

const entry = (args: readonly string[], env: Record<string, string> = {}) => ({
  args,
  env: Object.entries(env).map(([name, value]) => ({ name, value })),
});

describe("secret", () => {
  it("of an exec entry are values in its args and env, but those that plainly are none", () => {
    const args = [
      "get-token",
      "--client-secret",
      "hunter2",
      "--password=swordfish=1",
      "--token-cache",
      "/a/b",
    ];
    const env = {
      FOO: "xyzzy-plugh",
      AWS_REGION: "us-west-2",
      AWS_PROFILE: "production",
      AWS_ROLE: "arn:aws:iam::111122223333:role/eks",
      CACHE: "/home/alice/.cache",
      SHORT: "abc",
      DEBUG: "enabled",
    };
    expect(pluginSecrets(entry(args, env), {})).toEqual(["hunter2", "swordfish=1", "xyzzy-plugh"]);
  });

  it.each([
    [["hunter2_secret"], "hunter2_secret"],
    [["--header", "X: a1!b2#c3"], "X: a1!b2#c3"],
    [["--set=a1!b2#c3"], "a1!b2#c3"],
    [["--cluster-name", "a1!b2#c3"], "a1!b2#c3"],
    [["https://alice:hunter2@idp.example"], "https://alice:hunter2@idp.example"],
  ])("is %j", (args, secret) => {
    expect(pluginSecrets(entry(args), {})).toEqual([secret]);
  });

  it.each([
    [["eks", "get-token", "--cluster-name", "demo-cluster", "--region", "us-west-2"]],
    [["token", "-i", "demo-cluster", "--role", "arn:aws:iam::111122223333:role/eks"]],
    [["get-token", "--oidc-issuer-url=https://issuer.example/", "--certificate=/home/alice/alice.pem"]],
  ])("is not %j", (args) => {
    expect(pluginSecrets(entry(args), {})).toEqual([]);
  });

  it("is what the environment calls so", () => {
    const outer = {
      MY_TOKEN: "hunter2",
      DB_PASSWORD: "swordfish",
      AWS_REGION: "us-west-2",
      API_KEY: "x",
      PWD: "/home/alice",
      OLDPWD: "/home/alice/work",
      EDITOR: "something-else",
    };
    expect(pluginSecrets(entry([]), outer)).toEqual(["hunter2", "swordfish"]);
  });
});
