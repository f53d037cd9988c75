/** src/authenticator against recorded verdicts of the real aws-iam-authenticator. See test/vectors/README.md. */
import { describe, expect, it } from "vitest";
import codes from "../../src/foundation/error-codes.json" with { type: "json" };
import { fromJson } from "../json.ts";
import configMaps from "../vectors/authenticator/config-maps.json" with { type: "json" };
import recorded from "../vectors/authenticator/tokens.json" with { type: "json" };
import { agree, ourToken, ourUsers, type MapCase, type TokenOutcome } from "./real-authenticator.ts";
import { codesOf } from "./write-vectors.ts";

interface TokenRow {
  token: string;
  partition: string;
  region: string;
  now: string;
  check: TokenOutcome;
  code: string;
}

const tokens = fromJson<{ rows: TokenRow[] }>(JSON.stringify(recorded));
const maps = fromJson<{ identities: MapCase["identities"]; rows: { data: MapCase["data"] }[] }>(
  JSON.stringify(configMaps),
);

describe("tokens", () => {
  it.each(tokens.rows.map((row, index) => ({ ...row, index })))(
    "$index: $check, $code",
    ({ check, code, now, ...row }) => {
      const ours = ourToken({ ...row, now: new Date(now) });
      const outcome = typeof ours.outcome === "object" ? "sts" : ours.outcome;
      expect([outcome, agree(outcome, check, row.token), ours.code]).toEqual([outcome, true, code]);
    },
  );

  it("are of every reason", () => {
    const all = Object.keys(codes.refused.token["The token"].codes);
    expect(all.filter((code) => !tokens.rows.some((row) => row.code === code))).toEqual([]);
    expect(tokens.rows.length).toBeGreaterThanOrEqual(300);
  });
});

describe("ConfigMaps", () => {
  it.each(configMaps.rows.map((row, index) => ({ ...row, index })))("$index: $codes", (row) => {
    const one = { data: maps.rows[row.index]?.data ?? {}, identities: maps.identities };
    expect(ourUsers(one)).toEqual(row.users);
    expect(codesOf(one)).toEqual(row.codes);
  });

  it("are of every reason and every warning", () => {
    const all = Object.keys({
      ...codes.refused.mapping["The mapping"].codes,
      ...codes.warning.mapping["The mapping"].codes,
    });
    const seen = new Set(configMaps.rows.flatMap((row) => row.codes.flatMap((text) => text.split(" "))));
    expect(all.filter((code) => !seen.has(code) && !elsewhere.has(code))).toEqual([]);
    expect(configMaps.rows.length).toBeGreaterThanOrEqual(300);
  });
});

/** Of access entries and of a cluster's answer, which the mapper does not have; and what a Go map decides by chance. */
const elsewhere = new Set([
  "MAPPING_NO_ACCESS_ENTRY",
  "MAPPING_NEAR_ACCESS_ENTRY",
  "MAPPING_ACCESS_ENTRY_FOR_NODES",
  "MAPPING_CONFIG_MAP_NOT_READ",
  "MAPPING_ACCESS_ENTRY_WINS",
  "MAPPING_DIFFERS",
  "MAPPING_ELSEWHERE",
  "MAPPING_AMBIGUOUS",
]);
