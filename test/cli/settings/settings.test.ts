import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isOptionName,
  optionEntries,
  optionNamed,
  type OptionName,
} from "../../../src/cli/settings/options.ts";
import { isOn, extensionValues, settingsFrom } from "../../../src/cli/settings/settings.ts";
import { keyPair, pkcs8 } from "../../certificates.ts";
import { failureOf } from "../../failure.ts";

const none = { flags: new Map(), env: {}, extension: new Map(), file: undefined };

describe("a setting comes from", () => {
  const name = fc.constantFrom(...optionEntries.map(([option]) => option));
  const presence = fc.record({
    flag: fc.boolean(),
    extension: fc.boolean(),
    file: fc.boolean(),
    env: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  });

  const fromVariable = (variable: string) => ({ value: `from ${variable}`, source: variable });

  it("flag, own variable, cluster's extension, AWS's variable, config file: the first that has it, for every option", () => {
    fc.assert(
      fc.property(name, presence, (option, has) => {
        const values = (present: boolean, value: string) =>
          new Map<OptionName, string>(present ? [[option, value]] : []);
        const given = optionNamed(option).env.filter((_, index) => has.env[index]);
        const setting = settingsFrom({
          flags: values(has.flag, "from the flag"),
          env: Object.fromEntries(given.map((variable) => [variable, `from ${variable}`])),
          extension: values(has.extension, "from the extension"),
          file: { path: "config.yaml", values: values(has.file, "from the file") },
        }).get(option);
        const expected = [
          ...(has.flag ? [{ value: "from the flag", source: `--${option}` }] : []),
          ...given.filter((variable) => variable.startsWith("EKS_X509_")).map(fromVariable),
          ...(has.extension ? [{ value: "from the extension", source: "the cluster's extension" }] : []),
          ...given.filter((variable) => variable.startsWith("AWS_")).map(fromVariable),
          ...(has.file ? [{ value: "from the file", source: "config.yaml" }] : []),
        ];
        expect(setting).toEqual(expected[0]);
      }),
    );
  });

  it("no empty variable", () => {
    expect(
      settingsFrom({
        ...none,
        env: { EKS_X509_REGION: "", AWS_REGION: "", AWS_DEFAULT_REGION: "us-west-2" },
      }).get("region"),
    ).toEqual({
      value: "us-west-2",
      source: "AWS_DEFAULT_REGION",
    });
  });

  it.each([
    ["region", ["EKS_X509_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"]],
    ["endpoint", ["EKS_X509_ENDPOINT", "AWS_ENDPOINT_URL_ROLESANYWHERE", "AWS_ENDPOINT_URL"]],
  ] as const)("the variables of %s, in this order: %j", (option, variables) => {
    expect(optionNamed(option).env).toEqual(variables);
  });

  it("its own variable, for every option", () => {
    for (const [option, { env }] of optionEntries)
      expect(env[0]).toBe(`EKS_X509_${option.replaceAll("-", "_").toUpperCase()}`);
  });
});

describe("the cluster's extension, which somebody else may have written,", () => {
  const harmless = ["cluster-name", "region", "trust-anchor-arn", "profile-arn", "role-arn"];

  it("may set what belongs to a cluster, in kebab-case or camelCase", () => {
    expect(
      Object.fromEntries(
        extensionValues({
          "cluster-name": "demo",
          region: "us-west-2",
          trustAnchorArn: "a",
          profileArn: "p",
          roleArn: "r",
        }),
      ),
    ).toEqual({
      "cluster-name": "demo",
      region: "us-west-2",
      "trust-anchor-arn": "a",
      "profile-arn": "p",
      "role-arn": "r",
    });
  });

  it("may be absent", () => {
    expect(extensionValues(undefined).size).toBe(0);
    expect(extensionValues({}).size).toBe(0);
  });

  it("may set these options and no other: never a file, a program, an endpoint or a trust store", () => {
    expect(optionEntries.filter(([, { inExtension }]) => inExtension).map(([name]) => name)).toEqual(
      harmless,
    );
    for (const [name, { isPath }] of optionEntries)
      if (isPath === true || name === "endpoint") expect(harmless).not.toContain(name);
  });

  it.each([
    ...optionEntries.map(([name]) => name).filter((name) => !harmless.includes(name)),
    "privateKey",
    "with-proxy",
    "ca-bundle",
    "AWS_CA_BUNDLE",
    "command",
    "__proto__",
    "constructor",
    "",
    "Region",
  ])("cannot set %j: refused by its name", (key) => {
    const config: unknown = JSON.parse(`{"region":"us-west-2",${JSON.stringify(key)}:"x"}`);
    expect(failureOf(() => extensionValues(config))).toMatchObject({
      category: "usage",
      hop: "exec-info",
      code: "EXTENSION_REFUSED",
      message: `the cluster's extension client.authentication.k8s.io/exec cannot set ${JSON.stringify(key)}`,
      hint: `It can set ${harmless.join(", ")}. Other options belong into the users.exec entry, the environment or the config file.`,
    });
  });

  it.each([
    [{ region: null }],
    [{ region: "" }],
    [{ region: [] }],
    [{ region: {} }],
    [{ roleArn: "a", "role-arn": "b" }],
  ])("sets each once, to one text: not %j", (config) => {
    expect(failureOf(() => extensionValues(config))).toMatchObject({ code: "EXTENSION_REFUSED" });
  });

  it.each([[[]], ["text"], [1], [true]])("is an object: not %j", (config) => {
    expect(failureOf(() => extensionValues(config)).message).toContain("is not an object");
  });

  it("whatever it holds, sets nothing but those options, or is refused", () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom(...optionEntries.map(([name]) => name)),
      fc.constantFrom("clusterName", "privateKey", "toString"),
    );
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(key, fc.jsonValue()), fc.jsonValue()), (config) => {
        try {
          for (const name of extensionValues(config).keys()) expect(harmless).toContain(name);
        } catch (error) {
          expect(error).toMatchObject({ code: "EXTENSION_REFUSED" });
        }
      }),
    );
  });
});

