import fc from "fast-check";
import { homedir } from "node:os";
import { machineIn } from "../../ports.ts";
import { dependencies } from "../../../src/dependencies.ts";
import { describe, expect, it } from "vitest";
import { defaultConfigPath } from "../../../src/cli/settings/config-file.ts";
import { parseConfigFile } from "../../../src/cli/settings/config-yaml.ts";
import { expandHome } from "../../../src/cli/settings/settings.ts";
import { rejectionOf } from "../../failure.ts";
import { matching } from "../../matching.ts";

const parse = (text: string | Uint8Array, name = "/etc/eks/config.yaml") =>
  Promise.resolve().then(() =>
    Object.fromEntries(
      parseConfigFile({ name, bytes: Buffer.from(text), mode: 0o600 }, machineIn({ HOME: "/home/alice" })),
    ),
  );

describe("the config file", () => {
  it("sets options by their names, one a line", async () => {
    expect(
      await parse("# of the demo cluster\ncluster-name: demo\nregion: us-west-2\nverbose: true\n"),
    ).toEqual({
      "cluster-name": "demo",
      region: "us-west-2",
      verbose: "true",
    });
  });

  it("can name tokens and agents, which are in no folder", async () => {
    const values = {
      certificate: "pkcs11:token=a;id=%01;type=cert",
      "private-key": "ssh-agent:/run/agent",
      intermediates: "PKCS11:token=a",
    };
    expect(await parse(JSON.stringify({ ...values, "password-file": "pin" }))).toEqual({
      ...values,
      "password-file": "/etc/eks/pin",
    });
  });

  it("may use camelCase, quotes, JSON, CRLF, a byte-order mark, anchors and aliases", async () => {
    expect(await parse("\uFEFFclusterName: 'demo'\r\nregion: \"us-west-2\"\r\n")).toEqual({
      "cluster-name": "demo",
      region: "us-west-2",
    });
    expect(await parse('{"cluster-name": "demo"}')).toEqual({ "cluster-name": "demo" });
    expect(await parse("cluster-name: &x demo\nrole-session-name: *x\n")).toEqual({
      "cluster-name": "demo",
      "role-session-name": "demo",
    });
  });

  it.each(["", "# nothing yet\n", "---\n", "\n\n", "{}", "null"])("may set nothing: %j", async (text) => {
    expect(await parse(text)).toEqual({});
  });

  it.each([
    "007",
    "1e3",
    "0x10",
    "1.50",
    "12345678901234567890",
    "true",
    "yes",
    "2026-11-22",
    "0o17",
    ".inf",
  ])("takes %s as it is written, and never as a number", async (text) => {
    expect(await parse(`cluster-name: ${text}`)).toEqual({ "cluster-name": text });
  });

  it.each([
    ["alice.pem", "/etc/eks/alice.pem"],
    ["../alice.pem", "/etc/alice.pem"],
    ["./tls/alice.pem", "/etc/eks/tls/alice.pem"],
    ["/tls/alice.pem", "/tls/alice.pem"],
    ["~/alice.pem", "/home/alice/alice.pem"],
    ["'~alice/alice.pem'", "/etc/eks/~alice/alice.pem"],
  ])("names files from its own folder on: %s is %s", async (text, path) => {
    expect(await parse(`certificate: ${text}\nprivate-key: ${text}\nintermediates: ${text}`)).toEqual({
      certificate: path,
      "private-key": path,
      intermediates: path,
    });
  });

  it("changes nothing but paths", async () => {
    expect(await parse("role-session-name: ~/alice")).toEqual({ "role-session-name": "~/alice" });
  });

  it.each([
    [
      "cluster-nam: demo",
      "CONFIG_FILE_UNKNOWN_KEY",
      '/etc/eks/config.yaml sets "cluster-nam", which is not an option',
    ],
    [
      "config: other.yaml",
      "CONFIG_FILE_UNKNOWN_KEY",
      '/etc/eks/config.yaml sets "config", which is not an option',
    ],
    [
      "__proto__: x",
      "CONFIG_FILE_UNKNOWN_KEY",
      '/etc/eks/config.yaml sets "__proto__", which is not an option',
    ],
    [
      "<<: {region: us-west-2}",
      "CONFIG_FILE_UNKNOWN_KEY",
      '/etc/eks/config.yaml sets "<<", which is not an option',
    ],
    ["region:", "CONFIG_FILE_INVALID", "/etc/eks/config.yaml sets region to a value that is not one text"],
    ["region: ~", "CONFIG_FILE_INVALID", "/etc/eks/config.yaml sets region to a value that is not one text"],
    [
      "region: null",
      "CONFIG_FILE_INVALID",
      "/etc/eks/config.yaml sets region to a value that is not one text",
    ],
    ['region: ""', "CONFIG_FILE_INVALID", "/etc/eks/config.yaml sets region to a value that is not one text"],
    [
      "region: [a]",
      "CONFIG_FILE_INVALID",
      "/etc/eks/config.yaml sets region to a value that is not one text",
    ],
    [
      "region: {a: b}",
      "CONFIG_FILE_INVALID",
      "/etc/eks/config.yaml sets region to a value that is not one text",
    ],
    [
      "roleArn: a\nrole-arn: b",
      "CONFIG_FILE_INVALID",
      "/etc/eks/config.yaml sets role-arn to a value that is not one text",
    ],
    [
      "region: a\n\nregion: b",
      "CONFIG_FILE_INVALID",
      "/etc/eks/config.yaml is not YAML: line 3, duplicated mapping key",
    ],
    [
      "region: a\ncluster-name:\n\tdemo",
      "CONFIG_FILE_INVALID",
      "/etc/eks/config.yaml is not YAML: line 3, tab characters must not be used in indentation",
    ],
    [
      "region: a\ncluster-name: b: c",
      "CONFIG_FILE_INVALID",
      "/etc/eks/config.yaml is not YAML: line 2, bad indentation of a mapping entry",
    ],
    ["region: *nobody", "CONFIG_FILE_INVALID", "/etc/eks/config.yaml is not YAML: line 1"],
    ["region: !!js/function x", "CONFIG_FILE_INVALID", "/etc/eks/config.yaml is not YAML: line 1"],
    [
      "\0",
      "CONFIG_FILE_INVALID",
      "/etc/eks/config.yaml is not YAML: line 1, null byte is not allowed in input",
    ],
    [
      "region: a\n---\nregion: b",
      "CONFIG_FILE_INVALID",
      "/etc/eks/config.yaml contains more than one YAML document",
    ],
    ["- region", "CONFIG_FILE_INVALID", "/etc/eks/config.yaml is not a list of options with values"],
    ["region", "CONFIG_FILE_INVALID", "/etc/eks/config.yaml is not a list of options with values"],
  ])("is refused: %j", async (text, code, message) => {
    expect(await rejectionOf(parse(text))).toMatchObject({
      category: "usage",
      hop: "configuration",
      code,
      message,
    });
  });

  it("is refused when aliases make a mountain of a molehill", async () => {
    const bomb = `${Array.from({ length: 20 }, (_, index) => `x${index}: &x${index} [${index ? `*x${index - 1}, *x${index - 1}` : "lol"}]`).join("\n")}\n`;
    expect((await rejectionOf(parse(bomb))).code).toMatch(/^CONFIG_FILE_/);
  });

  it("whatever it holds, is read or refused", async () => {
    const line = fc.constantFrom(
      "region: a",
      "cluster-name: b",
      "- x",
      "  y: z",
      "\t",
      "'",
      "|",
      "---",
      "#",
      "{",
      "&a *a",
      "? x",
      ": y",
      "\u0000",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.uint8Array(),
          fc.array(line).map((lines) => lines.join("\n")),
        ),
        async (content) => {
          const outcome = await parse(typeof content === "string" ? content : Buffer.from(content)).catch(
            (error: unknown) => error,
          );
          if (outcome instanceof Error) expect(outcome).toHaveProperty("code", matching(/^CONFIG_FILE_/));
        },
      ),
    );
  });
});

