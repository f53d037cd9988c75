/**
 * Secrets in the wrong place: a key where its path belongs, a password in the config file, a token as a word. No command repeats
 * one. The rows are data: where it stands, in which form, and which command meets it.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isThorough } from "../thorough.ts";
import { noKernelKeyring } from "../cache/keychain/programs.ts";
import { startServers, type HostileServers } from "./confidential/hostile-servers.ts";
import type { Secret } from "./confidential/search.ts";
import {
  alice,
  files,
  flags,
  found,
  secrets,
  startRow,
  Surroundings,
  withoutIntended,
  writingFlags,
  type Found,
  type Start,
} from "./confidential/surroundings.ts";
import { KeyringSession } from "./keyring-session.ts";
import { program } from "./program.ts";
import { textOptions } from "./text-options.ts";
import { commandOf } from "../program-under-test.ts";

let servers: HostileServers;
beforeAll(async () => {
  servers = await startServers({ answers: {} });
});
afterAll(() => {
  servers.close();
});

const keyBytes = alice.keys.privateKey.export({ format: "der", type: "pkcs8" });
/** The ways in which people have a key, or a token, at hand. */
const forms: readonly (readonly [string, string])[] = [
  ["PEM", alice.keyPem],
  ["PEM with \\n", alice.keyPem.replaceAll("\n", "\\n")],
  ["PEM in one line", alice.keyPem.replaceAll("\n", " ")],
  ["base64", keyBytes.toString("base64")],
  ["base64url", keyBytes.toString("base64url")],
  ["base64 of PEM", Buffer.from(alice.keyPem).toString("base64")],
  ["hexadecimal", keyBytes.toString("hex")],
  ["hexadecimal with colons", keyBytes.toString("hex").replace(/..(?=.)/g, "$&:")],
  [
    "an EKS token",
    `k8s-aws-v1.${Buffer.from(`https://sts.amazonaws.com/?${"a1B2".repeat(60)}`).toString("base64url")}`,
  ],
  ["a session token", secrets.sessionToken.text],
];
const tokenForm: Secret = { name: "a token", text: forms[8]?.[1].slice("k8s-aws-v1.".length) ?? "" };
const all = [...Object.values(secrets), tokenForm];

type Env = Record<string, string>;
interface Row {
  name: string;
  args: readonly string[];
  env?: Env;
  stdin?: string | Uint8Array;
  config?: string;
}

const variable = (option: string): string => `EKS_X509_${option.toUpperCase().replaceAll("-", "_")}`;

/** Every option and variable, each with another form in the ordinary run, and with all of them in the complete one. */
const misplaced: Row[] = textOptions.flatMap((option, index) =>
  forms.flatMap(([form, text], number) => {
    const isTaken = isThorough || number === index % forms.length;
    if (!isTaken) return [];
    const rest = flags({ [option]: undefined });
    return [
      { name: `--${option} as ${form}`, args: ["get-token", ...rest, `--${option}`, text] },
      {
        name: `--${option} as ${form}, in token debug`,
        args: ["token", "debug", "-o", "json", ...rest, `--${option}=${text}`],
      },
      {
        name: `${variable(option)} as ${form}`,
        args: ["get-token", ...rest, "--verbose"],
        env: { [variable(option)]: text },
      },
      {
        name: `${option} in the config file as ${form}`,
        args: ["get-token", ...rest, "--verbose"],
        config: `${option}: ${JSON.stringify(text)}\n`,
      },
    ];
  }),
);

const form = (index: number): string => forms[index % forms.length]?.[1] ?? "";

