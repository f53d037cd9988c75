import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFlags } from "../../../src/cli/settings/flags.ts";
import { optionEntries } from "../../../src/cli/settings/options.ts";
import { keyPair, pkcs8 } from "../../certificates.ts";
import { codeOf, failureOf } from "../../failure.ts";

const parsed = (...args: string[]) => Object.fromEntries(parseFlags(args));

describe("get-token's flags", () => {
  it("are given as --NAME VALUE or --NAME=VALUE", () => {
    expect(parsed("--cluster-name", "demo", "--region=us-west-2")).toEqual({
      "cluster-name": "demo",
      region: "us-west-2",
    });
  });

  it("hold any value, = and spaces and a single hyphen included", () => {
    expect(parsed("--certificate=a=b c", "--role-session-name", "-x")).toEqual({
      certificate: "a=b c",
      "role-session-name": "-x",
    });
  });

  it("the last of several wins, as with kubectl's", () => {
    expect(parsed("--region", "us-east-1", "--region=us-west-2")).toEqual({ region: "us-west-2" });
  });

  it("--verbose needs no value, and takes one after =", () => {
    expect(parsed("--verbose")).toEqual({ verbose: "true" });
    expect(parsed("--verbose=false")).toEqual({ verbose: "false" });
    expect(parsed("--verbose", "--region", "us-west-2")).toEqual({ verbose: "true", region: "us-west-2" });
  });

  it("--with-proxy of aws_signing_helper is taken, and changes nothing: the proxy is used anyway", () => {
    expect(parsed("--with-proxy", "--region", "us-west-2")).toEqual({ region: "us-west-2" });
  });

  it.each([
    "--with-proxy=true",
    "--with-proxy=1",
    "--with-proxy=T",
    "--no-verify-ssl=0",
    "--reuse-pin=false",
    "--no-tpm-key-password=true",
    "--no-verify-ssl=false",
  ])("%s of aws_signing_helper has the result that it has there", (flag) => {
    expect(parsed(flag, "--region", "us-west-2")).toEqual({ region: "us-west-2" });
  });

  it.each([
    ["--with-proxy=false", "NO_PROXY"],
    ["--no-verify-ssl", "AWS_CA_BUNDLE"],
    ["--no-verify-ssl=true", "AWS_CA_BUNDLE"],
    ["--cert-selector", "--certificate"],
    ["--cert-selector=file:///x", "--certificate"],
    ["--system-store-name", "--certificate"],
    ["--system-store-name=MY", "--certificate"],
    ["--use-latest-expiring-certificate", "--certificate"],
    ["--use-latest-expiring-certificate=true", "--certificate"],
  ])("%s of aws_signing_helper is refused, with what to use instead", (flag, instead) => {
    const [name = ""] = flag.split("=");
    const { code, message, hint } = failureOf(() => parseFlags([flag, "MY"]));
    expect({ code, message }).toEqual({
      code: "FLAG_UNKNOWN",
      message: `get-token has no such option ${name}`,
    });
    expect(hint).toContain(instead);
  });

  it("know every option of the table", () => {
    for (const [name, { type }] of optionEntries)
      expect(parsed(`--${name}${type === "string" ? "=x" : ""}`)).toEqual({
        [name]: type === "string" ? "x" : "true",
      });
  });

  it.each([
    [["--no-such", "x"], "FLAG_UNKNOWN", "get-token has no such option --no-such"],
    [["-v"], "FLAG_UNKNOWN", "get-token has no such option -v"],
    [["--clustername", "demo"], "FLAG_UNKNOWN", "get-token has no such option --clustername"],
    [["--no-verbose"], "FLAG_UNKNOWN", "get-token has no such option --no-verbose"],
    [["demo"], "FLAG_UNKNOWN", "get-token has no such argument"],
    [["--", "demo"], "FLAG_UNKNOWN", "get-token has no such argument"],
    [["--region"], "FLAG_INVALID", "--region needs a value"],
    [["--region="], "FLAG_INVALID", "--region needs a value"],
    [["--region", ""], "FLAG_INVALID", "--region needs a value"],
    [
      ["--region", "--cluster-name", "demo"],
      "FLAG_INVALID",
      "--region is followed by --cluster-name, not by a value",
    ],
  ])("%j: %s", (args, code, message) => {
    expect(failureOf(() => parseFlags(args))).toMatchObject({
      category: "usage",
      hop: "configuration",
      code,
      message,
    });
  });

  it("can have aws_signing_helper's name of the PKCS#11 module", () => {
    expect(parsed("--pkcs11-lib", "/a.so")).toEqual({ "pkcs11-module": "/a.so" });
    expect(parsed("--pkcs11-lib=/a.so")).toEqual({ "pkcs11-module": "/a.so" });
  });

  it.each(["pkcs8-password", "password", "passphrase", "pin", "key-password", "pkcs12-Passphrase"])(
    "never hold a password: --%s",
    (name) => {
      for (const args of [[`--${name}=hunter2`], [`--${name}`, "hunter2"]]) {
        const { code, message, hint } = failureOf(() => parseFlags(args));
        expect(code).toBe("FLAG_IS_PASSWORD");
        expect(message).toContain(`--${name} is refused`);
        expect(hint).toContain("--password-file");
        expect(message + hint).not.toContain("hunter2");
      }
    },
  );

  it("never repeat a pasted key, in whatever place it was pasted", () => {
    const key = pkcs8(keyPair("p256"));
    for (const args of [[key], [`--${key}`], [`-${key}`], ["--", key]]) {
      const { message, hint } = failureOf(() => parseFlags(args));
      expect(message + hint).not.toContain(key.slice(30, 60));
      expect(message + hint).not.toContain("BEGIN");
    }
  });

  it("leave a key instead of a path, or of a boolean, to be refused as such", () => {
    const key = pkcs8(keyPair("p256"));
    expect(parsed(`--private-key=${key}`, "--verbose=maybe")).toEqual({
      "private-key": key,
      verbose: "maybe",
    });
  });

  it("whatever they hold, are read or refused", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "--region",
        "--verbose",
        "--",
        "-",
        "--=",
        "-x=y",
        "--region=",
        "--__proto__",
        "--constructor=x",
      ),
    );
    fc.assert(
      fc.property(fc.array(word), (args) => {
        expect([undefined, "FLAG_UNKNOWN", "FLAG_INVALID", "FLAG_IS_PASSWORD"]).toContain(
          codeOf(() => parseFlags(args)),
        );
      }),
    );
  });
});
