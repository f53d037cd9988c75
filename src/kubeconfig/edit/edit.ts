/**
 * Entries of ours, put into a kubeconfig that has others' too. What it shall hold is worked out on values; then its text
 * is changed as little as gives that, and read again: comments, order, quoting and layout of everything else stay as
 * they were, byte for byte, in an entry that changes too.
 */
import { posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { EksX509Error } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import { itemNamed, lists, withEntry, type EntryKind } from "./entries.ts";
import { textHolding } from "./text.ts";
import { kubeconfigProblem } from "../read/problem.ts";
import { kubeconfigFields, kubeconfigIn, mergeKubeconfigs, type Kubeconfig } from "../read/kubeconfig.ts";
import { placeIn, readYaml, type Content, type NamedText, type YamlText } from "../read/yaml.ts";

export interface KubeconfigEntries {
  cluster: { name: string; cluster: object };
  user: { name: string; user: object };
  context: { name: string; context: object };
  /** Whether the context becomes the current one; of several that do, the last. */
  isCurrent: boolean;
}

export type Change = "added" | "updated" | "unchanged";

export interface Changes {
  cluster: Change;
  user: Change;
  context: Change;
  currentContext: Change;
}

export interface Edited {
  /** The very text that was given, when all entries were there. */
  text: string;
  /** Of all entries together: updated when any was, else added when any was. */
  changes: Changes;
  /** Of each of them, in their order. */
  each: readonly Changes[];
  /** As kubectl decodes the file; what it refuses counts as empty. */
  before: Kubeconfig;
  after: Kubeconfig;
}

/**
 * @param file whose text may be empty, for a new file
 * @throws EksX509Error those of readYaml() and kubeconfigIn(), KUBECONFIG_USER_TAKEN, KUBECONFIG_ALIASED,
 * KUBECONFIG_LAYOUT, KUBECONFIG_LINE_BREAK, KUBECONFIG_NOT_UNICODE
 */
export function editKubeconfig(file: NamedText, entries: readonly KubeconfigEntries[]): Edited {
  refuseHalves(entries);
  refuseNewLines(file);
  const yaml = readYaml(file);
  checkLists(yaml, file);
  const present = isObject(yaml.content) ? yaml.content : {};
  let content: Content = present;
  const each = entries.map((entry) => {
    const before = content;
    content = withEntries(file.name, content, entry);
    return changesBetween(before, content, entry);
  });
  const result = resultWith(file, yaml, present, content);
  const before = decoded(yaml, file);
  const after = decoded(result.yaml, { ...file, text: result.text });
  // An edit may replace what kubectl refuses. Where it does not, the message is about the file as it was.
  if (after instanceof EksX509Error) throw before instanceof EksX509Error ? before : after;
  return {
    text: result.text,
    changes: summed(each),
    each,
    before: before instanceof EksX509Error ? mergeKubeconfigs([]) : before,
    after,
  };
}

/** UTF-8 cannot hold half of a surrogate pair, and go-yaml refuses it escaped. */
function refuseHalves(entries: readonly KubeconfigEntries[]): void {
  JSON.stringify(entries, (_key, value: unknown) => {
    if (typeof value !== "string" || !/\p{Surrogate}/u.test(value)) return value;
    throw kubeconfigProblem(
      "KUBECONFIG_NOT_UNICODE",
      "a name or path for the kubeconfig is no Unicode text: it has half of a surrogate pair",
      "Correct it: kubectl would read another one. Nothing was changed.",
    );
  });
}

/** YAML 1.1, and so kubectl, ends a line there, and with it a comment; YAML 1.2 does not. */
function refuseNewLines({ name, text }: NamedText): void {
  const index = text.search(/[\x85\u2028\u2029]/);
  if (index === -1) return;
  const character = text.charCodeAt(index).toString(16).toUpperCase().padStart(4, "0");
  throw kubeconfigProblem(
    "KUBECONFIG_LINE_BREAK",
    `${name} has a U+${character} at ${placeIn(text, index)}, which ends a line for kubectl and not for other clients`,
    "Remove it; within double quotes, write it as \\u2028 and the like. Nothing was changed.",
  );
}

/** @throws EksX509Error KUBECONFIG_KIND, KUBECONFIG_FIELD_INVALID, where an edit would overwrite what somebody wrote */
function checkLists(yaml: YamlText, file: NamedText): void {
  const fields = kubeconfigFields(yaml, file);
  fields.text("current-context");
  for (const [kind, list] of Object.entries(lists)) for (const item of fields.list(list)) item.fields(kind);
}

/** Or why kubectl refuses the whole file. */
function decoded(yaml: YamlText, { name, text }: NamedText): Kubeconfig | EksX509Error {
  try {
    return kubeconfigIn(yaml, text, { file: name, folder: posix.dirname(name), rules: posix });
  } catch (error) {
    if (error instanceof EksX509Error) return error;
    throw error;
  }
}

/** The order in which kubectl writes them. */
const newFile: Content = {
  apiVersion: "v1",
  clusters: [],
  contexts: [],
  "current-context": "",
  kind: "Config",
  users: [],
};

function withEntries(file: string, content: Content, entries: KubeconfigEntries): Content {
  const { cluster, user, context, isCurrent } = entries;
  const start = Object.keys(content).length === 0 ? newFile : content;
  const withCluster = withEntry(file, start, "cluster", cluster.name, cluster.cluster);
  const withContext = withEntry(file, withCluster, "context", context.name, context.context);
  const withUser = withEntry(file, withContext, "user", user.name, user.user);
  return isCurrent ? { ...withUser, "current-context": context.name } : withUser;
}

function changesBetween(before: Content, after: Content, entries: KubeconfigEntries): Changes {
  const change = (kind: EntryKind): Change =>
    changeOf(itemNamed(before, kind, entries[kind].name), itemNamed(after, kind, entries[kind].name));
  return {
    cluster: change("cluster"),
    user: change("user"),
    context: change("context"),
    currentContext: changeOf(before["current-context"] || undefined, after["current-context"] || undefined),
  };
}

function changeOf(before: unknown, after: unknown): Change {
  if (isDeepStrictEqual(before, after)) return "unchanged";
  return before === undefined ? "added" : "updated";
}

function summed(each: readonly Changes[]): Changes {
  const sum = (member: keyof Changes): Change => {
    const all = new Set(each.map((changes) => changes[member]));
    return all.has("updated") ? "updated" : all.has("added") ? "added" : "unchanged";
  };
  return {
    cluster: sum("cluster"),
    user: sum("user"),
    context: sum("context"),
    currentContext: sum("currentContext"),
  };
}

function resultWith(
  file: NamedText,
  yaml: YamlText,
  present: Content,
  content: Content,
): { text: string; yaml: YamlText } {
  if (isDeepStrictEqual(present, content)) return { text: file.text, yaml };
  try {
    const text = textHolding(file.text, yaml.document, present, content);
    const result = readYaml({ ...file, text });
    if (isDeepStrictEqual(result.content, content)) return { text, yaml: result };
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
  }
  throw yaml.hasAliases ? aliased(file.name) : laidOut(file.name);
}

function aliased(name: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_ALIASED",
    `${name} has an anchor (&NAME) or alias (*NAME) in an entry that is to change`,
    "Write out what it stands for, or choose other names for the new entries. Nothing was changed.",
  );
}

function laidOut(name: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_LAYOUT",
    `${name} is YAML of an unusual layout, which cannot be changed without touching what others wrote`,
    "Write its lists and names plainly, without tags, `? key` and block scalars; or let kubectl write the file afresh, without its comments: kubectl config set-context NEW, then kubectl config delete-context NEW. Nothing was changed.",
  );
}
