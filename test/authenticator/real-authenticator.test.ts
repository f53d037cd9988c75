/**
 * src/authenticator against the real aws-iam-authenticator, case by case. Run by scripts/compare-authenticator, which builds
 * the real one; without it, vectors.test.ts judges by recorded verdicts.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mapIdentity } from "../../src/authenticator/mapping/mapping.ts";
import { partitions } from "../../src/aws/partition.ts";
import { awsAuthData, editedAwsAuth } from "./mapping/generated-aws-auth.ts";
import { bob, readOnly, roleIdentity } from "./mapping/identities.ts";
import { mutatedTokens, signedAt } from "./token-form/mutated-token.ts";
import { asked, hostCases, mapCases as chosenMaps, tokenCases as chosenTokens } from "./chosen-cases.ts";
import { writeMaps, writeTokens } from "./write-vectors.ts";
import {
  agree,
  askReal,
  ourToken,
  ourUsers,
  theirToken,
  type MapCase,
  type TokenCase,
} from "./real-authenticator.ts";

const program = process.env["REAL_AUTHENTICATOR"] ?? "";
const seed = Number(process.env["REAL_AUTHENTICATOR_SEED"] ?? "1");
const numRuns = Number(process.env["REAL_AUTHENTICATOR_CASES"] ?? "20000");
/** Where vectors are to be written. */
const vectors = process.env["REAL_AUTHENTICATOR_VECTORS"] ?? "";
const now = new Date(signedAt.getTime() + 200);

const tokenArbitrary = fc.record({
  token: mutatedTokens(),
  partition: fc.oneof(
    { weight: 3, arbitrary: fc.constant("aws") },
    fc.constantFrom(...partitions.map(({ name }) => name)),
  ),
  region: fc.constantFrom("", "us-west-2", "xx-new-1"),
  now: fc.constant(now),
});

const identities = [
  readOnly,
  bob,
  roleIdentity({ session: "alice@example.com" }),
  roleIdentity({ session: "i-01234567" }),
  roleIdentity({ session: "$&{{AccountID}}@" }),
  roleIdentity({ role: "AWSReservedSSO_read_0123456789abcdef" }),
  roleIdentity({ partition: "aws-us-gov" }),
];

describe.skipIf(program === "")(`seed ${seed}, ${numRuns} cases each`, { timeout: 600_000 }, () => {
  it("tokens chosen by hand", () => {
    expect(tokenDifferences([...chosenTokens, ...hostCases])).toEqual([]);
  });

  it("ConfigMaps chosen by hand", () => {
    expect(mapDifferences(chosenMaps)).toEqual([]);
  });

  it("generated tokens: the same check fails, or the same request goes to STS", () => {
    expect(tokenDifferences(generatedTokens(seed, numRuns))).toEqual([]);
  });

  it("generated ConfigMaps: the same user for each identity, or none", () => {
    expect(mapDifferences(generatedMaps(seed, numRuns))).toEqual([]);
  });

  it.runIf(vectors !== "")("vectors are written", () => {
    writeTokens(vectors, program, {
      chosen: chosenTokens,
      generated: [...hostCases, ...generatedTokens(seed, 4000)],
    });
    const generated = generatedMaps(seed, 1500).map(({ data }) => ({ data, identities: asked }));
    writeMaps(vectors, program, { chosen: chosenMaps, generated });
  });
});

function generatedTokens(withSeed: number, count: number): TokenCase[] {
  return fc.sample(tokenArbitrary, { seed: withSeed, numRuns: count });
}

/** Half of them are edited at random. */
function generatedMaps(withSeed: number, count: number): MapCase[] {
  const chosen = fc.constantFrom(...chosenMaps.map(({ data }) => data));
  const some = fc.oneof(awsAuthData, editedAwsAuth(fc.oneof(awsAuthData, chosen)));
  return fc.sample(some, { seed: withSeed, numRuns: count }).map((data) => ({ data, identities }));
}

/** The first ten. */
function tokenDifferences(cases: readonly TokenCase[]): unknown[] {
  const verdicts = askReal(program, cases);
  const differences = cases.flatMap((one, index) => {
    const verdict = verdicts[index];
    if (!verdict) expect.fail("fewer verdicts than cases");
    const [ours, theirs] = [ourToken(one).outcome, theirToken(verdict)];
    return agree(ours, theirs, one.token) ? [] : [{ ...one, ours, theirs, error: verdict.error }];
  });
  expect(verdicts.filter(({ error }) => error === "").length).toBeGreaterThan(cases.length / 50);
  return differences.slice(0, 10);
}

function mapDifferences(cases: readonly MapCase[]): unknown[] {
  const verdicts = askReal(program, cases);
  const differences = cases.flatMap((one, index) => {
    const [ours, theirs] = [ourUsers(one), verdicts[index]?.users ?? []];
    const isSame = JSON.stringify(ours) === JSON.stringify(theirs) || isByChance(one);
    return isSame ? [] : [{ data: one.data, ours, theirs }];
  });
  const mapped = verdicts.filter(({ users }) => users.some((user) => user !== null));
  expect(mapped.length).toBeGreaterThan(cases.length / 50);
  return differences.slice(0, 10);
}

/** Of two users whose ARNs differ in case alone, the mapper takes either. */
function isByChance({ data, identities: all }: MapCase): boolean {
  return all.some((identity) => {
    const verdict = mapIdentity(data, identity);
    return verdict.kind === "mapped" && verdict.warnings.some(({ code }) => code === "MAPPING_AMBIGUOUS");
  });
}
