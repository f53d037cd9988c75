/**
 * users.exec: the command that kubectl runs for a credential.
 * Checks: client-go, tools/clientcmd validateAuthInfo and plugin/pkg/client/auth/exec.
 */
import { apiVersions, type ApiVersion } from "../../exec/exec-info.ts";
import type { Fields } from "./fields.ts";
import { kubeconfigProblem, quoted } from "./problem.ts";

interface ExecCommand {
  /** A name, for PATH; or an absolute path. */
  command: string;
  args: readonly string[];
  /** Over the caller's own environment, the later of a name over the earlier. Values may be secrets. */
  env: readonly { name: string; value: string }[];
  installHint: string;
  provideClusterInfo: boolean;
}

/** As the file has it. */
export interface ExecFields extends ExecCommand {
  apiVersion: string;
  interactiveMode: string;
}

const interactiveModes = ["Never", "IfAvailable", "Always"] as const;

/** As client-go takes it. */
export interface ExecEntry extends ExecCommand {
  apiVersion: ApiVersion;
  interactiveMode: (typeof interactiveModes)[number];
}

export function execFields(fields: Fields): ExecFields {
  return {
    command: fields.text("command"),
    args: fields.texts("args"),
    env: fields.list("env").map((item) => ({ name: item.text("name"), value: item.text("value") })),
    apiVersion: fields.text("apiVersion"),
    installHint: fields.text("installHint"),
    provideClusterInfo: fields.flag("provideClusterInfo"),
    interactiveMode: fields.text("interactiveMode"),
  };
}

/**
 * @param of whose entry it is, for messages
 * @throws EksX509Error KUBECONFIG_EXEC_…
 */
export function checkedExec(fields: ExecFields, of: { name: string; file: string }): ExecEntry {
  const whose = `${of.file}: the exec entry of user ${quoted(of.name)}`;
  if (fields.command === "")
    throw kubeconfigProblem(
      "KUBECONFIG_EXEC_COMMAND",
      `${whose} has no command`,
      "Set command to eks-x509, or to its absolute path.",
    );
  if (fields.env.some(({ name }) => name === ""))
    throw kubeconfigProblem(
      "KUBECONFIG_EXEC_ENV",
      `${whose} has an environment variable without a name`,
      "Each item of env has a name and a value.",
    );
  const apiVersion = checkedVersion(fields.apiVersion, whose);
  return { ...fields, apiVersion, interactiveMode: checkedMode(fields.interactiveMode, apiVersion, whose) };
}

const versionHint = `Set it to ${apiVersions.join(" or ")}.`;

function checkedVersion(given: string, whose: string): ApiVersion {
  const known = apiVersions.find((version) => version === given);
  if (known) return known;
  if (given === "")
    throw kubeconfigProblem("KUBECONFIG_EXEC_VERSION_MISSING", `${whose} has no apiVersion`, versionHint);
  if (given === "client.authentication.k8s.io/v1alpha1")
    throw kubeconfigProblem(
      "KUBECONFIG_EXEC_VERSION_REMOVED",
      `${whose} has apiVersion v1alpha1, which kubectl 1.24 and later do not take`,
      `${versionHint} Old versions of the AWS CLI wrote v1alpha1: with a newer one, aws eks update-kubeconfig writes it anew.`,
    );
  throw kubeconfigProblem(
    "KUBECONFIG_EXEC_VERSION_UNKNOWN",
    `${whose} has apiVersion ${quoted(given)}, which kubectl does not know`,
    versionHint,
  );
}

function checkedMode(given: string, apiVersion: ApiVersion, whose: string): ExecEntry["interactiveMode"] {
  const known = interactiveModes.find((mode) => mode === given);
  if (known) return known;
  if (given !== "")
    throw kubeconfigProblem(
      "KUBECONFIG_EXEC_MODE_UNKNOWN",
      `${whose} has interactiveMode ${quoted(given)}`,
      `Set it to ${interactiveModes.join(", ")}.`,
    );
  // api/v1/defaults.go: only what was there before the field came gets a value.
  if (apiVersion === "client.authentication.k8s.io/v1beta1") return "IfAvailable";
  throw kubeconfigProblem(
    "KUBECONFIG_EXEC_MODE_MISSING",
    `${whose} has no interactiveMode, which apiVersion v1 requires`,
    "Set interactiveMode: Never. eks-x509 asks for nothing.",
  );
}
