/** Reads all four sources of settings, for every command. */
import type { Ports } from "../../sign-in/ports.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { defaultConfigPath, expandHome, parseConfigFile } from "./config-file.ts";
import {
  checkPath,
  extensionValues,
  settingsFrom,
  type Settings,
  type Sources,
  type Values,
} from "./settings.ts";

type SettingPorts = Pick<Ports, "env" | "machine" | "readFile">;

/**
 * @param clusterConfig the cluster's extension, as client-go passes it; undefined if there is none
 * @throws EksX509Error of category usage
 */
export async function resolveSettings(
  flags: Values,
  clusterConfig: unknown,
  root: SettingPorts,
): Promise<Settings> {
  return settingsFrom({
    flags,
    env: root.env,
    extension: extensionValues(clusterConfig),
    file: await configFile(flags, root),
  });
}

/** The file of --config or EKS_X509_CONFIG must exist; the default file need not. */
async function configFile(flags: Values, { env, machine, readFile }: SettingPorts): Promise<Sources["file"]> {
  const flag = flags.get("config");
  const value = flag ?? env["EKS_X509_CONFIG"];
  const source = flag === undefined ? "EKS_X509_CONFIG" : "--config";
  const role = { hop: "configuration", category: "usage" } as const;
  if (value) {
    checkPath({ value, source });
    const path = expandHome(value, machine);
    return { path, values: await parseConfigFile(await readFile(path, { given: source, ...role }), machine) };
  }
  const usual = defaultConfigPath(env, machine);
  if (usual === undefined) return undefined;
  const content = await readFile(usual, { given: "the config file", ...role }).catch(absent);
  return content && { path: usual, values: await parseConfigFile(content, machine) };
}

function absent(error: unknown): undefined {
  if (error instanceof EksX509Error && ["FILE_MISSING", "FILE_EMPTY"].includes(error.code)) return undefined;
  throw error;
}
