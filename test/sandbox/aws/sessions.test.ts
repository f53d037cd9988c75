import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { accountOfAccessKey } from "../../../src/aws/access-key.ts";
import { temporaryAccessKeyId } from "../../../src/sandbox/aws/sessions.ts";

it("a new access key id has the account that the program reads in it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (number) => {
      const account = String(number).padStart(12, "0");
      expect(accountOfAccessKey(temporaryAccessKeyId(account, randomBytes(5)))).toBe(account);
    }),
  );
});