describe("a key pasted where its path belongs", () => {
  const key = pkcs8(keyPair("rsa-2048"));
  const base64 = Buffer.from(key).toString("base64");
  const body = key.split("\n").slice(1, -2).join("");

  it.each([
    ["PEM", key],
    ["PEM in one line", key.replaceAll("\n", " ")],
    ["PEM in base64, as CI systems keep it", base64],
    ["PEM without its first and last line", body],
    ["an EC key's, the shortest", pkcs8(keyPair("p256")).split("\n").slice(1, -2).join("")],
  ])("is refused without a word of it: %s", (_what, value) => {
    for (const option of optionEntries.filter(([, { isPath }]) => isPath === true).map(([name]) => name)) {
      const failure = failureOf(() =>
        settingsFrom({ ...none, env: { [optionNamed(option).env[0]]: value } }),
      );
      expect(failure).toMatchObject({
        category: "usage",
        hop: "configuration",
        code: "PATH_EXPECTED",
        message: `${optionNamed(option).env[0]} contains the content of a file, or other text that is no path`,
      });
      expect(failure.hint).not.toContain(value.slice(0, 20));
    }
  });

  it.each([
    "alice.pem",
    "/run/secrets/eks-x509/alice.pem",
    "C:\\Users\\alice\\alice.pem",
    "~/alice key.pem",
    "MyCertificates/alice",
    "/dev/fd/63",
    "é.pem",
    `/tmp/${"x".repeat(200)}`,
  ])("is not what a path looks like: %s", (value) => {
    expect(
      settingsFrom({ ...none, flags: new Map([["private-key", value]]) }).get("private-key")?.value,
    ).toBe(value);
  });
});

it("an option's name is one of the table, and nothing that every object has", () => {
  expect(isOptionName("region")).toBe(true);
  for (const name of ["", "toString", "__proto__", "hasOwnProperty"]) expect(isOptionName(name)).toBe(false);
});

describe("a boolean setting", () => {
  const verbose = (value: string) => isOn({ value, source: "EKS_X509_VERBOSE" });

  it.each(["true", "1", "yes", "on", "TRUE"])("is on: %s", (value) => {
    expect(verbose(value)).toBe(true);
  });

  it.each(["false", "0", "no", "off"])("is off: %s", (value) => {
    expect(verbose(value)).toBe(false);
  });

  it("is off when nobody has set it", () => {
    expect(isOn(undefined)).toBe(false);
  });

  it("is refused when it is neither, without its value", () => {
    expect(failureOf(() => verbose("maybe"))).toMatchObject({
      code: "BOOLEAN_INVALID",
      message: "EKS_X509_VERBOSE is neither true nor false",
    });
  });
});

describe("a value of the cluster's extension", () => {
  it.each([1e3, true, null, ["demo"], { name: "demo" }, ""])("is text, or refused: %j", (value) => {
    expect(failureOf(() => extensionValues({ "cluster-name": value }))).toMatchObject({
      code: "EXTENSION_REFUSED",
    });
  });
});
