import { describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { checkAccount } from "../../../../src/cli/commands/sandbox/run.ts";
import { codeOf } from "../../../failure.ts";

const code = (flags: Record<string, string>) =>
  codeOf(() => {
    checkAccount(new Flags(flags));
  });

describe("eks-x509 sandbox --account empty", () => {
  it.each(["certificate", "private-key", "trust-anchor", "aws-auth", "trust-policy", "profile-arn"])(
    "ignores no --%s: it is refused",
    (name) => {
      expect(code({ account: "empty", [name]: "x" })).toBe("SANDBOX_ACCOUNT_EMPTY");
      expect(code({ account: "furnished", [name]: "x" })).toBeUndefined();
    },
  );

  it.each(["role-arn", "assume-role-arn", "session-duration"])("has --%s", (name) => {
    expect(code({ account: "empty", [name]: "x" })).toBeUndefined();
  });
});
