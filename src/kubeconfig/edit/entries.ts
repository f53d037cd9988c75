/**
 * The three lists of a kubeconfig with our entry, as values. Like `kubectl config set-…`, and unlike the AWS CLI, which
 * replaces an entry: new members replace old ones, and all others stay, such as a namespace, a proxy-url, impersonation and
 * the extensions of other tools. A member that contradicts a new one is removed.
 */
import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../foundation/json.ts";
import { programName } from "../program-name.ts";
import { kubeconfigProblem, quoted } from "../read/problem.ts";
import type { Content } from "../read/yaml.ts";

export interface KubeconfigEntries {
  cluster: { name: string; cluster: object };
  user: { name: string; user: object };
  context: { name: string; context: object };
  /** Whether the context becomes the current one; if there are several, the last one. */
  isCurrent: boolean;
}

export const lists = { cluster: "clusters", user: "users", context: "contexts" } as const;

/** The order in which kubectl writes them. */
const newFile: Content = {
  apiVersion: "v1",
  clusters: [],
  contexts: [],
  "current-context": "",
  kind: "Config",
  users: [],
};

export function withEntries(file: string, content: Content, entries: readonly KubeconfigEntries[]): Content {
  const start = Object.keys(content).length === 0 ? newFile : content;
  const clusters = entries.map(({ cluster }) => [cluster.name, cluster.cluster] as const);
  const contexts = entries.map(({ context }) => [context.name, context.context] as const);
  const users = entries.map(({ user }) => [user.name, user.user] as const);
  const current = entries.findLast(({ isCurrent }) => isCurrent)?.context.name;
  return {
    ...start,
    clusters: withEach(start, "cluster", clusters, mergedCluster),
    contexts: withEach(start, "context", contexts, (old, given) => ({ ...old, ...given })),
    users: withEach(start, "user", users, (old, given, name) => mergedUser(file, name, old, given)),
    ...(current !== undefined && { "current-context": current }),
  };
}

function withEach(
  content: Content,
  kind: keyof typeof lists,
  entries: readonly (readonly [name: string, given: object])[],
  merge: (old: Content, given: Content, name: string) => Content,
): readonly unknown[] {
  const list = content[lists[kind]];
  const present: readonly unknown[] = Array.isArray(list) ? list : [];
  const items = [...present];
  const places = new Map(items.map((item, place) => [isObject(item) ? item["name"] : undefined, place]));
  for (const [name, given] of entries) {
    const place = places.get(name);
    const found = place === undefined ? undefined : items[place];
    const old = isObject(found) ? found[kind] : undefined;
    const merged = merge(isObject(old) ? old : {}, { ...given }, name);
    if (place === undefined || !isObject(found)) {
      places.set(name, items.length);
      // kubectl writes an entry's keys in alphabetical order.
      items.push(kind === "user" ? { name, [kind]: merged } : { [kind]: merged, name });
    } else if (!isDeepStrictEqual(old, merged)) items[place] = { ...found, [kind]: merged };
  }
  return items;
}

/** client-go refuses two CAs, and a CA with insecure-skip-tls-verify. */
const trust = ["certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify"];

function mergedCluster(old: Content, given: Content): Content {
  const givesTrust = trust.some((member) => member in given);
  const isMoved = "server" in given && given["server"] !== old["server"];
  const stale = [
    ...(givesTrust ? trust : []),
    // It was the name for another server's certificate; `kubectl config set-cluster --server` removes it too.
    ...(isMoved ? ["tls-server-name"] : []),
  ];
  return withNamed("extensions", without(old, stale), given);
}

/** They take precedence over the exec plugin, or exclude it, so the new entry would never be used. */
const otherCredentials = [
  "auth-provider",
  "client-certificate",
  "client-certificate-data",
  "client-key",
  "client-key-data",
  "password",
  "token",
  "tokenFile",
  "username",
];

/** Credentials of another kind may exist nowhere else, so they are not overwritten. */
function mergedUser(file: string, name: string, old: Content, given: Content): Content {
  const other = otherCredentials.find((member) => (old[member] ?? "") !== "");
  if (other !== undefined)
    throw kubeconfigProblem(
      "KUBECONFIG_USER_TAKEN",
      `${file}: the user ${quoted(name)} signs in with its ${other}, not with an exec plugin`,
      "Choose another name for the new user, or remove the old one: kubectl config delete-user NAME. Nothing was changed.",
    );
  const exec = mergedExec(old["exec"], given["exec"]);
  return { ...old, ...given, ...(exec === undefined ? {} : { exec }) };
}

/** Members of an earlier run with other options would win over the cluster's extension, or contradict the rest. */
const execMembers = ["apiVersion", "args", "command", "installHint", "interactiveMode", "provideClusterInfo"];

/** Another program's exec entry is replaced completely, because its variables have no meaning for this one. */
function mergedExec(old: unknown, given: unknown): unknown {
  if (!isObject(old) || !isObject(given) || !isSameProgram(old["command"], given["command"])) return given;
  const args = withServers(old["args"], given["args"]);
  return withNamed("env", without(old, execMembers), { ...given, args });
}

const serversOption = "--cluster-servers=";

/** One users entry serves several clusters: the servers of the others stay, and NAME=URL of this one has its new CA. */
function withServers(old: unknown, given: unknown): unknown {
  if (!Array.isArray(old) || !Array.isArray(given)) return given;
  const both: unknown[] = old.concat(given);
  const servers = new Map(both.flatMap(serversIn).map((one) => [one.replace(/#.*/, ""), one]));
  if (servers.size === 0) return given;
  const others: unknown[] = given.filter((arg) => serversIn(arg).length === 0);
  return [...others, `${serversOption}${[...servers.values()].join(",")}`];
}

function serversIn(arg: unknown): string[] {
  return typeof arg === "string" && arg.startsWith(serversOption)
    ? arg.slice(serversOption.length).split(",")
    : [];
}

function isSameProgram(one: unknown, other: unknown): boolean {
  return typeof one === "string" && typeof other === "string" && programName(one) === programName(other);
}

function without(members: Content, names: readonly string[]): Content {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

/** @param list items with names. A new item replaces the items of its name; one stays, because client-go refuses two */
function withNamed(list: string, old: Content, given: Content): Content {
  const before = old[list];
  const added = given[list];
  if (!Array.isArray(before) || !Array.isArray(added)) return { ...old, ...given };
  const items: unknown[] = before;
  const givenItems: unknown[] = added;
  const replaced = items.map((item) => givenItems.find((candidate) => isNamesake(candidate, item)) ?? item);
  const fresh = givenItems.filter((item) => !replaced.includes(item));
  return { ...old, ...given, [list]: [...new Set([...replaced, ...fresh])] };
}

function isNamesake(one: unknown, other: unknown): boolean {
  return isObject(one) && isObject(other) && one["name"] === other["name"];
}
