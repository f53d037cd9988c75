import { describe, expect, it } from "vitest";
import { sandboxDuration } from "../../../../src/cli/commands/sandbox/run.ts";
import { codeOf } from "../../../failure.ts";

describe("eks-x509 sandbox --session-duration", () => {
  it.each([
    [undefined, undefined],
    ["62", 62],
    ["900", 900],
    ["43200", 43200],
  ])("%s: %s seconds", (text, seconds) => {
    expect(sandboxDuration(text)).toBe(seconds);
  });

  it.each(["", "61", "43201", "-75", "75s", "1e3", "0075", "99999999999999999999"])("%j is none", (text) => {
    expect(codeOf(() => sandboxDuration(text))).toBe("SANDBOX_SESSION_DURATION");
  });
});
