import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { accountOfAccessKeyId, temporaryAccessKeyId } from "../../../src/sandbox/aws/access-key-id.ts";

it.each([
  ["ASIAQNZGKIQY56JQ7WML", "029608264753"],
  ["ASIAY34FZKBOKMUTVV7A", "609629065308"],
])("%s is a key of account %s", (accessKeyId, account) => {
  expect(accountOfAccessKeyId(accessKeyId)).toBe(account);
});

it.each(["AKIAIOSFODNN7EXAMPLE", "ASIAQNZGKIQY56JQ7WM", "ASIAQNZGKIQY56JQ7WM1", ""])(
  "%s tells no account",
  (id) => {
    expect(accountOfAccessKeyId(id)).toBeUndefined();
  },
);

it("a new key tells its account", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (number) => {
      const account = String(number).padStart(12, "0");
      expect(accountOfAccessKeyId(temporaryAccessKeyId(account, randomBytes(5)))).toBe(account);
    }),
  );
});
