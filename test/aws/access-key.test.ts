import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountOfAccessKey } from "../../src/aws/access-key.ts";

describe("the account in an access key id", () => {
  it.each([
    ["ASIAQNZGKIQY56JQ7WML", "029608264753"],
    ["ASIAY34FZKBOKMUTVV7A", "609629065308"],
  ])("%s: %s", (accessKeyId, account) => {
    expect(accountOfAccessKey(accessKeyId)).toBe(account);
  });

  it.each([
    ["from before the scheme", "AKIAIOSFODNN7EXAMPLE"],
    ["of more than 12 digits", "ASIA7777777777777777"],
    ["too short", "ASIAQNZGKIQY56JQ7WM"],
    ["in lower case", "asiaqnzgkiqy56jq7wml"],
    ["with a digit that base32 has not", "ASIAQNZGKIQY56JQ7WM1"],
    ["empty", ""],
  ])("is not to be had %s", (_, accessKeyId) => {
    expect(accountOfAccessKey(accessKeyId)).toBeUndefined();
  });

  it("is 12 digits or undefined, whatever the text", () => {
    const letters = fc.stringMatching(/^A[A-Z]{3}[Q-Z2-7][A-Z2-7]{15}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), letters), (text) => {
        expect(accountOfAccessKey(text) ?? "000000000000").toMatch(/^\d{12}$/);
      }),
      { numRuns: 300, seed: 20261123 },
    );
  });
});
