/** Trust policies for callers of AssumeRole, and the same policies asked by the sandbox. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { askingCaller } from "../../src/trust-policy/caller-request.ts";
import { decideOn, type Verdict } from "../../src/trust-policy/decision.ts";
import { reasonsOf } from "../../src/trust-policy/reasons.ts";
import { fromJson } from "../json.ts";
import { policyOf } from "./trusting.ts";

interface Row {
  about: string;
  caller: "session" | "user";
  externalId?: string;
  verdict: Verdict;
  statements: object[];
  why?: string;
}

const rows = fromJson<Row[]>(
  readFileSync(new URL("../vectors/trust-policy/callers.json", import.meta.url), "utf8"),
);
const accountId = "111122223333";
const callers = {
  session: {
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/reader/alice`,
    userId: "AROAEXAMPLEROLEID0001:alice",
    roleArn: `arn:aws:iam::${accountId}:role/team/reader`,
    sourceIdentity: "CN=alice",
    tags: new Map([["x509Subject/CN", "alice"]]),
  },
  user: {
    accountId,
    arn: `arn:aws:iam::${accountId}:user/administrator`,
    userId: "AIDAEXAMPLEUSERID0001",
    sourceIdentity: "",
  },
} as const;

describe("a trust policy asked by AssumeRole, with", () => {
  it.each(rows)("$about: $verdict", ({ caller: kind, externalId, verdict, statements, why }) => {
    const caller = callers[kind];
    const asking = askingCaller({
      ...{ caller, externalId, region: "us-west-2", sourceIp: "127.0.0.1" },
      roleSessionName: kind === "user" ? "administrator" : "alice",
      now: new Date("2026-11-27T09:00:00Z"),
    });
    const decision = decideOn(policyOf(...statements), asking);
    expect(decision.verdict).toBe(verdict);
    expect(reasonsOf(decision).length > 0).toBe(verdict !== "allowed");
    if (why !== undefined) expect(reasonsOf(decision)).toContain(why);
  });
});
