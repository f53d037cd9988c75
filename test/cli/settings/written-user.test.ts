import { machineIn } from "../../ports.ts";
import { describe, expect, it } from "vitest";
import { sessionInput } from "../../../src/cli/settings/input.ts";
import { settingsFrom, type Values } from "../../../src/cli/settings/settings.ts";
import { writtenUser } from "../../../src/cli/settings/written-user.ts";
import { failureOf } from "../../failure.ts";

const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const arns: Values = new Map([
  ["trust-anchor-arn", `arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/${uuid}`],
  ["profile-arn", `arn:aws:rolesanywhere:us-west-2:111122223333:profile/${uuid}`],
  ["role-arn", "arn:aws:iam::111122223333:role/team/eks-read-only"],
]);

interface Given {
  flags?: Record<string, string>;
  env?: Record<string, string>;
  file?: Record<string, string>;
  isHomeRelative?: boolean;
}

function written({ flags = {}, env = {}, file = {}, isHomeRelative = false }: Given) {
  const own = { HOME: "/home/alice", ...env };
  const machine = machineIn(own, { cwd: () => "/work" });
  const settings = settingsFrom({
    flags: new Map([...arns, ...named(flags)]),
    env: own,
    extension: new Map(),
    file: { path: "/etc/eks.yaml", values: named(file) },
  });
  const { options, ...role } = writtenUser(
    settings,
    sessionInput(settings, { env: own, machine }),
    machine,
    isHomeRelative,
  );
  expect(role).toEqual({
    roleArn: "arn:aws:iam::111122223333:role/team/eks-read-only",
    roleName: "eks-read-only",
  });
  return Object.fromEntries(options.filter(([name]) => !name.endsWith("-arn")));
}

function named(values: Record<string, string>): Values {
  const names = [
    "certificate",
    "private-key",
    "intermediates",
    "password-file",
    "pkcs11-module",
    "session-duration",
    "endpoint",
    "cache",
    "config",
    "region",
    "verbose",
    "cluster-name",
  ] as const;
  return new Map(names.flatMap((name) => (name in values ? [[name, values[name] ?? ""] as const] : [])));
}

const files = { certificate: "/pki/alice.pem", "private-key": "/pki/alice.key" };

describe("the identity is written", () => {
  it.each([
    ["flags", { flags: files }],
    [
      "environment",
      { env: { EKS_X509_CERTIFICATE: "/pki/alice.pem", EKS_X509_PRIVATE_KEY: "/pki/alice.key" } },
    ],
    ["the config file", { file: files }],
  ])("when it comes from %s", (_, given) => {
    expect(written(given)).toEqual(files);
  });

  it("with absolute paths, wherever the command ran", () => {
    expect(written({ flags: { certificate: "alice.pem", "private-key": "~/alice.key" } })).toEqual({
      certificate: "/work/alice.pem",
      "private-key": "/home/alice/alice.key",
    });
  });

  it("with the URIs of tokens and agents as they are, and what opens them from any source", () => {
    const values = { certificate: "pkcs11:token=a;id=%01", "private-key": "ssh-agent:/run/agent" };
    expect(written({ flags: values, isHomeRelative: true })).toEqual(values);
    const file = { ...values, "password-file": "/pki/pin", "pkcs11-module": "/usr/lib/a.so" };
    expect(written({ file })).toEqual(file);
  });

  it.each([
    "pkcs11:token=a?pin-value=73920184",
    "pkcs11:token=a?module-path=/a.so&pin-value=%37%33%39%32",
    "pkcs11:token=a?PIN-VALUE=73920184",
    "PKCS11:token=a?pin%2dvalue=73920184",
    "pkcs11:token=a?%70%69%6e%2D%56alue=73920184",
    "pkcs11:token=a;pin-value=73920184",
    "pkcs11:token=a&pin-value=73920184",
  ])("unless a URI has a PIN: %s", (uri) => {
    for (const given of [
      { flags: { ...files, "private-key": uri } },
      { env: { EKS_X509_CERTIFICATE: uri } },
      { file: { ...files, intermediates: uri } },
    ]) {
      const { code, message, hint } = failureOf(() => written(given));
      expect(code).toBe("URI_HAS_PIN");
      expect(`${message} ${hint}`).not.toMatch(/7392|%37/);
      expect(hint).toMatch(/pin-source.*--password-file/);
    }
  });

  it("or with ~/ where that is asked for, and the file lies below the home folder", () => {
    const flags = {
      certificate: "/home/alice/.pki/alice.pem",
      "private-key": "/home/alice2/alice.key",
      intermediates: "~/chain.pem",
    };
    expect(written({ flags, isHomeRelative: true })).toEqual({
      certificate: "~/.pki/alice.pem",
      "private-key": "/home/alice2/alice.key",
      intermediates: "~/chain.pem",
    });
  });
});

describe("beside the identity", () => {
  it("is written what was given as a flag", () => {
    const flags = { "session-duration": "900", endpoint: "https://e", cache: "none", config: "/c.yaml" };
    expect(written({ flags: { ...files, ...flags } })).toEqual({ ...files, ...flags });
  });

  it("is written what a variable of ours says of the session, and which config file it names", () => {
    const env = {
      EKS_X509_SESSION_DURATION: "900",
      EKS_X509_ENDPOINT: "https://e",
      EKS_X509_CONFIG: "c.yaml",
    };
    expect(written({ flags: files, env })).toEqual({
      ...files,
      "session-duration": "900",
      endpoint: "https://e",
      config: "/work/c.yaml",
    });
  });

  it("is left to get-token what AWS's variables and the config file say, and which cache there is", () => {
    const env = { AWS_ENDPOINT_URL: "https://e", AWS_REGION: "eu-central-1", EKS_X509_CACHE: "none" };
    expect(written({ flags: files, env, file: { "session-duration": "900" } })).toEqual(files);
  });

  it("is never written what belongs to the cluster, or to this run", () => {
    const flags = { ...files, region: "us-east-1", verbose: "true", "cluster-name": "demo" };
    expect(written({ flags })).toEqual(files);
  });
});
