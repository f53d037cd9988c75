import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenIn } from "../../../src/authenticator/token-form/token-text.ts";

const token = "k8s-aws-v1.aHR0cHM6Ly9zdHM";
const credential = {
  apiVersion: "client.authentication.k8s.io/v1",
  kind: "ExecCredential",
  status: { token },
};

describe("the token in what somebody pasted", () => {
  it.each([
    ["bare", token],
    ["with white space around it", `\r\n\t ${token} \n`],
    ["behind a byte order mark", `\u{feff}${token}\r\n`],
    ["behind Bearer", `Bearer ${token}`],
    ["behind bearer, as the API server takes it", `bearer   ${token}\n`],
    ["as a header", `Authorization: Bearer ${token}\r\n`],
    ["as a header in lower case", `authorization:bearer ${token}`],
    ["in quotes, as jq prints it", `"${token}"\n`],
    ["in an ExecCredential", JSON.stringify(credential)],
    ["in an indented ExecCredential", `\n${JSON.stringify(credential, undefined, 2)}\n`],
  ])("%s", (_, text) => {
    expect(tokenIn(text)).toBe(token);
  });

  it.each([
    ["inner white space", `k8s-aws-v1.aHR0 cHM6`],
    ["another scheme's token", "eyJhbGciOiJub25lIn0.e30."],
    ["a lone word", "bearers"],
  ])("stays as it is, for the checks to see: %s", (_, text) => {
    expect(tokenIn(text)).toBe(text);
  });

  it("stays as it is inside an ExecCredential: client-go sends it so", () => {
    expect(tokenIn(JSON.stringify({ ...credential, status: { token: `${token}\n` } }))).toBe(`${token}\n`);
  });

  it.each([
    ["TOKEN_INPUT_EMPTY", ""],
    ["TOKEN_INPUT_EMPTY", " \n"],
    ["TOKEN_INPUT_EMPTY", "Bearer "],
    ["TOKEN_INPUT_EMPTY", '""'],
    ["TOKEN_INPUT_NOT_BEARER", "Authorization: Basic dXNlcg=="],
    ["TOKEN_INPUT_NOT_BEARER", `Authorization: ${token}`],
    ["TOKEN_INPUT_NOT_JSON", `{"kind": "ExecCredential",`],
    ["TOKEN_INPUT_NOT_JSON", `"${token}`],
    ["TOKEN_INPUT_UTF16", Buffer.from(`\ufeff${token}\r\n`, "utf16le").toString("utf8")],
    ["TOKEN_INPUT_NOT_EXEC_CREDENTIAL", `{"kind": "TokenReview", "spec": {"token": "${token}"}}`],
    ["TOKEN_INPUT_NO_TOKEN", JSON.stringify({ ...credential, status: undefined })],
    ["TOKEN_INPUT_NO_TOKEN", JSON.stringify({ ...credential, status: { token: "" } })],
    ["TOKEN_INPUT_NO_TOKEN", JSON.stringify({ ...credential, status: { token: 7 } })],
    ["TOKEN_INPUT_CERTIFICATE", JSON.stringify({ ...credential, status: { clientCertificateData: "…" } })],
  ])("%s: %j", (code, text) => {
    const problem = tokenIn(text);
    expect(problem).toMatchObject({ code });
    const { message, hint } = typeof problem === "object" ? problem : { message: problem, hint: "" };
    expect(message + hint).not.toContain(token);
  });

  it("is text without white space around it, or a problem, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const found = tokenIn(text);
        if (typeof found === "string") expect(found).not.toBe("");
        else expect(found.code).toMatch(/^TOKEN_INPUT_/);
      }),
      { numRuns: 300, seed: 20261123 },
    );
  });
});
