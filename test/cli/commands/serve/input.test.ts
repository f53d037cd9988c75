import { describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { serverInput } from "../../../../src/cli/commands/serve/input.ts";
import { runProgram } from "../../../../src/cli/program.ts";
import { codeOf, rejectionOf } from "../../../failure.ts";
import { machineIn, portsWith } from "../../../ports.ts";

const input = (flags: Readonly<Record<string, string>>) =>
  serverInput(new Flags(flags), machineIn({ HOME: "/home/alice" }));

describe("the options of serve", () => {
  it("have defaults: the address and port of aws_signing_helper", () => {
    expect(input({})).toEqual({
      at: { address: "127.0.0.1", port: 9911 },
      hopLimit: undefined,
      health: undefined,
      tokenFile: undefined,
    });
  });

  it("are read", () => {
    const flags = { listen: "[::1]", port: "0", "hop-limit": "1", "token-file": "~/token" };
    expect(input({ ...flags, "health-listen": "[::]:9912" })).toEqual({
      at: { address: "::1", port: 0 },
      hopLimit: 1,
      health: { address: "::", port: 9912 },
      tokenFile: { path: "/home/alice/token", source: "--token-file" },
    });
    expect(input({ "health-listen": "fd00::1:9912" }).health).toEqual({ address: "fd00::1", port: 9912 });
  });

  it.each([
    [
      "listen",
      "SERVE_ADDRESS_INVALID",
      ["localhost", "127.1", "0x7f.0.0.1", "256.0.0.1", "::g", "1.2.3.4:80", "*", "%"],
    ],
    ["port", "SERVE_PORT_INVALID", ["65536", "-1", "http", "1.5", " 1", "0x10"]],
    ["hop-limit", "SERVE_HOP_LIMIT_INVALID", ["0", "256", "-1", "x"]],
    ["health-listen", "SERVE_ADDRESS_INVALID", ["9912", ":9912", "0.0.0.0", "host:9912"]],
    ["health-listen", "SERVE_PORT_INVALID", ["0.0.0.0:99999"]],
    ["token-file", "PATH_EXPECTED", ["-----BEGIN PRIVATE KEY-----"]],
  ] as const)("--%s fails with %s for each of %j", (flag, code, values) => {
    for (const value of values)
      expect(
        codeOf(() => input({ [flag]: value })),
        value,
      ).toBe(code);
    expect(codeOf(() => input({ [flag]: "" }))).toBe("FLAG_EMPTY");
  });
});

describe("the options of aws_signing_helper serve", () => {
  const run = (...args: string[]) => rejectionOf(runProgram(["serve", ...args], portsWith()));

  it("that request the default are accepted", async () => {
    expect(
      (await run("--with-proxy", "--reuse-pin", "--no-tpm-key-password", "--debug", "--region=us-west-2"))
        .code,
    ).toBe("OPTION_MISSING");
  });

  it("without an equivalent are refused with what to use instead", async () => {
    expect((await run("--no-verify-ssl")).hint).toContain("AWS_CA_BUNDLE");
    expect((await run("--pkcs8-password=x")).code).toBe("FLAG_IS_PASSWORD");
  });
});
