/** Programs in the place of eks-x509, or of the node that starts it: really started, as kubectl would. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { plugins } from "../../../src/exec/plugin/run-plugin.ts";
import type { EksX509Error } from "../../../src/foundation/errors.ts";
import { Secrets } from "../../../src/foundation/secrets.ts";
import { version } from "../../../src/foundation/version.ts";
import { execOf } from "../../../src/kubeconfig/read/user.ts";
import { exec, target } from "../../kubeconfig/read/kubeconfig-files.ts";
import { programsIn, shell } from "./programs.ts";

const ours = fileURLToPath(new URL("../../../bin/eks-x509", import.meta.url));

/** Starts an entry of get-token, with the folder as PATH. */
async function failureOf(folder: string, fields: object = {}, program = ours) {
  const entryFields = { ...exec, command: "eks-x509", args: ["get-token"], ...fields };
  const { user, cluster, credential } = target({ user: { exec: entryFields } });
  const entry = execOf(user, credential);
  const ports = {
    env: { PATH: folder },
    platform: "linux",
    program,
    interruptible: <Result>(work: (cancel: AbortSignal) => Promise<Result>) =>
      work(new AbortController().signal),
    secrets: new Secrets(),
  } as const;
  const executable = await plugins.find(entry, ports);
  return plugins.startFailure({ entry, executable, cluster, certificateAuthority: undefined }, ports);
}

function seen(failure: EksX509Error | undefined): string {
  return failure ? `${failure.code}: ${failure.message}` : "starts";
}

it.each([
  [
    "prints nothing",
    shell("exit 0"),
    "PLUGIN_NOT_EKS_X509: FOLDER/node is not Node: with --version it prints nothing",
  ],
  [
    "prints something else",
    shell("echo hello; echo 1.2.3.4"),
    'PLUGIN_NOT_EKS_X509: FOLDER/node is not Node: with --version it prints "1.2.3.4"',
  ],
  [
    "prints what may be a key",
    shell("echo wJalrXUtnFEMIzK7MDENGabPxRfiCYq4T9ZsKwLm"),
    'PLUGIN_NOT_EKS_X509: FOLDER/node is not Node: with --version it prints "…"',
  ],
  [
    "prints a password of the entry",
    shell('echo "$DB_PASSWORD"'),
    'PLUGIN_NOT_EKS_X509: FOLDER/node is not Node: with --version it prints "…"',
  ],
  [
    "prints Node's version whatever it is given",
    shell("echo v22.1.0"),
    'PLUGIN_NOT_EKS_X509: FOLDER/eks-x509 is not eks-x509: with --version it prints "v22.1.0"',
  ],
  [
    "is a version manager's, which has no version to run",
    shell("echo 'No version is set for command node' >&2; exit 126"),
    "PLUGIN_FAILED: node failed with exit code 126: No version is set for command node",
  ],
  [
    "has CR LF in its first line",
    "#!/bin/sh\r\necho v22.1.0\r\n",
    /^PLUGIN_INTERPRETER_MISSING: .*FOLDER\/node/,
  ],
  [
    "was built for another system",
    "\u007fELF\0\u0001",
    "PLUGIN_CANNOT_START: node cannot be started: exec format error",
  ],
])("a node that %s", async (_what, node, expected) => {
  const folder = programsIn({ "a b/node": node });
  symlinkSync(ours, join(folder, "a b", "eks-x509"));
  const env = [{ name: "DB_PASSWORD", value: "hunter2_secret" }];
  const found = seen(await failureOf(join(folder, "a b"), { env })).replaceAll(join(folder, "a b"), "FOLDER");
  if (typeof expected === "string") expect(found).toBe(expected);
  else expect(found).toMatch(expected);
});

it.each([
  ["nothing", "exit 0"],
  ["a text", "echo hello"],
  ["an ExecCredential", 'echo \'{"kind":"ExecCredential"}\''],
  ["two lines", `echo ${version}; echo more`],
  ["another version than its own", "echo 99.0.0"],
])("a program in the place of this one that prints %s", async (_what, script) => {
  const folder = programsIn({ "eks-x509": shell(script) });
  const failure = await failureOf(folder, {}, join(folder, "eks-x509"));
  expect(failure).toMatchObject({ code: "PLUGIN_NOT_EKS_X509", hop: "plugin" });
});

it("a node beside a folder and a text of its name, which no shell starts", async () => {
  const folder = programsIn({
    "real/node": shell(`echo ${version}`),
    "real/eks-x509": shell('exec node "$0" "$@"'),
  });
  mkdirSync(join(folder, "node"));
  const program = join(folder, "real", "eks-x509");
  expect(await failureOf(`${folder}:${join(folder, "real")}`, {}, program)).toBeUndefined();
});

it("get-token of another installation, with its version", async () => {
  const folder = programsIn({ node: shell("echo 0.9.0-beta.1") });
  expect(await failureOf(folder, { command: "node", args: ["/opt/eks-x509", "get-token"] })).toBeUndefined();
});
