/** The options' values, each with its source: flag, environment, cluster extension, config file. */
import { type EksX509Error, errorsOf, usageError } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import type { Environment, Machine } from "../../foundation/ports.ts";
import { isContent, shown, shownKey } from "../../foundation/shown.ts";
import { type Option, type OptionName, isOptionName, optionEntries, optionNamed } from "./options.ts";
import { parseEndpoint } from "../../http/endpoint.ts";

export interface Setting {
  value: string;
  /** `--region`, `AWS_REGION`, `the cluster's extension`, or the config file's path. */
  source: string;
}

export const extensionSource = "the cluster's extension";

export type Values = ReadonlyMap<OptionName, string>;
export type Settings = ReadonlyMap<OptionName, Setting>;

export interface Sources {
  flags: Values;
  env: Environment;
  extension: Values;
  file: { path: string; values: Values } | undefined;
}

/**
 * Flag, EKS_X509_ variable, cluster extension, AWS_ variable, file: the first one with a value. What was written for the cluster
 * counts more than an AWS_REGION that somebody exported for something else.
 */
export function settingsFrom(sources: Sources): Settings {
  const settings = new Map<OptionName, Setting>();
  for (const [name, option] of optionEntries) {
    const setting = settingOf(name, option, sources);
    if (setting && option.isPath) checkPath(setting);
    if (setting) settings.set(name, setting);
  }
  return settings;
}

function settingOf(
  name: OptionName,
  option: Option,
  { flags, env, extension, file }: Sources,
): Setting | undefined {
  const [own, ...ofAws] = option.env;
  const inVariable = (variable: string) => sourced(env[variable] || undefined, variable);
  return (
    sourced(flags.get(name), `--${name}`) ??
    inVariable(own) ??
    sourced(extension.get(name), extensionSource) ??
    ofAws.map(inVariable).find(Boolean) ??
    (file && sourced(file.values.get(name), file.path))
  );
}

function sourced(value: string | undefined, source: string): Setting | undefined {
  return value === undefined ? undefined : { value, source };
}

/** People write the content of a file, even of a key, instead of its path. A message must not repeat it. */
export function checkPath({ value, source }: Setting): void {
  if (!isContent(value)) return;
  throw usageError(
    "PATH_EXPECTED",
    `${source} contains the content of a file, or other text that is no path`,
    "Write the content into a file that only you can read, and use its path.",
  );
}

/** Reads the cluster's extension. Somebody else may have written it, so all but a few options are refused by name. */
export function extensionValues(config: unknown): Values {
  if (config === undefined) return new Map();
  if (!isObject(config)) throw extensionError("is not an object");
  return readValues(config, "inExtension", {
    unknown: (key) => extensionError(`cannot set ${shownKey(key)}`),
    invalid: (key) => extensionError(`sets ${key} to a value that is not one text`),
  });
}

function extensionError(why: string): EksX509Error {
  const allowed = optionEntries.filter(([, { inExtension }]) => inExtension).map(([name]) => name);
  return errorsOf("usage", "exec-info")(
    "EXTENSION_REFUSED",
    `the cluster's extension client.authentication.k8s.io/exec ${why}`,
    `It can set ${allowed.join(", ")}. Other options belong into the users.exec entry, the environment or the config file.`,
  );
}

/** Keys are the names of the options, as in the flags, or in camelCase, as in the rest of a kubeconfig. */
export function readValues(
  object: Record<string, unknown>,
  place: "inExtension" | "inFile",
  complaints: Record<"unknown" | "invalid", (key: string) => EksX509Error>,
): Values {
  const values = new Map<OptionName, string>();
  for (const [key, value] of Object.entries(object)) {
    const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (!isOptionName(name) || !optionNamed(name)[place]) throw complaints.unknown(key);
    if (typeof value !== "string" || value === "" || values.has(name)) throw complaints.invalid(key);
    values.set(name, value);
  }
  return values;
}

export function isOn(setting: Setting | undefined): boolean {
  if (setting === undefined || /^(false|0|no|off)$/i.test(setting.value)) return false;
  if (/^(true|1|yes|on)$/i.test(setting.value)) return true;
  throw usageError(
    "BOOLEAN_INVALID",
    `${setting.source} is neither true nor false`,
    "Use true or false, or omit it. A flag without a value is true.",
  );
}

export function settingFacts(settings: Settings): [label: string, value: string][] {
  return [...settings].map(([name, { value, source }]) => {
    // An invalid endpoint can contain a password.
    const isHidden = name === "endpoint" && !(parseEndpoint(value) instanceof URL);
    return [name, `${isHidden ? "(not shown)" : shown(value)} (${source})`];
  });
}

export type HomeRules = Pick<Machine, "home" | "paths">;

/** Expands `~/` at the start of a path. No shell reads a kubeconfig's args or a config file, but people write it there. */
export function expandHome(path: string, { home, paths }: HomeRules): string {
  return home !== undefined && /^~[/\\]/.test(path) ? paths.join(home, path.slice(2)) : path;
}
