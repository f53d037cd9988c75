/** `token debug` and the sandbox judge tokens with code of their own: two readings of one verifier must agree. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { partitions } from "../../../src/aws/partition.ts";
import { readTokenForm, type TokenCheckName } from "../../../src/authenticator/token-form/token-form.ts";
import { checkTokenForm } from "../../../src/sandbox/cluster/authenticator/token-form.ts";
import { mutatedTokens, presignedUrl, signedAt, tokenOf } from "./mutated-token.ts";

const now = new Date(signedAt.getTime() + 200);

it("on 10,000 mutated tokens: the same verdict, and the same check that fails", () => {
  const commercial = fc.constantFrom(...partitions.filter(({ name }) => name === "aws"));
  const places = fc.oneof({ weight: 3, arbitrary: commercial }, fc.constantFrom(...partitions));
  let accepted = 0;
  fc.assert(
    fc.property(mutatedTokens(), places, (token, partition) => {
      const form = readTokenForm(token, { now, partition });
      if (!form.failure) accepted++;
      expect(oursAsTheirs(form.failure?.name)).toBe(theirs(token, partition.name));
    }),
    { numRuns: 10_000, seed: 20261123 },
  );
  expect(accepted).toBeGreaterThan(1000);
});

it("but on hosts with the label global, of which only STS's own may ever be called", () => {
  const token = tokenOf(presignedUrl({ host: "sts.global.evil.example" }));
  expect(theirs(token, "aws")).toBe("none");
  expect(readTokenForm(token, { now }).failure?.code).toBe("TOKEN_HOST_UNKNOWN");
});

/** The verifier looks for unknown and for repeated parameters in one pass, in no order. */
function oursAsTheirs(name: TokenCheckName | undefined): string {
  return name === "parameters-once" || name === "parameters-known" ? "parameters" : (name ?? "none");
}

function theirs(token: string, partition: string): string {
  try {
    checkTokenForm(token, { partition, region: "" }, now);
    return "none";
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    return failures.find(([words]) => words.test(message))?.[1] ?? message;
  }
}

const failures: readonly (readonly [RegExp, string])[] = [
  ["token is too large", "length"],
  ["token is missing expected", "prefix"],
  ["illegal base64 data", "base64url"],
  ['parse "', "url"],
  ["unexpected scheme", "scheme"],
  ["could not parse region|global endpoint|invalid region|unexpected hostname|partition {", "host"],
  ["unexpected path", "path"],
  ["malformed query", "query"],
  ["duplicate query|non-whitelisted|query parameter with multiple", "parameters"],
  ["unexpected action", "action"],
  ["client did not sign", "cluster-header"],
  ["invalid X-Amz-Expires", "expires"],
  ["X-Amz-Date parameter must|error parsing X-Amz-Date", "date"],
  ["X-Amz-Date parameter is expired", "age"],
].map(([words = "", check = ""]) => [
  new RegExp(`^input token was not properly formatted: (?:${words})`),
  check,
]);