describe("its usual place is", () => {
  it.each<[string, NodeJS.Platform, Record<string, string>, string]>([
    [
      "under XDG_CONFIG_HOME",
      "linux",
      { XDG_CONFIG_HOME: "/xdg", HOME: "/home/alice" },
      "/xdg/eks-x509/config.yaml",
    ],
    [
      "under XDG_CONFIG_HOME on a Mac too",
      "darwin",
      { XDG_CONFIG_HOME: "/xdg", HOME: "/Users/alice" },
      "/xdg/eks-x509/config.yaml",
    ],
    ["~/.config on Linux", "linux", { HOME: "/home/alice" }, "/home/alice/.config/eks-x509/config.yaml"],
    [
      "Application Support on a Mac",
      "darwin",
      { HOME: "/Users/alice" },
      "/Users/alice/Library/Application Support/eks-x509/config.yaml",
    ],
    [
      "APPDATA on Windows",
      "win32",
      { APPDATA: "/roaming", HOME: "/home/alice" },
      "/roaming/eks-x509/config.yaml",
    ],
    [
      "AppData of the home folder on Windows",
      "win32",
      { HOME: "/home/alice" },
      "/home/alice/AppData/Roaming/eks-x509/config.yaml",
    ],
    [
      "not a relative XDG_CONFIG_HOME, which its specification says to ignore",
      "linux",
      { XDG_CONFIG_HOME: "xdg", HOME: "/home/alice" },
      "/home/alice/.config/eks-x509/config.yaml",
    ],
  ])("%s", (_what, platform, env, path) => {
    expect(defaultConfigPath(env, machineIn(env, { platform }))).toBe(path);
  });

  it("never in the current folder, which may be somebody else's: a HOME that is relative counts as unset", () => {
    for (const HOME of ["", ".", "alice"])
      expect(defaultConfigPath({ HOME }, dependencies({ HOME }).machine)).toBe(
        `${homedir()}/.config/eks-x509/config.yaml`,
      );
  });
});

it("~/ is the home folder, and a ~ elsewhere is a ~", () => {
  const machine = machineIn({ HOME: "/home/alice" });
  expect(["~/a", "~\\a", "~", "~bob/a", "a/~/b", "/a"].map((path) => expandHome(path, machine))).toEqual([
    "/home/alice/a",
    "/home/alice/a",
    "~",
    "~bob/a",
    "a/~/b",
    "/a",
  ]);
});
