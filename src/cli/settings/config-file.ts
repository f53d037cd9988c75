/** The config file: the same options, by name, in YAML. */
import { EksX509Error } from "../../foundation/errors.ts";
import type { FileContent } from "../../foundation/files.ts";
import type { Environment } from "../../foundation/environment.ts";
import type { Machine } from "../../foundation/ports.ts";
import { isObject } from "../../foundation/json.ts";
import { shown } from "../../foundation/shown.ts";
import { optionNamed } from "./options.ts";
import {
  type Settings,
  type Sources,
  type Values,
  checkPath,
  extensionValues,
  readValues,
  settingsFrom,
} from "./settings.ts";
import type { Ports } from "../../sign-in/ports.ts";

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

export type HomeRules = Pick<Machine, "home" | "paths">;

/** Expands `~/` at the start of a path. No shell reads a kubeconfig's args or a config file, but people write it there. */
export function expandHome(path: string, { home, paths }: HomeRules): string {
  return home !== undefined && /^~[/\\]/.test(path) ? paths.join(home, path.slice(2)) : path;
}

/** @throws EksX509Error CONFIG_FILE_INVALID, CONFIG_FILE_UNKNOWN_KEY */
export async function parseConfigFile({ name, bytes }: FileContent, machine: HomeRules): Promise<Values> {
  const { loadAll, FAILSAFE_SCHEMA, nullCoreTag } = await import("js-yaml");
  // It leaves out a byte-order mark.
  const text = new TextDecoder().decode(bytes);
  // Every value is text as written: a cluster with the name 007 or 1e3 must not become 7 or 1000.
  const schema = FAILSAFE_SCHEMA.withTags(nullCoreTag);
  const [content, ...more] = parsed(() => loadAll(text, { schema }), name);
  if (more.length > 0) throw invalid(`${name} contains more than one YAML document`);
  if (content === null || content === undefined) return new Map();
  if (!isObject(content)) throw invalid(`${name} is not a list of options with values`);
  const values = readValues(content, (option) => optionNamed(option).inFile, {
    unknown: (key) => unknownKey(name, key),
    invalid: (key) => invalid(`${name} sets ${key} to a value that is not one text`),
  });
  return new Map(
    [...values].map(([option, value]) => [
      option,
      optionNamed(option).isPath ? besides(name, value, machine) : value,
    ]),
  );
}

/** A relative path starts at the folder of the config file, as in a kubeconfig. */
function besides(name: string, path: string, machine: HomeRules): string {
  const { isAbsolute, join, dirname } = machine.paths;
  const expanded = expandHome(path, machine);
  return isAbsolute(expanded) ? expanded : join(dirname(name), expanded);
}

function parsed(load: () => unknown[], name: string): unknown[] {
  try {
    return load();
  } catch (error) {
    throw invalid(`${name} is not YAML${problem(error)}`);
  }
}

/** The line, and the parser's reason if it does not quote the file: the file can be a private key by mistake. */
function problem(error: unknown): string {
  if (!isObject(error) || !isObject(error["mark"])) return "";
  const { line } = error["mark"];
  const { reason } = error;
  const told = typeof reason === "string" && /^[a-z ]+$/.test(reason) ? `, ${reason}` : "";
  return typeof line === "number" ? `: line ${line + 1}${told}` : "";
}

function unknownKey(name: string, key: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "CONFIG_FILE_UNKNOWN_KEY",
    message: `${name} sets ${shown(key)}, which is not an option`,
    hint: "The keys are the names of get-token's options, for example `role-arn`. See: eks-x509 get-token --help",
  });
}

function invalid(message: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "CONFIG_FILE_INVALID",
    message,
    hint: "Write one option on each line, for example: cluster-name: demo",
  });
}

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
