import { describe, expect, it } from "vitest";
import { tokenGiven } from "../../../../src/cli/commands/token-debug/input.ts";
import { rejectionOf } from "../../../failure.ts";

const token = "k8s-aws-v1.aHR0cHM6Ly9zdHM";

function given(argument: string | undefined, input?: string): Promise<string | undefined> {
  const stdin = (): Promise<Uint8Array> =>
    input === undefined
      ? Promise.reject(new Error("stdin was not to be read"))
      : Promise.resolve(Buffer.from(input));
  return tokenGiven(argument, { stdin });
}

describe("the token that is asked about", () => {
  it("is the argument, and stdin is left alone", async () => {
    expect(await given(token)).toBe(token);
    expect(await given(undefined)).toBeUndefined();
  });

  it.each([
    ["bare", `${token}\n`],
    ["as a header", `Authorization: Bearer ${token}\r\n`],
    ["in an ExecCredential", JSON.stringify({ kind: "ExecCredential", status: { token } })],
  ])("is what stdin has for -, %s", async (_how, input) => {
    expect(await given("-", input)).toBe(token);
  });

  it.each([
    ["-", "", "TOKEN_INPUT_EMPTY"],
    ["", undefined, "TOKEN_INPUT_EMPTY"],
    ["-", "{", "TOKEN_INPUT_NOT_JSON"],
    ["-", '{"kind":"Pod"}', "TOKEN_INPUT_NOT_EXEC_CREDENTIAL"],
    ["-", "Authorization: Basic dXNlcjpwYXNzd29yZA==", "TOKEN_INPUT_NOT_BEARER"],
  ])("%s with %s: %s, and nothing of it is repeated", async (argument, input, code) => {
    const failure = await rejectionOf(given(argument, input));
    expect(failure).toMatchObject({ category: "usage", hop: "token", code });
    expect(failure.message + failure.hint).not.toContain("dXNlcjp");
  });
});
