/**
 * kubectl's configuration: the files that it reads and their merged content, or why it refuses a file. client-go,
 * tools/clientcmd, ClientConfigLoadingRules: for entries of one name, and for the current context, the first file wins
 * completely.
 */
import { posix, win32 } from "node:path";
import { isNode } from "yaml";
import type { Environment, ReadFile } from "../../foundation/ports.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { isContent, shownPath } from "../../foundation/shown.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { type Cluster, type Context, type Origin, type User, cluster, context, user } from "./entries.ts";
import { Fields } from "./fields.ts";
import { kubeconfigProblem, quoted } from "./problem.ts";
import {
  type NamedText,
  type YamlText,
  decodedText,
  kubeconfigTooLarge,
  largestKubeconfig,
  placeIn,
  readYaml,
} from "./yaml.ts";

export interface KubeconfigPaths {
  /** The source of the paths, for messages. */
  source: "--kubeconfig" | "KUBECONFIG" | "the default kubeconfig";
  /** Relative paths start at the current folder. The first path has precedence. */
  paths: readonly string[];
}

/**
 * --kubeconfig, which is one file; else KUBECONFIG, a list; else ~/.kube/config. kubectl expands no `~` in KUBECONFIG, and
 * reads nothing if KUBECONFIG contains only separators.
 *
 * @param home the user's folder; undefined if unknown
 */
export function kubeconfigPaths(
  flag: string | undefined,
  env: Environment,
  { home: ofUser, platform }: { home: string | undefined; platform: NodeJS.Platform },
): KubeconfigPaths {
  const rules = pathRules(platform);
  // client-go, util/homedir: HOME alone. Without it, kubectl does not ask the system for the user's home.
  const home = platform === "win32" ? ofUser : env["HOME"];
  if (flag) return withoutKeys({ source: "--kubeconfig", paths: [flag] });
  const list = env["KUBECONFIG"];
  if (!list && !home) throw homeUnknown();
  if (!list) return { source: "the default kubeconfig", paths: [rules.join(home ?? "", ".kube", "config")] };
  const paths = list
    .split(rules.delimiter)
    .map((path) => (platform === "win32" ? path.replaceAll('"', "") : path))
    .filter(Boolean);
  return withoutKeys({ source: "KUBECONFIG", paths: [...new Set(paths)] });
}

/** update-kubeconfig would create a file of this name, and messages print it. */
function withoutKeys(chosen: KubeconfigPaths): KubeconfigPaths {
  const isKey = (path: string): boolean =>
    isContent(path) || (!/[/\\]/.test(path) && shownPath(path) !== path);
  if (!chosen.paths.some(isKey)) return chosen;
  throw kubeconfigProblem(
    "KUBECONFIG_PATH_EXPECTED",
    `${chosen.source} contains the content of a file or a key, not a path`,
    "Use the path of a kubeconfig.",
  );
}

function pathRules(platform: NodeJS.Platform): typeof posix {
  return platform === "win32" ? win32 : posix;
}

export interface Kubeconfig {
  files: readonly string[];
  clusters: ReadonlyMap<string, Cluster>;
  users: ReadonlyMap<string, User>;
  contexts: ReadonlyMap<string, Context>;
  currentContext: { name: string; file: string } | undefined;
}

export interface KubeconfigPorts {
  readFile: ReadFile;
  /** Absolute path of the current folder, which only a relative path needs. */
  cwd: () => string;
  platform: NodeJS.Platform;
}

export async function loadKubeconfig(
  { source, paths }: KubeconfigPaths,
  ports: KubeconfigPorts,
): Promise<Kubeconfig> {
  if (paths.length === 0) throw listEmpty();
  const files = await loadEach({ source, paths }, ports);
  if (files.length === 0) throw noneThere(source, paths);
  return mergeKubeconfigs(files);
}

/**
 * Each file that exists, in the order of precedence.
 * @throws EksX509Error those of a file, and FILE_…
 */
export async function loadEach(
  { source, paths }: KubeconfigPaths,
  { readFile, cwd, platform }: KubeconfigPorts,
): Promise<Kubeconfig[]> {
  const rules = pathRules(platform);
  const absolute = (path: string) => (rules.isAbsolute(path) ? path : rules.resolve(cwd(), path));
  const read = await Promise.all(
    paths.map(async (path) => {
      const text = await textOf(path, source, readFile);
      return text === undefined ? [] : [{ path, folder: rules.dirname(absolute(path)), text }];
    }),
  );
  return read.flat().map((file) => parseKubeconfig(file, platform));
}

