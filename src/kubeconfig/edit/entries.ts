/**
 * The three lists of a kubeconfig with our entry, as values. Like `kubectl config set-…`, and unlike the AWS CLI, which
 * replaces an entry: new members replace old ones, and all others stay, such as a namespace, a proxy-url, impersonation and
 * the extensions of other tools. A member that contradicts a new one is removed.
 */
import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../foundation/json.ts";
import type { EksX509Error } from "../../foundation/errors.ts";
import { kubeconfigProblem, quoted } from "../read/problem.ts";
import type { Content } from "../read/yaml.ts";

export type EntryKind = "cluster" | "user" | "context";

export const lists = { cluster: "clusters", user: "users", context: "contexts" } as const;

function itemsOf(content: Content, kind: EntryKind): readonly unknown[] {
  const list = content[lists[kind]];
  return Array.isArray(list) ? list : [];
}

function contentIn(item: unknown, kind: EntryKind): unknown {
  return (isObject(item) ? item[kind] : undefined) ?? {};
}

/** Undefined if there is none with this name. */
export function itemNamed(content: Content, kind: EntryKind, name: string): unknown {
  return itemsOf(content, kind).find((item) => isNamed(item, name));
}

function isNamed(item: unknown, name: string): boolean {
  return isObject(item) && item["name"] === name;
}

/** @throws EksX509Error KUBECONFIG_USER_TAKEN */
export function withEntry(
  file: string,
  content: Content,
  kind: EntryKind,
  name: string,
  given: object,
): Content {
  const items = itemsOf(content, kind);
  const found = items.find((item) => isNamed(item, name));
  const old = contentIn(found, kind);
  const merged = merge(file, kind, name)(isObject(old) ? old : {}, { ...given });
  if (isObject(found) && isDeepStrictEqual(found[kind], merged)) return content;
  // kubectl writes an entry's keys in alphabetical order.
  const fresh = kind === "user" ? { name, [kind]: merged } : { [kind]: merged, name };
  const next = isObject(found)
    ? items.map((item) => (item === found ? { ...found, [kind]: merged } : item))
    : [...items, fresh];
  return { ...content, [lists[kind]]: next };
}

function merge(file: string, kind: EntryKind, name: string) {
  if (kind === "cluster") return mergedCluster;
  if (kind === "context") return mergedContext;
  return (old: Content, given: Content): Content => mergedUser(file, name, old, given);
}

function mergedContext(old: Content, given: Content): Content {
  return { ...old, ...given };
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

/**
 * Credentials of another kind may exist nowhere else, so they are not overwritten.
 * @throws EksX509Error KUBECONFIG_USER_TAKEN
 */
function mergedUser(file: string, name: string, old: Content, given: Content): Content {
  const other = otherCredentials.find((member) => (old[member] ?? "") !== "");
  if (other !== undefined) throw taken(file, name, other);
  const exec = mergedExec(old["exec"], given["exec"]);
  return { ...old, ...given, ...(exec === undefined ? {} : { exec }) };
}

/** Members of an earlier run with other options would win over the cluster's extension, or contradict the rest. */
const execMembers = ["apiVersion", "args", "command", "installHint", "interactiveMode", "provideClusterInfo"];

/** Another program's exec entry is replaced completely, because its variables have no meaning for this one. */
function mergedExec(old: unknown, given: unknown): unknown {
  if (!isObject(old) || !isObject(given) || programOf(old["command"]) !== programOf(given["command"]))
    return given;
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

/** `eks-x509`, as a name on PATH or as a path. */
export function programOf(command: unknown): string | undefined {
  return typeof command === "string" ? command.replace(/^.*[/\\]|\.(exe|cmd)$/g, "") : undefined;
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

function taken(file: string, name: string, member: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_USER_TAKEN",
    `${file}: the user ${quoted(name)} signs in with its ${member}, not with an exec plugin`,
    "Choose another name for the new user, or remove the old one: kubectl config delete-user NAME. Nothing was changed.",
  );
}
