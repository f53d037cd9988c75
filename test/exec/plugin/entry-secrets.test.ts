import { expect, it } from "vitest";
import { entrySecrets } from "../../../src/exec/plugin/entry-secrets.ts";

it("of an exec entry are options named secret, and every variable that is not plainly none", () => {
  const args = ["get-token", "--client-secret", "hunter2", "--password=swordfish=1", "--token-cache", "/a/b"];
  const env = Object.entries({
    FOO: "xyzzy-plugh",
    AWS_REGION: "us-west-2",
    AWS_PROFILE: "production",
    AWS_ROLE: "arn:aws:iam::111122223333:role/eks",
    CACHE: "/home/alice/.cache",
    SHORT: "abc",
    DEBUG: "enabled",
  }).map(([name, value]) => ({ name, value }));
  expect(entrySecrets({ args, env })).toEqual(["hunter2", "swordfish=1", "xyzzy-plugh"]);
});
