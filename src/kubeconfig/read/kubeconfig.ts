/**
 * What kubectl's configuration is, made of one or several files.
 * client-go, tools/clientcmd, ClientConfigLoadingRules.Load: of the entries of one name, and of the current contexts, the
 * first file's counts, as a whole.
 */
import type { ReadFile } from "../../foundation/files.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import { cluster, context, user, type Cluster, type Context, type Origin, type User } from "./entries.ts";
import { Fields } from "./fields.ts";
import { valuesAsKubectl } from "./old-yaml.ts";
import { pathRules, type KubeconfigPaths } from "./paths.ts";
import { kubeconfigProblem, quoted } from "./problem.ts";
import { kubeconfigDocument, kubeconfigTooLarge, largestKubeconfig } from "./yaml.ts";

export interface Kubeconfig {
  /** Those that were read, as they were named. */
  files: readonly string[];
  clusters: ReadonlyMap<string, Cluster>;
  users: ReadonlyMap<string, User>;
  contexts: ReadonlyMap<string, Context>;
  currentContext: { name: string; file: string } | undefined;
}

export interface KubeconfigPorts {
  readFile: ReadFile;
  /** Absolute path of the current folder. */
  cwd: string;
  platform: NodeJS.Platform;
}

/** @throws EksX509Error KUBECONFIG_LIST_EMPTY, KUBECONFIG_NOT_THERE, KUBECONFIG_NONE, those of a file, and FILE_… */
export async function loadKubeconfig(
  { source, paths }: KubeconfigPaths,
  { readFile, cwd, platform }: KubeconfigPorts,
): Promise<Kubeconfig> {
  if (paths.length === 0) throw listEmpty();
  const rules = pathRules(platform);
  const read = await Promise.all(
    paths.map(async (path) => {
      const text = await textOf(path, source, readFile);
      return text === undefined ? [] : [{ path, folder: rules.dirname(rules.resolve(cwd, path)), text }];
    }),
  );
  const files = read.flat();
  if (files.length === 0) throw source === "--kubeconfig" ? notThere(paths) : noneThere(source, paths);
  return mergeKubeconfigs(files.map((file) => parseKubeconfig(file, platform)));
}

/** @returns undefined for a file that does not exist; nothing for an empty one, which is none the worse for it */
async function textOf(
  path: string,
  source: KubeconfigPaths["source"],
  readFile: ReadFile,
): Promise<string | undefined> {
  try {
    const role = { given: source, hop: "kubeconfig", category: "usage", limit: largestKubeconfig } as const;
    const { bytes } = await readFile(path, role);
    return Buffer.from(bytes).toString("utf8");
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    if (error.code === "FILE_EMPTY") return "";
    if (error.code === "FILE_MISSING") return undefined;
    if (error.code === "FILE_TOO_LARGE") throw kubeconfigTooLarge(path);
    throw error;
  }
}

/** One file's text. */
export interface KubeconfigText {
  /** As it was named, for messages. */
  path: string;
  /** Absolute: where its relative paths start. */
  folder: string;
  text: string;
}

/** @throws EksX509Error those of kubeconfigDocument, and KUBECONFIG_KIND, KUBECONFIG_FIELD_INVALID, KUBECONFIG_BASE64, KUBECONFIG_NAME_TWICE */
export function parseKubeconfig(
  { path, folder, text }: KubeconfigText,
  platform: NodeJS.Platform,
): Kubeconfig {
  const fields = new Fields(valuesAsKubectl(kubeconfigDocument({ name: path, text })), path);
  checkKind(path, fields.text("apiVersion") || "v1", fields.text("kind") || "Config");
  const preferences = fields.fields("preferences");
  preferences.flag("colors");
  for (const holder of [fields, preferences]) holder.extensions();
  const origin = { file: path, folder, rules: pathRules(platform) };
  const current = fields.text("current-context");
  return {
    files: [path],
    clusters: byName(fields.named("clusters", "cluster"), cluster, origin),
    users: byName(fields.named("users", "user"), user, origin),
    contexts: byName(fields.named("contexts", "context"), context, origin),
    currentContext: current ? { name: current, file: path } : undefined,
  };
}

/** @param files in the order of precedence */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  return {
    files: files.flatMap((file) => file.files),
    clusters: firstOfEach(files.map(({ clusters }) => clusters)),
    users: firstOfEach(files.map(({ users }) => users)),
    contexts: firstOfEach(files.map(({ contexts }) => contexts)),
    currentContext: files.find(({ currentContext }) => currentContext)?.currentContext,
  };
}

/** A map keeps the last of a name. */
function firstOfEach<Value>(maps: readonly ReadonlyMap<string, Value>[]): ReadonlyMap<string, Value> {
  return new Map(maps.toReversed().flatMap((map) => [...map]));
}

function byName<Value>(
  entries: readonly [name: string, content: Fields][],
  read: (name: string, content: Fields, origin: Origin) => Value,
  origin: Origin,
): ReadonlyMap<string, Value> {
  return new Map(entries.map(([name, fields]) => [name, read(name, fields, origin)]));
}

function checkKind(path: string, apiVersion: string, kind: string): void {
  if (apiVersion === "v1" && kind === "Config") return;
  throw kubeconfigProblem(
    "KUBECONFIG_KIND",
    `${path} holds a ${quoted(kind)} of apiVersion ${quoted(apiVersion)}, and no kubeconfig`,
    "A kubeconfig has apiVersion: v1 and kind: Config. Check the path.",
  );
}

function listEmpty(): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_LIST_EMPTY",
    "KUBECONFIG is set, and names no file",
    "Unset it to use ~/.kube/config, or name a file. kubectl then has no cluster, and asks localhost:8080.",
  );
}

function notThere(paths: readonly string[]): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_NOT_THERE",
    `${paths.join(", ")} (--kubeconfig) does not exist`,
    "Check the path. A relative one starts at the current folder.",
  );
}

function noneThere(source: string, paths: readonly string[]): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_NONE",
    `there is no kubeconfig: ${paths.slice(0, 5).join(", ")} (${source}) ${paths.length > 1 ? "do" : "does"} not exist`,
    "Name the file with --kubeconfig or KUBECONFIG. kubectl passes over files of KUBECONFIG that do not exist, and without any asks localhost:8080.",
  );
}
