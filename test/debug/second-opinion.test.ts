/** `token debug` and the sandbox's authenticator, each with code of its own, on the same tokens, STS's answer included. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Report } from "../../src/debug/report/report.ts";
import { createGetCallerIdentity } from "../../src/sandbox/aws/get-caller-identity.ts";
import { createSessions } from "../../src/sandbox/aws/sessions.ts";
import { createAuthenticator } from "../../src/sandbox/cluster/authenticator/authenticator.ts";
import { TokenError } from "../../src/sandbox/cluster/authenticator/token-error.ts";
import { mutatedTokens } from "../authenticator/token-form/mutated-token.ts";
import { capturedSession } from "../sandbox/aws/session.ts";
import { requestOfUrl } from "../sandbox/wire-request.ts";
import vectors from "../vectors/eks-token/verdicts.json" with { type: "json" };
import { debugged, failures, stsOf } from "./world.ts";

const good = vectors.rows.find(({ name }) => name === "good");
const at = new Date(good?.verifiedAt ?? "");
const sts = stsOf(capturedSession, at);

/** Of a cluster in the token's own partition: `token debug` is not told in which the cluster is. */
function authenticator(partition: string) {
  const sessions = createSessions();
  sessions.add(capturedSession);
  const options = { now: () => at, onEvent: () => undefined };
  const handler = createGetCallerIdentity({ ...options, sessions });
  return createAuthenticator({
    ...options,
    partition,
    region: "",
    clusterName: "demo",
    ask: (url, cluster) =>
      handler(requestOfUrl(url, { "x-k8s-aws-id": cluster, accept: "application/json" })),
    awsAuth: () => ({}),
  });
}

/** The hop that fails; the ARN where none does. */
function outcomeOf(report: Report): string {
  const failed = failures(report).map(({ name }) => name);
  return report.identity?.arn ?? failed.join();
}

async function theirOutcome(token: string, partition: string): Promise<string> {
  try {
    return (await authenticator(partition).verify(token)).arn;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return error.kind === "format" ? "token" : "sts";
  }
}

/** Tokens whose signature STS takes, changed where it does not look, or looks alone. */
function signedTokens(): fc.Arbitrary<string> {
  const captured = vectors.rows.map(({ token }) => token);
  const changed = fc
    .tuple(fc.constantFrom(...captured), fc.nat(700), fc.constantFrom("", "A", "-", "\n", "=", " ", "%"))
    .map(([token, place, piece]) => token.slice(0, place) + piece + token.slice(place + 1));
  return fc.oneof(fc.constantFrom(...captured), changed);
}

it("on 3,000 mutated tokens: the same verdict, the same hop that fails, the same identity", async () => {
  const counts = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutatedTokens(), signedTokens()), async (token) => {
      const report = await debugged(token, { at, http: sts.http });
      const ours = outcomeOf(report);
      expect(ours).toBe(await theirOutcome(token, report.token?.partition ?? "aws"));
      counts.set(ours, (counts.get(ours) ?? 0) + 1);
    }),
    { numRuns: 3000, seed: 20261124 },
  );
  for (const outcome of ["token", "sts", capturedSession.arn])
    expect([outcome, (counts.get(outcome) ?? 0) > 100]).toEqual([outcome, true]);
});
