/** The config file: the same options, by name, in YAML. */
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { EksX509Error } from "../errors.ts";
import type { FileContent } from "../files.ts";
import type { Environment } from "../http/proxy.ts";
import { isObject } from "../json.ts";
import { options, type OptionName } from "./options.ts";
import { readValues, type Values } from "./settings.ts";

/** Where the file lies when nothing names another: $XDG_CONFIG_HOME, or the platform's own folder. */
export function defaultConfigPath(env: Environment, platform: NodeJS.Platform): string {
  const xdg = env["XDG_CONFIG_HOME"];
  if (xdg) return join(xdg, "eks-x509", "config.yaml");
  const home = homeFolder(env);
  if (platform === "darwin") return join(home, "Library", "Application Support", "eks-x509", "config.yaml");
  if (platform === "win32")
    return join(env["APPDATA"] || join(home, "AppData", "Roaming"), "eks-x509", "config.yaml");
  return join(home, ".config", "eks-x509", "config.yaml");
}

function homeFolder(env: Environment): string {
  return env["HOME"] || homedir();
}

/** `~/` at the start of a path: no shell reads a kubeconfig's args or a config file, and people write it all the same. */
export function expandHome(path: string, env: Environment): string {
  return /^~[/\\]/.test(path) ? join(homeFolder(env), path.slice(2)) : path;
}

/** @throws EksX509Error CONFIG_FILE_INVALID, CONFIG_FILE_UNKNOWN_KEY */
export async function parseConfigFile({ name, bytes }: FileContent, env: Environment): Promise<Values> {
  const { load } = await import("js-yaml");
  const content = parsed(
    () =>
      load(
        Buffer.from(bytes)
          .toString("utf8")
          .replace(/^\uFEFF/, ""),
      ),
    name,
  );
  if (content === null || content === undefined) return new Map();
  if (!isObject(content)) throw invalid(`${name} is not a list of options with values`);
  const values = readValues(content, (option) => options[option].inFile, {
    unknown: (key) => unknownKey(name, key),
    invalid: (key) => invalid(`${name} sets ${key} to something other than one text`),
  });
  return new Map(
    [...values].map(([option, value]) => [option, isPath(option) ? besides(name, value, env) : value]),
  );
}

function isPath(option: OptionName): boolean {
  return options[option].placeholder === "FILE";
}

/** A relative path starts at the config file's folder, as in a kubeconfig. */
function besides(name: string, path: string, env: Environment): string {
  const expanded = expandHome(path, env);
  return isAbsolute(expanded) ? expanded : join(dirname(name), expanded);
}

function parsed(load: () => unknown, name: string): unknown {
  try {
    return load();
  } catch (error) {
    const line = isObject(error) && isObject(error["mark"]) ? error["mark"]["line"] : undefined;
    throw invalid(`${name} is not YAML${typeof line === "number" ? `: line ${line + 1}` : ""}`);
  }
}

function unknownKey(name: string, key: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "CONFIG_FILE_UNKNOWN_KEY",
    message: `${name} sets ${JSON.stringify(key.slice(0, 80))}, which is no option`,
    hint: "The keys are the names of get-token's options, for instance `role-arn`. See: eks-x509 get-token --help",
  });
}

function invalid(message: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "CONFIG_FILE_INVALID",
    message,
    hint: "Write one option a line, for instance: cluster-name: demo",
  });
}
