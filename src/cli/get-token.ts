/** `eks-x509 get-token`: from flags and environment to one ExecCredential on stdout. */
import type { Dependencies } from "../dependencies.ts";
import type { Hop } from "../errors.ts";
import { getToken, type GetTokenPorts, type Tell } from "../get-token.ts";
import { execCredential } from "../kubernetes/exec-credential.ts";
import { parseExecInfo } from "../kubernetes/exec-info.ts";
import { defaultConfigPath, expandHome, parseConfigFile } from "./config-file.ts";
import { getTokenInput, type GetTokenInput } from "./input.ts";
import { printable } from "./printable.ts";
import {
  checkPath,
  extensionValues,
  settingsFrom,
  type Settings,
  type Sources,
  type Values,
} from "./settings.ts";

/** @throws EksX509Error */
export async function runGetToken(flags: Values, dependencies: Dependencies): Promise<void> {
  const { env, stdout } = dependencies;
  const execInfo = parseExecInfo(env["KUBERNETES_EXEC_INFO"]);
  const settings = settingsFrom({
    flags,
    env,
    extension: extensionValues(execInfo.clusterConfig),
    file: await configFile(flags, dependencies),
  });
  const tell = teller(settings, dependencies);
  tellSettings(settings, tell);
  const input = getTokenInput(settings, env);
  const credential = await getToken(input, portsFor(input, tell, dependencies));
  await stdout(execCredential(execInfo.apiVersion, credential));
}

function portsFor({ cache }: GetTokenInput, tell: Tell, dependencies: Dependencies): GetTokenPorts {
  const tellOf = (hop: Hop) => (line: string) => {
    tell(hop, line);
  };
  return {
    ...dependencies,
    tell,
    cache: dependencies.cache(cache, tellOf("cache")),
    singleFlight: () => dependencies.singleFlight(cache, tellOf("cache")),
    http: () => dependencies.http(tellOf("create-session")),
  };
}

/** The file that --config or EKS_X509_CONFIG names must exist; the one in its usual place need not. */
async function configFile(
  flags: Values,
  { env, platform, readFile }: Dependencies,
): Promise<Sources["file"]> {
  const flag = flags.get("config");
  const value = flag ?? env["EKS_X509_CONFIG"];
  const source = flag === undefined ? "EKS_X509_CONFIG" : "--config";
  const role = { hop: "configuration", category: "usage" } as const;
  if (value) {
    checkPath({ value, source });
    const path = expandHome(value, env);
    return { path, values: await parseConfigFile(await readFile(path, { given: source, ...role }), env) };
  }
  const usual = defaultConfigPath(env, platform);
  if (usual === undefined) return undefined;
  const content = await readFile(usual, { given: "the config file", ...role }).catch(absent);
  return content && { path: usual, values: await parseConfigFile(content, env) };
}

function absent(error: unknown): undefined {
  if (
    error instanceof Error &&
    "code" in error &&
    (error.code === "FILE_MISSING" || error.code === "FILE_EMPTY")
  )
    return undefined;
  throw error;
}

/** Under --verbose, a line a hop on stderr. A stderr that is closed stops nobody. */
function teller(settings: Settings, { stderr }: Dependencies): Tell {
  if (!/^(true|1|yes|on)$/i.test(settings.get("verbose")?.value ?? "")) return () => undefined;
  return (hop, line) => {
    stderr(`eks-x509: ${hop}: ${printable(line)}\n`).catch(() => undefined);
  };
}

function tellSettings(settings: Settings, tell: Tell): void {
  for (const [name, { value, source }] of settings)
    tell("configuration", `${name} ${withoutPassword(value)} (${source})`);
}

/** A URL's user name and password; an endpoint that holds any is refused, but only after the settings are told. */
function withoutPassword(value: string): string {
  return value.replace(/\/\/[^/]*@/, "//…@");
}
