import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { entryWarnings } from "../../src/debug/hops/exec-entry.ts";
import { EksX509Error, settled } from "../../src/foundation/errors.ts";
import { checkedExec, type ExecEntry } from "../../src/kubeconfig/read/user.ts";
import { kubectls } from "../e2e/sandbox-process.ts";
import { programsIn, shell } from "../exec/plugin/programs.ts";
import { kubeconfigText } from "../kubeconfig/read/kubeconfig-files.ts";
import { worldOf } from "./world.ts";

const executable = { path: "/opt/eks-x509", foundBy: "path", relation: "this program" } as const;

function entryWith(name: string, value = "x"): ExecEntry {
  return {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "/opt/eks-x509",
    args: ["get-token"],
    env: [{ name, value }],
    installHint: "",
    interactiveMode: "Never",
    provideClusterInfo: false,
  };
}

const warnings = (entry: ExecEntry) => entryWarnings(entry, executable, worldOf({ at: new Date() }));

it.each(
  [
    "NODE_OPTIONS NODE_PATH LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH OPENSSL_CONF",
    "OPENSSL_MODULES OPENSSL_ENGINES GCONV_PATH BASH_ENV ENV PATH PYTHONPATH PYTHONHOME PYTHONSTARTUP PERL5LIB PERL5OPT",
    "RUBYOPT RUBYLIB JAVA_TOOL_OPTIONS",
  ].flatMap((names) => names.split(" ")),
)("%s in an entry's env loads code of others", async (name) => {
  expect(await warnings(entryWith(name))).toMatchObject([{ code: "PLUGIN_ENV_LOADS_CODE" }]);
  expect(await warnings(entryWith(name, ""))).toEqual([]);
});

/** client-go: v1beta1 from before the field has the default IfAvailable, and v1 has none. */
it.each([
  ["v1", "Always", ["PLUGIN_ALWAYS_INTERACTIVE"]],
  ["v1", "IfAvailable", []],
  ["v1", "Never", []],
  ["v1", "", "KUBECONFIG_EXEC_MODE_MISSING"],
  ["v1beta1", "Always", ["PLUGIN_ALWAYS_INTERACTIVE"]],
  ["v1beta1", "IfAvailable", []],
  ["v1beta1", "Never", []],
  ["v1beta1", "", []],
  ["v1beta1", "always", "KUBECONFIG_EXEC_MODE_UNKNOWN"],
])("%s with interactiveMode %j", async (version, interactiveMode, expected) => {
  const apiVersion = `client.authentication.k8s.io/${version}`;
  const fields = { ...entryWith("LANG"), apiVersion, interactiveMode };
  const found = await settled(
    Promise.resolve().then(() => warnings(checkedExec(fields, { name: "demo", file: "config" }))),
  );
  expect(found instanceof EksX509Error ? found.code : found.map(({ code }) => code)).toEqual(expected);
});

const kubectl = kubectls().find(({ path }) => path)?.path ?? "";

it.skipIf(kubectl === "").each(["Always", "IfAvailable", "Never"] as const)(
  "kubectl without a terminal runs the program, unless there is this warning: %s",
  async (interactiveMode) => {
    const folder = programsIn({ tool: shell('echo run > "${0%/*}/ran"; exit 1') });
    const entry = { ...entryWith("LANG"), command: join(folder, "tool"), interactiveMode };
    writeFileSync(join(folder, "config"), kubeconfigText({ user: { exec: entry } }));
    const args = ["get", "--raw", "/version", "--kubeconfig", join(folder, "config")];
    spawnSync(kubectl, args, { env: { HOME: folder, PATH: process.env["PATH"] } });
    expect(await warnings(entry)).toHaveLength(existsSync(join(folder, "ran")) ? 0 : 1);
  },
);

it.each([
  "AWS_PROFILE",
  "AWS_CA_BUNDLE",
  "NODE_EXTRA_CA_CERTS",
  "HTTPS_PROXY",
  "EKS_X509_REGION",
  "MY_PATH",
  "OLD_LD_PRELOAD",
  "LANG",
])("%s does not", async (name) => {
  expect(await warnings(entryWith(name))).toEqual([]);
});
