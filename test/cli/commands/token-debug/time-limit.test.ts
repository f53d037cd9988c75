/** A walk whose time is over: it ends with what it found. */
import { expect, it } from "vitest";
import { endingAt } from "../../../../src/cli/commands/token-debug/ended-by-signal.ts";
import type { Http } from "../../../../src/http/client.ts";
import { answering, debugged } from "../../../debug/world.ts";
import { kubeconfigText } from "../../../kubeconfig/read/kubeconfig-files.ts";
import { presignedUrl, signedAt, tokenOf } from "../../../authenticator/token-form/mutated-token.ts";

const files = { "/home/alice/.kube/config": kubeconfigText({ cluster: { server: "https://api.test" } }) };
const identity = {
  Account: "123456789012",
  Arn: "arn:aws:sts::123456789012:assumed-role/reader/alice",
  UserId: "AROAEXAMPLE:alice",
};

/** @param slow the request during which the time ends, and which is never answered */
async function walkedUntil(slow: string) {
  const deadline = new AbortController();
  const { http, asked } = answering(({ request: { url } }) => {
    if (url.href.includes(slow)) {
      deadline.abort();
      return new Promise<never>(() => undefined);
    }
    const body = url.host.startsWith("sts.")
      ? { GetCallerIdentityResponse: { GetCallerIdentityResult: identity } }
      : { gitVersion: "v1.34.4" };
    return { body: JSON.stringify(body) };
  });
  const limited: Http = endingAt(deadline.signal, http);
  const report = await debugged(
    tokenOf(presignedUrl()),
    { at: signedAt, files, http: limited },
    { context: "x" },
  );
  return { report, asked: asked.map(({ request: { url } }) => url.host + url.pathname) };
}

it.each([
  ["sts.", "sts", ["sts.us-west-2.amazonaws.com/"]],
  ["/version", "api-server", ["sts.us-west-2.amazonaws.com/", "api.test/version"]],
])("at %s", async (slow, hop, expected) => {
  const { report, asked } = await walkedUntil(slow);
  expect(report).toMatchObject({ verdict: "unknown", exitCode: 4 });
  const failed = report.hops.filter(({ status }) => status === "failed");
  expect(failed).toMatchObject([{ name: hop, code: "DEBUG_TIMED_OUT" }]);
  expect(asked).toEqual(expected);
});

it("no request is made after the deadline", async () => {
  const { http, asked } = answering(() => ({}));
  const late = endingAt(AbortSignal.abort(), http);
  const { request, ...call } = { request: () => Promise.reject(new Error("asked")), hop: "sts" as const };
  const endpoint = new URL("https://sts.us-west-2.amazonaws.com");
  await expect(
    late({ ...call, request, endpoint, service: "STS", throttles: () => false }),
  ).rejects.toMatchObject({ code: "DEBUG_TIMED_OUT", hop: "sts" });
  expect(asked).toEqual([]);
});
