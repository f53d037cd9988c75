/** `eks-x509 get-token`: from flags and environment to one ExecCredential on stdout. */
import type { Dependencies } from "../../../dependencies.ts";
import { EksX509Error, type Hop } from "../../../foundation/errors.ts";
import { getToken, type GetTokenPorts, type Tell } from "../../../sign-in/get-token.ts";
import { execCredential } from "../../../exec/exec-credential.ts";
import { apiVersions, parseExecInfo, type ApiVersion } from "../../../exec/exec-info.ts";
import { getTokenInput } from "../../settings/input.ts";
import type { SessionInput } from "../../../sign-in/input.ts";
import { printable } from "../../../foundation/printable.ts";
import { settingFacts } from "../../settings/setting-facts.ts";
import { resolveSettings } from "../../settings/resolve-settings.ts";
import { isOn, type Settings, type Values } from "../../settings/settings.ts";

/** @throws EksX509Error */
export async function runGetToken(flags: Values, dependencies: Dependencies): Promise<void> {
  const { env, stdout } = dependencies;
  const execInfo = parseExecInfo(env["KUBERNETES_EXEC_INFO"]);
  const settings = await resolveSettings(flags, execInfo.clusterConfig, dependencies);
  const tell = teller(settings, dependencies);
  tellSettings(settings, tell);
  const input = getTokenInput(settings, env);
  const credential = await getToken(input, portsFor(input, tell, dependencies));
  await stdout(execCredential(execInfo.apiVersion ?? apiVersion(settings), credential));
}

/**
 * For clients that set no KUBERNETES_EXEC_INFO, Java's for instance, and compare the answer with their kubeconfig all the same.
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
    hint: "Give the version that the kubeconfig's users.exec entry has.",
  });
}

export function portsFor({ cache }: SessionInput, tell: Tell, dependencies: Dependencies): GetTokenPorts {
  const tellOf = (hop: Hop) => (line: string) => {
    tell(hop, line);
  };
  const { clock, readFile, signer } = dependencies;
  return {
    clock,
    readFile,
    signer,
    tell,
    cache: dependencies.cache(cache, tellOf("cache")),
    singleFlight: () => dependencies.singleFlight(cache, tellOf("cache")),
    http: () => dependencies.http(tellOf("create-session")),
  };
}

/** Under --verbose, a line a hop on stderr. A stderr that is closed stops nobody. */
export function teller(settings: Settings, { stderr }: Dependencies): Tell {
  if (!isOn(settings.get("verbose"))) return () => undefined;
  return (hop, line) => {
    stderr(`eks-x509: ${hop}: ${printable(line)}\n`).catch(() => undefined);
  };
}

export function tellSettings(settings: Settings, tell: Tell): void {
  for (const [name, value] of settingFacts(settings)) tell("configuration", `${name} ${value}`);
}
