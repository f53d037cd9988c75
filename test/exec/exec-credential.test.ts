import { expect, it } from "vitest";
import { execCredential } from "../../src/exec/exec-info.ts";

it("an ExecCredential is one line of JSON, its time in whole seconds, rounded down", () => {
  const text = execCredential("client.authentication.k8s.io/v1beta1", {
    token: "k8s-aws-v1.x",
    expiration: new Date("2026-11-22T16:12:36.999Z"),
  });
  expect(text).toBe(
    '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential",' +
      '"status":{"token":"k8s-aws-v1.x","expirationTimestamp":"2026-11-22T16:12:36Z"}}\n',
  );
});
