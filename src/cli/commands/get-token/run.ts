/** `eks-x509 get-token`: prints one ExecCredential for flags and environment. */
import { usageError, type Hop } from "../../../foundation/errors.ts";
import { printable } from "../../../foundation/shown.ts";
import type { HopLog, Log } from "../../../foundation/ports.ts";
import { getToken } from "../../../sign-in/get-token.ts";
import type { KeychainMode } from "../../../cache/keychain/mode.ts";
import type { GetTokenInput } from "../../../sign-in/input.ts";
import type { Ports, SignIn, SignInPorts } from "../../../sign-in/ports.ts";
import type { ClusterInfo } from "../../../exec/cluster-server.ts";
import { execCredential, parseExecInfo } from "../../../exec/exec-info.ts";
import { type ApiVersion, apiVersions } from "../../../kubeconfig/exec-versions.ts";
import { getTokenInput } from "../../settings/input.ts";
import { extensionSource, type Settings, type Values, isOn, settingFacts } from "../../settings/settings.ts";
import { resolveSettings } from "../../settings/config-file.ts";

export async function runGetToken(flags: Values, root: Ports): Promise<void> {
  const execInfo = parseExecInfo(root.env["KUBERNETES_EXEC_INFO"]);
  const notes: string[] = [];
  const config = execInfo.cluster?.config;
  const settings = await resolveSettings(flags, config, root, (line) => notes.push(line));
  const log = hopLog(settings, root, notes);
  const ownVersion = apiVersion(settings);
  const input = await inputForCluster(settings, execInfo.cluster, root);
  const credential = await getToken(input, signInWith(root, input.cache, log));
  await root.streams.stdout(execCredential(execInfo.apiVersion ?? ownVersion, credential), "credential");
}

/** @param cluster undefined if the client passes no cluster information */
export async function inputForCluster(
  settings: Settings,
  cluster: ClusterInfo | undefined,
  root: Pick<Ports, "env" | "machine" | "readOptional" | "sha256">,
): Promise<GetTokenInput> {
  const input = getTokenInput(settings, root);
  const named = settings.get("cluster-name")?.source === extensionSource ? cluster : undefined;
  if (named || settings.has("cluster-servers")) {
    const { checkServer } = await import("../../settings/cluster-server.ts");
    await checkServer(input, settings, named, root);
  }
  return input;
}

/**
 * For clients that do not set KUBERNETES_EXEC_INFO (the Java ones) but compare the answer's version with their kubeconfig.
 */
export function apiVersion(settings: Settings): ApiVersion {
  const setting = settings.get("exec-api-version");
  const known = apiVersions.find(
    (version) => version === `client.authentication.k8s.io/${setting?.value ?? "v1"}`,
  );
  if (known) return known;
  throw usageError(
    "EXEC_API_VERSION_INVALID",
    `${setting?.source ?? ""} is neither v1 nor v1beta1`,
    "Use the version in the kubeconfig's users.exec entry.",
  );
}

/**
 * Prints a line for each hop on stderr, with --verbose: first the notes and the settings. A closed stderr does not stop the run.
 */
export function hopLog(settings: Settings, { streams }: Ports, notes: readonly string[] = []): HopLog {
  if (!isOn(settings.get("verbose"))) return () => undefined;
  const log: HopLog = (hop, line) => {
    streams.stderr(`eks-x509: ${hop}: ${printable(line)}\n`).catch(() => undefined);
  };
  for (const line of [...notes, ...settingFacts(settings).map((fact) => fact.join(" "))])
    log("configuration", line);
  return log;
}

export function signInWith({ cache, http, ...ports }: SignInPorts, mode: KeychainMode, log: HopLog): SignIn {
  return {
    ...ports,
    log,
    entries: cache.entries(mode, logOf("cache", log)),
    singleFlight: () => cache.singleFlight(mode, logOf("cache", log)),
    http: (hop = "create-session") => http(logOf(hop, log)),
  };
}

export function logOf(hop: Hop, log: HopLog): Log {
  return (line) => {
    log(hop, line);
  };
}