/** @returns undefined for a file that does not exist. An empty file has no entries and is valid */
async function textOf(
  path: string,
  source: KubeconfigPaths["source"],
  readFile: ReadFile,
): Promise<string | undefined> {
  try {
    const role = { given: source, hop: "kubeconfig", category: "usage", limit: largestKubeconfig } as const;
    const { bytes } = await readFile(path, role);
    return decodedText(path, bytes);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    if (error.code === "FILE_EMPTY") return "";
    // kubectl passes over a missing file, but not over one in a folder that is a file.
    if (error.code === "FILE_MISSING" && systemCode(error.cause) === "ENOENT") return undefined;
    if (error.code === "FILE_TOO_LARGE") throw kubeconfigTooLarge(path);
    throw error;
  }
}

export interface KubeconfigText {
  path: string;
  /** Absolute: the base of its relative paths. */
  folder: string;
  text: string;
}

export function parseKubeconfig(
  { path, folder, text }: KubeconfigText,
  platform: NodeJS.Platform,
): Kubeconfig {
  const yaml = readYaml({ name: path, text });
  return kubeconfigIn(yaml, text, { file: path, folder, rules: pathRules(platform) });
}

/** The content that kubectl decodes. Everything that makes kubectl refuse the whole file is an error. */
export function kubeconfigIn(yaml: YamlText, text: string, origin: Origin): Kubeconfig {
  const { file } = origin;
  const fields = kubeconfigFields(yaml, { name: file, text });
  const preferences = fields.fields("preferences");
  preferences.flag("colors");
  for (const holder of [fields, preferences]) holder.extensions();
  const current = fields.text("current-context");
  return {
    files: [file],
    clusters: byName(fields.named("clusters", "cluster"), cluster, origin),
    users: byName(fields.named("users", "user"), user, origin),
    contexts: byName(fields.named("contexts", "context"), context, origin),
    currentContext: current ? { name: current, file } : undefined,
  };
}

export function kubeconfigFields({ document, content }: YamlText, { name, text }: NamedText): Fields {
  const placeOf = (path: readonly (string | number)[]): string => {
    const node = document.getIn(path, true);
    return isNode(node) && node.range ? `: ${placeIn(text, node.range[0])}` : "";
  };
  const fields = new Fields(content, { file: name, placeOf });
  const apiVersion = fields.textInAnyCase("apiVersion") || "v1";
  const kind = fields.textInAnyCase("kind") || "Config";
  if (apiVersion === "v1" && kind === "Config") return fields;
  throw kubeconfigProblem(
    "KUBECONFIG_KIND",
    `${name} contains a ${quoted(kind)} of apiVersion ${quoted(apiVersion)}, not a kubeconfig`,
    "A kubeconfig has apiVersion: v1 and kind: Config. Check the path.",
  );
}

/** @param files in the order of precedence */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  // A map keeps the last entry of a name.
  const reversed = files.toReversed();
  return {
    files: files.flatMap((file) => file.files),
    clusters: new Map(reversed.flatMap(({ clusters }) => [...clusters])),
    users: new Map(reversed.flatMap(({ users }) => [...users])),
    contexts: new Map(reversed.flatMap(({ contexts }) => [...contexts])),
    currentContext: files.find(({ currentContext }) => currentContext)?.currentContext,
  };
}

function byName<Value>(
  entries: readonly [name: string, content: Fields][],
  read: (name: string, content: Fields, origin: Origin) => Value,
  origin: Origin,
): ReadonlyMap<string, Value> {
  return new Map(entries.map(([name, fields]) => [name, read(name, fields, origin)]));
}

export function homeUnknown(): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_HOME_UNKNOWN",
    "the home folder, which contains the kubeconfig, is not known",
    "Set HOME, or name the file with --kubeconfig.",
  );
}

export function listEmpty(): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_LIST_EMPTY",
    "KUBECONFIG is set but names no file",
    "Unset it to use ~/.kube/config, or name a file. Until then kubectl reads no kubeconfig and calls localhost:8080.",
  );
}

function noneThere(source: string, paths: readonly string[]): EksX509Error {
  if (source === "--kubeconfig")
    return kubeconfigProblem(
      "KUBECONFIG_NOT_THERE",
      `${paths.join(", ")} (--kubeconfig) does not exist`,
      "Check the path. A relative one starts at the current folder.",
    );
  const tilde = paths.some((path) => path.startsWith("~")) ? " kubectl does not expand ~ in KUBECONFIG." : "";
  return kubeconfigProblem(
    "KUBECONFIG_NONE",
    `there is no kubeconfig: ${paths.slice(0, 5).join(", ")} (${source}) ${paths.length > 1 ? "do" : "does"} not exist`,
    `Name the file with --kubeconfig or KUBECONFIG.${tilde} kubectl skips files of KUBECONFIG that do not exist. Without any file it calls localhost:8080.`,
  );
}
