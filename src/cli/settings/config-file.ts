/** Reads the settings from their four sources. The config file is the last of them. */
import { usageError } from "../../foundation/errors.ts";
import type { Environment, FileContent, Log, Machine } from "../../foundation/ports.ts";
import type { Ports } from "../../sign-in/ports.ts";
import {
  checkPath,
  expandHome,
  extensionValues,
  settingsFrom,
  type Settings,
  type Sources,
  type Values,
} from "./settings.ts";

/**
 * The default path of the file: in $XDG_CONFIG_HOME, or in the platform's own folder. Undefined if no home folder is
 * known, because a path relative to the current folder could find another user's file.
 */
export function defaultConfigPath(
  env: Environment,
  { platform, home, paths: { isAbsolute, join } }: Machine,
): string | undefined {
  const xdg = env["XDG_CONFIG_HOME"];
  // XDG Base Directory Specification: a relative path is invalid and must be ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, "eks-x509", "config.yaml");
  if (home === undefined) return undefined;
  if (platform === "darwin") return join(home, "Library", "Application Support", "eks-x509", "config.yaml");
  if (platform === "win32")
    return join(env["APPDATA"] || join(home, "AppData", "Roaming"), "eks-x509", "config.yaml");
  return join(home, ".config", "eks-x509", "config.yaml");
}

type SettingPorts = Pick<Ports, "env" | "machine" | "readFile" | "readOptional" | "streams">;

/**
 * @param clusterConfig the cluster's extension, as client-go passes it; undefined if there is none
 * @param note takes what --verbose shows of the config file
 */
export async function resolveSettings(
  flags: Values,
  clusterConfig: unknown,
  root: SettingPorts,
  note: Log = () => undefined,
): Promise<Settings> {
  return settingsFrom({
    flags,
    env: root.env,
    extension: extensionValues(clusterConfig),
    file: await configFile(flags, root, note),
  });
}

const role = { hop: "configuration", category: "usage" } as const;

/** The file of --config or EKS_X509_CONFIG must exist, and the default file need not. An empty EKS_X509_CONFIG turns that off. */
async function configFile(flags: Values, root: SettingPorts, note: Log): Promise<Sources["file"]> {
  const { env, machine, readFile, streams } = root;
  const flag = flags.get("config");
  const value = flag ?? env["EKS_X509_CONFIG"];
  if (value === "") return undefined;
  if (value === undefined) return defaultFile(root, note);
  const source = flag === undefined ? "EKS_X509_CONFIG" : "--config";
  checkPath({ value, source });
  const path = expandHome(value, machine);
  const content = await readFile(path, { given: source, ...role });
  // The user has named the file, and may know who else writes it. It can change which keys and endpoints are used.
  const warning = `eks-x509: warning: ${path} (${source}) ${content.exposure ?? ""}, who can change the settings\n`;
  if (content.exposure !== undefined) await streams.stderr(warning).catch(() => undefined);
  return valuesIn(content, machine);
}

async function defaultFile(
  { env, machine, readOptional }: SettingPorts,
  note: Log,
): Promise<Sources["file"]> {
  const path = defaultConfigPath(env, machine);
  if (path === undefined) return undefined;
  const content = await readOptional(path, { given: "the config file", ...role });
  if (typeof content === "string") {
    if (content !== "does not exist") note(`${path} (the config file) ${content}`);
    return undefined;
  }
  // It decides which key signs, and to which endpoint the signed request goes.
  if (content.exposure !== undefined)
    throw usageError(
      "CONFIG_FILE_UNTRUSTED",
      `${path} (the config file) ${content.exposure}`,
      "Make it yours (chown) and closed to others (chmod go-w). A file that another user is to write must be named with --config. An empty EKS_X509_CONFIG turns the default file off.",
    );
  return valuesIn(content, machine);
}

async function valuesIn(content: FileContent, machine: Machine): Promise<Sources["file"]> {
  const { parseConfigFile } = await import("./config-yaml.ts");
  return { path: content.name, values: parseConfigFile(content, machine) };
}
