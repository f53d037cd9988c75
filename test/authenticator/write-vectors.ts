/** Picks the vectors of test/vectors/authenticator out of many cases: enough of each reason, with the real one's verdicts. */
import { writeFileSync } from "node:fs";
import { mapIdentity } from "../../src/authenticator/mapping/mapping.ts";
import { askReal, ourToken, theirToken, type MapCase, type TokenCase } from "./real-authenticator.ts";

const source = "sigs.k8s.io/aws-iam-authenticator v0.7.13, built as scripts/compare-authenticator builds it";

/** Of the generated cases, at most so many of one reason. */
const enough = 8;

interface Cases<Case> {
  chosen: readonly Case[];
  generated: readonly Case[];
}

export function writeTokens(folder: string, program: string, { chosen, generated }: Cases<TokenCase>): void {
  const reasonOf = (one: TokenCase): string => ourToken(one).code || host(one);
  const picked = [...chosen, ...pick(generated, reasonOf)];
  const rows = askReal(program, picked).map((verdict, index) => {
    const outcome = theirToken(verdict);
    return { ...picked[index], check: typeof outcome === "object" ? "sts" : outcome, error: verdict.error };
  });
  write(`${folder}/tokens.json`, { source, rows: rows.map(withCode) });
}

function withCode(row: Partial<TokenCase>): unknown {
  const { token = "", partition = "", region = "", now = new Date(0) } = row;
  return { ...row, code: ourToken({ token, partition, region, now }).code };
}

function host(one: TokenCase): string {
  const { outcome } = ourToken(one);
  return typeof outcome === "object" ? outcome.host : outcome;
}

export function writeMaps(folder: string, program: string, { chosen, generated }: Cases<MapCase>): void {
  const picked = [...chosen, ...pick(generated, (one) => codesOf(one).join())];
  const rows = askReal(program, picked).map(({ users }, index) => {
    const one = picked[index];
    return { data: one?.data, users, codes: one && codesOf(one) };
  });
  write(`${folder}/config-maps.json`, { source, identities: picked[0]?.identities, rows });
}

/** Of each identity the reason of its denial, or the warnings. */
export function codesOf({ data, identities }: MapCase): string[] {
  return identities.map((identity) => {
    const verdict = mapIdentity(data, identity);
    if (verdict.kind === "denied") return verdict.code;
    return [...new Set(verdict.warnings.map(({ code }) => code))].sort().join(" ");
  });
}

function pick<Case>(cases: readonly Case[], reasonOf: (one: Case) => string): Case[] {
  const counts = new Map<string, number>();
  return cases.filter((one) => {
    const reason = reasonOf(one);
    const count = counts.get(reason) ?? 0;
    counts.set(reason, count + 1);
    return count < enough;
  });
}

/** A row a line. */
function write(
  path: string,
  { rows, ...head }: { rows: readonly unknown[]; [member: string]: unknown },
): void {
  const lines = rows.map((row) => JSON.stringify(row));
  writeFileSync(path, `${JSON.stringify(head).slice(0, -1)},"rows":[\n${lines.join(",\n")}\n]}\n`);
}
