/** What programs read: one object, the same keys in every state. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { debugJson } from "../../../../src/cli/commands/token-debug/output.ts";
import { usualHops, exitCodeOf, verdictOf, type Report } from "../../../../src/debug/report/report.ts";
import { exitCodes, type Category } from "../../../../src/foundation/errors.ts";
import { isObject } from "../../../../src/foundation/json.ts";
import { fromJson } from "../../../json.ts";
import { debugged, stsOf } from "../../../debug/world.ts";
import { capturedSession } from "../../../sandbox/aws/session.ts";
import vectors from "../../../vectors/eks-token/verdicts.json" with { type: "json" };
import { anyReport, statuses, verdicts } from "./debug-report.ts";

type Told = Record<string, unknown> & { hops: Record<string, unknown>[] };

const printed = (report: Report): Told => fromJson(debugJson(report));

function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function expectDocumented(object: Told): void {
  expect(Object.keys(object)).toEqual(["verdict", "hops", "token", "identity", "mapping"]);
  expect(verdicts).toContain(object["verdict"]);
  expect(object.hops.map(({ name }) => name)).toEqual(usualHops);
  for (const hop of object.hops) {
    expect(Object.keys(hop)).toEqual(["name", "status", "code", "detail", "hint", "facts"]);
    expect(statuses).toContain(hop["status"]);
    expect(hop["code"]).toSatisfy(
      (code: unknown) => code === null || (typeof code === "string" && /^[A-Z][A-Z0-9_]+$/.test(code)),
    );
  }
}

describe("a report for programs", () => {
  it("has the documented keys, whatever it holds", () => {
    fc.assert(
      fc.property(anyReport(), (report) => {
        expectDocumented(printed(report));
        expect(debugJson(report).endsWith("}\n")).toBe(true);
      }),
      { numRuns: 200, seed: 20261129 },
    );
  });

  it.each(vectors.rows)("of a real token: $name", async ({ token, verifiedAt, accepted, clusterName }) => {
    const at = new Date(verifiedAt);
    const object = printed(
      await debugged(token, { at, http: stsOf(capturedSession, at).http }, { clusterName }),
    );
    expectDocumented(object);
    expect(keysOf(object["token"])).toEqual([
      "length",
      "partition",
      "region",
      "host",
      "accessKeyId",
      "account",
      "signedAt",
      "validUntil",
      "clusterHeaderSigned",
    ]);
    if (object["verdict"] === "accepted")
      expect(keysOf(object["identity"]).sort()).toEqual(
        ["account", "arn", "userId", "canonicalArn", "principalId", "sessionName", "accessKeyId"].sort(),
      );
    else expect(object["identity"]).toBeNull();
    if (!accepted) expect(object["verdict"]).toBe("refused");
  });

  it("a code goes with what failed or is to be minded, and with nothing else", async () => {
    for (const { token, verifiedAt } of vectors.rows) {
      const at = new Date(verifiedAt);
      const { hops } = await debugged(token, { at, http: stsOf(capturedSession, at).http });
      for (const { status, code } of hops)
        expect(code !== null).toBe(status === "failed" || status === "warning");
    }
  });
});

describe("verdict and exit code", () => {
  it.each<[Category | undefined, boolean, boolean, string, number]>([
    [undefined, true, false, "accepted", 0],
    [undefined, false, true, "unknown", 0],
    [undefined, false, false, "unknown", exitCodes.other],
    ["refused", false, false, "refused", exitCodes.refused],
    ["refused", false, true, "refused", exitCodes.refused],
    ["network", false, false, "unknown", exitCodes.network],
    ["usage", false, false, "refused", exitCodes.usage],
    ["identity", false, true, "refused", exitCodes.identity],
    ["other", false, false, "refused", exitCodes.other],
    ["refused", true, false, "refused", exitCodes.refused],
  ])(
    "of a failure %s, accepted %s, offline %s: %s, %i",
    (category, isAccepted, isOffline, verdict, exitCode) => {
      const outcome = { category, isAccepted, isOffline };
      expect([verdictOf(outcome), exitCodeOf(outcome)]).toEqual([verdict, exitCode]);
    },
  );
});
