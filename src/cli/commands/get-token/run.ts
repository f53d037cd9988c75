/** `eks-x509 get-token`: prints one ExecCredential for flags and environment. */
import { EksX509Error } from "../../../foundation/errors.ts";
import { printable } from "../../../foundation/printable.ts";
import type { HopLog } from "../../../foundation/ports.ts";
import { getToken } from "../../../sign-in/get-token.ts";
import { signInWith, type Ports } from "../../../sign-in/ports.ts";
import { execCredential } from "../../../exec/exec-credential.ts";
import { parseExecInfo } from "../../../exec/exec-info.ts";
import { apiVersions, type ApiVersion } from "../../../kubeconfig/exec-versions.ts";
import { getTokenInput } from "../../settings/input.ts";
import { settingFacts } from "../../settings/setting-facts.ts";
import { resolveSettings } from "../../settings/resolve-settings.ts";
import { isOn, type Settings, type Values } from "../../settings/settings.ts";

/** @throws EksX509Error */
export async function runGetToken(flags: Values, root: Ports): Promise<void> {
  const execInfo = parseExecInfo(root.env["KUBERNETES_EXEC_INFO"]);
  const settings = await resolveSettings(flags, execInfo.clusterConfig, root);
  const log = hopLog(settings, root);
  logSettings(settings, log);
  const input = getTokenInput(settings, root);
  const credential = await getToken(input, signInWith(root, input.cache, log));
  await root.streams.stdout(
    execCredential(execInfo.apiVersion ?? apiVersion(settings), credential),
    "credential",
  );
}

/**
 * For clients that do not set KUBERNETES_EXEC_INFO (the Java ones) but compare the answer's version with their kubeconfig.
 * @throws EksX509Error EXEC_API_VERSION_INVALID
 */
function apiVersion(settings: Settings): ApiVersion {
  const setting = settings.get("exec-api-version");
  const known = apiVersions.find(
    (version) => version === `client.authentication.k8s.io/${setting?.value ?? "v1"}`,
  );
  if (known) return known;
  throw new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "EXEC_API_VERSION_INVALID",
    message: `${setting?.source ?? ""} is neither v1 nor v1beta1`,
    hint: "Use the version in the kubeconfig's users.exec entry.",
  });
}

/** Prints a line for each hop on stderr, with --verbose. A closed stderr does not stop the run. */
export function hopLog(settings: Settings, { streams }: Ports): HopLog {
  if (!isOn(settings.get("verbose"))) return () => undefined;
  return (hop, line) => {
    streams.stderr(`eks-x509: ${hop}: ${printable(line)}\n`).catch(() => undefined);
  };
}

export function logSettings(settings: Settings, log: HopLog): void {
  for (const [name, value] of settingFacts(settings)) log("configuration", `${name} ${value}`);
}
