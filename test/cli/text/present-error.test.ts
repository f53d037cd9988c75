import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { presentError } from "../../../src/cli/text/present-error.ts";
import { EksX509Error, exitCodes, type Category } from "../../../src/foundation/errors.ts";

const failure = (changes: Partial<ConstructorParameters<typeof EksX509Error>[0]> = {}) =>
  new EksX509Error({
    category: "identity",
    hop: "certificate",
    code: "CERTIFICATE_EXPIRED",
    message: "alice.pem: expired",
    hint: "Renew it.",
    ...changes,
  });

describe("an error, as people see it", () => {
  it("is one message: hop, what was wrong, code; and what to do, in a line of its own", () => {
    expect(presentError(failure())).toEqual({
      text: "eks-x509: certificate: alice.pem: expired (CERTIFICATE_EXPIRED)\n  Renew it.\n",
      exitCode: 3,
    });
  });

  it.each<[Category, number]>([
    ["other", 1],
    ["usage", 2],
    ["identity", 3],
    ["network", 4],
    ["refused", 5],
  ])("of the category %s ends the program with %i: scripts depend on it", (category, exitCode) => {
    expect(presentError(failure({ category })).exitCode).toBe(exitCode);
    expect(exitCodes[category]).toBe(exitCode);
  });

  it("never prints its cause or its stack", () => {
    const { text } = presentError(failure({ cause: new Error("secret") }));
    expect(text).not.toMatch(/secret| at /);
  });

  it("of an unknown kind is printed with its kind and code, never with its message, which may quote a secret", () => {
    const error = Object.assign(new TypeError("secret"), { code: "ERR_X" });
    expect(presentError(error)).toEqual({
      text:
        "eks-x509: configuration: an unexpected error: TypeError ERR_X (UNEXPECTED)\n" +
        "  This is a defect of eks-x509. Report it with the command and its --verbose output.\n",
      exitCode: 1,
    });
    for (const thrown of ["secret", undefined, null, 1, { message: "secret" }])
      expect(presentError(thrown).text).not.toContain("secret");
  });

  it("of a reader that has gone is silent", () => {
    expect(presentError(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }))).toEqual({
      text: "",
      exitCode: 1,
    });
  });

  it("of a current folder that was deleted says so", () => {
    const error = Object.assign(new Error("ENOENT: no such file or directory, uv_cwd"), {
      code: "ENOENT",
      syscall: "uv_cwd",
    });
    expect(presentError(error)).toEqual({
      text:
        "eks-x509: configuration: the current folder does not exist (CURRENT_FOLDER_MISSING)\n" +
        "  Change to an existing folder and run the command there.\n",
      exitCode: 2,
    });
    expect(presentError(Object.assign(new Error("x"), { code: "ENOENT" })).text).toContain("UNEXPECTED");
  });

  it("of a full disk says so", () => {
    expect(presentError(Object.assign(new Error("x"), { code: "ENOSPC" })).text).toContain(
      "the output cannot be written: ENOSPC (OUTPUT_FAILED)",
    );
  });

  it.each([
    ["escape sequences", "\u001b[31mred\u001b]0;title\u0007"],
    ["C1 controls", "\u009b31m"],
    ["line breaks of every kind", "a\nb\r\nc\u2028d\u2029e\u0085f"],
    ["NUL and backspace", "a\0b\b\u007f"],
    ["reversed text", "\u202egnp.exe\u2066\u2069\u200f"],
  ])("holds no %s: a name in a certificate must not steer the terminal", (_what, name) => {
    const { text } = presentError(failure({ message: name, hint: name }));
    expect(text.split("\n")).toHaveLength(3);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  });

  it("whatever it says, is two lines", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (message, hint) => {
        expect(presentError(failure({ message, hint })).text).toMatch(
          /^eks-x509: certificate: [^\n]* \(CERTIFICATE_EXPIRED\)\n {2}[^\n]*\n$/,
        );
      }),
    );
  });
});