/** A secret as a word, in every command. */
const words: Row[] = [
  { name: "an unknown command", args: [form(6)] },
  { name: "an unknown flag", args: ["get-token", `--${secrets.sessionToken.text}=${form(3)}`] },
  { name: "a word too many", args: ["get-token", ...flags(), form(4)] },
  { name: "a certificate's path", args: ["cert", "inspect", form(6)] },
  { name: "a certificate's path, in JSON", args: ["cert", "inspect", form(3), "--output=json"] },
  { name: "a key as a certificate", args: ["cert", "inspect", files.privateKey] },
  { name: "a key as a certificate, in JSON", args: ["cert", "inspect", files.privateKey, "--output=json"] },
  { name: "a key in DER as a certificate", args: ["cert", "inspect", files.keyDer] },
  { name: "a certificate with its key", args: ["cert", "inspect", files.both, "--output=json"] },
  { name: "a key on stdin", args: ["cert", "inspect", "-"], stdin: alice.keyPem },
  { name: "a key in DER on stdin", args: ["cert", "inspect", "-", "-o", "json"], stdin: keyBytes },
  {
    name: "the key's path of an inspection",
    args: ["cert", "inspect", files.certificate, "--private-key", form(6)],
  },
  {
    name: "names of a kubeconfig's entries",
    args: ["update-kubeconfig", ...writingFlags(), "--alias", form(3), "--user-alias", form(6)],
  },
  {
    name: "a program of a kubeconfig",
    args: ["update-kubeconfig", ...writingFlags(), "--command", form(6), "--dry-run"],
  },
  {
    name: "a proxy of a kubeconfig",
    args: ["update-kubeconfig", ...writingFlags(), "--proxy-url", `http://a:${secrets.proxyPassword.text}@h`],
  },
  ...[0, 3, 6].flatMap((number): Row[] => {
    const kind = forms[number]?.[0] ?? "";
    const env = { KUBECONFIG: form(number) };
    return [
      {
        name: `a kubeconfig's path: ${kind}`,
        args: ["update-kubeconfig", ...writingFlags(), "--kubeconfig", form(number)],
      },
      {
        name: `KUBECONFIG of update-kubeconfig: ${kind}`,
        args: ["update-kubeconfig", ...writingFlags()],
        env,
      },
      {
        name: `a kubeconfig's path of token debug: ${kind}`,
        args: ["token", "debug", "--kubeconfig", form(number)],
      },
      { name: `KUBECONFIG of token debug: ${kind}`, args: ["token", "debug"], env },
    ];
  }),
  {
    name: "a token as the name of a kubeconfig",
    args: ["update-kubeconfig", ...writingFlags(), "--kubeconfig", `/tmp/${form(8)}`],
  },
  {
    name: "a token as a file of KUBECONFIG",
    args: ["update-kubeconfig", ...writingFlags()],
    env: { KUBECONFIG: `/tmp/${form(8)}` },
  },
  {
    name: "a broken kubeconfig",
    args: ["update-kubeconfig", ...writingFlags()],
    env: { KUBECONFIG: files.privateKey },
  },
  { name: "a dry run", args: ["update-kubeconfig", ...writingFlags(), "--dry-run", "--verbose"] },
  { name: "a token of another kind", args: ["token", "debug", form(9)] },
  { name: "a token on stdin", args: ["token", "debug", "-", "-o", "json", "--offline"], stdin: form(8) },
  { name: "a key on stdin of token debug", args: ["token", "debug", "-"], stdin: alice.keyPem },
  {
    name: "a kubeconfig on stdin of token debug",
    args: ["token", "debug", "-"],
    stdin: JSON.stringify({
      kind: "ExecCredential",
      apiVersion: secrets.userToken.text,
      status: { token: secrets.userToken.text },
    }),
  },
  { name: "a context", args: ["token", "debug", "--context", secrets.userToken.text] },
  { name: "a key as aws-auth", args: ["token", "debug", "--aws-auth", files.privateKey] },
  { name: "a cache mode of cache list", args: ["cache", "list", "--cache", form(3)] },
  { name: "a cache mode of cache clear", args: ["cache", "clear", "--cache", form(6)] },
  { name: "a program of kuberc", args: ["kuberc", "--command", form(6)] },
  { name: "a shell", args: ["completion", form(3)] },
  { name: "completion of a context", args: ["__complete", "token", "debug", "--context", ""] },
  { name: "completion of a key", args: ["__complete", "get-token", "--private-key", form(3)] },
  {
    name: "the sandbox's key",
    args: ["sandbox", "--private-key", form(6), "--certificate", form(3), "--", "true"],
  },
  { name: "the sandbox's anchor", args: ["sandbox", "--trust-anchor", files.both, "--", "true"] },
  { name: "the sandbox's aws-auth", args: ["sandbox", "--aws-auth", files.privateKey, "--", "true"] },
  { name: "the sandbox's command", args: ["sandbox", "--", form(3)] },
  { name: "the sandbox's command, as PEM", args: ["sandbox", "--", form(0)] },
  ...["none", "auto", "keychain", "keytar"].map((mode) => ({
    name: `get-token with cache ${mode}`,
    args: ["get-token", ...flags(), "--verbose", `--cache=${mode}`],
  })),
  {
    name: "a proxy whose password ends its host",
    args: ["get-token", ...flags(), "--verbose"],
    env: { HTTPS_PROXY: `http://alice:${secrets.configPassword.text}/x@127.0.0.1:1` },
  },
  {
    name: "an endpoint with a password",
    args: [
      "get-token",
      ...flags({ endpoint: `https://a:${secrets.configPassword.text}@127.0.0.1:1` }),
      "--verbose",
    ],
  },
  {
    name: "a config file with a password",
    args: ["get-token", ...flags(), "--verbose"],
    config: `password: ${secrets.configPassword.text}\n`,
  },
  {
    name: "a config file that is no YAML",
    args: ["get-token", ...flags()],
    config: `a: [\n- ${secrets.configPassword.text}: }`,
  },
  {
    name: "a config file with a secret as a key",
    args: ["get-token", ...flags()],
    config: `${secrets.configPassword.text}: 1\n`,
  },
];

async function leaksOf(
  { args, env = {}, stdin, config }: Row,
  index: number,
  how: Partial<Start> = {},
): Promise<Found[]> {
  const surroundings = new Surroundings();
  const set = { KUBECONFIG: surroundings.kubeconfig(servers), ...env };
  const file = config === undefined ? {} : { EKS_X509_CONFIG: surroundings.write("config.yaml", config) };
  const outcome = await startRow(index, {
    args,
    env: { ...surroundings.environment(servers), ...set, ...file },
    stdin,
    ...how,
  });
  const streams = [
    ["stdout", withoutIntended(outcome.stdout)],
    ["stderr", outcome.stderr],
  ] as const;
  return found([...streams, ...surroundings.filesWritten()], [...all, ...servers.shared()]);
}

describe.concurrent("is not repeated from", () => {
  const rows = [...misplaced, ...words].map((row, index) => ({ ...row, index }));
  it.each(rows)("$name", async ({ index, ...row }) => {
    expect(await leaksOf(row, index)).toEqual([]);
  });
});

describe.skipIf(noKernelKeyring())("the kernel's keyring keeps, and cache list and clear do not show", () => {
  it("a token and its session", async () => {
    const keyring = await KeyringSession.open();
    try {
      const [file = "", ...before] = keyring.within(commandOf(program));
      const commands = [
        ["get-token", ...flags(), "--verbose"],
        ["get-token", ...flags(), "--verbose"],
        ["cache", "list"],
        ["cache", "list", "-o", "json"],
        ["cache", "clear"],
      ];
      for (const args of commands) {
        const row = { name: "", args, env: { EKS_X509_CACHE: "keyutils" } };
        expect(await leaksOf(row, 0, { command: [file, ...before] }), args.join(" ")).toEqual([]);
      }
    } finally {
      keyring.close();
    }
  });
});
