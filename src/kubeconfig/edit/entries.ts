/** What a kubeconfig's three lists shall hold once an entry of ours is in them: values only. */
import { isDeepStrictEqual } from "node:util";
import { isNode, type Document } from "yaml";
import { isObject } from "../../foundation/json.ts";
import { mergedCluster, mergedContext, mergedUser } from "./merge.ts";
import { kubeconfigProblem, quoted } from "../read/problem.ts";
import type { Content } from "../read/values.ts";
import { placeIn, type NamedText } from "../read/yaml.ts";
import type { EksX509Error } from "../../foundation/errors.ts";

export type EntryKind = "cluster" | "user" | "context";

const lists = { cluster: "clusters", user: "users", context: "contexts" } as const;
const kinds = ["cluster", "user", "context"] as const;

/**
 * Whatever kubectl could not read, too.
 * @param present what the document holds, as kubectl reads it
 * @throws EksX509Error KUBECONFIG_KIND, KUBECONFIG_FIELD_INVALID
 */
export function refuseOthers({ name, text }: NamedText, document: Document, present: unknown): void {
  const expect = (what: string, isSo: boolean, path: readonly unknown[]): void => {
    const node = isSo ? undefined : document.getIn(path, true);
    if (isSo) return;
    const place = isNode(node) && node.range ? `: ${placeIn(text, node.range[0])}` : "";
    throw fieldInvalid(`${name}: ${what}${place}`);
  };
  const content = present ?? {};
  expect("the file's content must be a mapping", isObject(content), []);
  if (!isObject(content)) return;
  const { kind, apiVersion, "current-context": current } = content;
  if ((kind || "Config") !== "Config" || (apiVersion || "v1") !== "v1") throw otherKind(name);
  expect("current-context must be text", typeof (current ?? "") === "string", ["current-context"]);
  for (const kind of kinds) {
    const list = content[lists[kind]] ?? [];
    expect(`${lists[kind]} must be a list`, Array.isArray(list), [lists[kind]]);
    for (const [index, item] of itemsOf(content, kind).entries()) {
      const path = [lists[kind], index];
      const where = `${lists[kind]}[${index}]`;
      expect(`${where} must be a mapping`, isObject(item), path);
      expect(`${where}.${kind} must be a mapping`, isObject(contentIn(item, kind)), [...path, kind]);
    }
  }
}

function itemsOf(content: Content, kind: EntryKind): readonly unknown[] {
  const list = content[lists[kind]];
  return Array.isArray(list) ? list : [];
}

function contentIn(item: unknown, kind: EntryKind): unknown {
  return (isObject(item) ? item[kind] : undefined) ?? {};
}

/** Undefined when there is none of that name. */
export function itemNamed(content: Content, kind: EntryKind, name: string): unknown {
  return itemsOf(content, kind).find((item) => isNamed(item, name));
}

function isNamed(item: unknown, name: string): boolean {
  return isObject(item) && item["name"] === name;
}

/**
 * client-go refuses a file with two entries of one name; which of them is meant, nobody can say. Others' are left to them.
 * @throws EksX509Error KUBECONFIG_NAME_TWICE, KUBECONFIG_USER_TAKEN
 */
export function withEntry(
  file: string,
  content: Content,
  kind: EntryKind,
  name: string,
  given: object,
): Content {
  const items = itemsOf(content, kind);
  const [found, second] = items.filter((item) => isNamed(item, name));
  if (second) throw twice(file, lists[kind], name);
  const old = contentIn(found, kind);
  const merged = merge(file, kind, name)(isObject(old) ? old : {}, { ...given });
  if (isObject(found) && isDeepStrictEqual(found[kind], merged)) return content;
  // kubectl writes an entry's keys in the order of the alphabet.
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

function fieldInvalid(message: string): EksX509Error {
  return kubeconfigProblem("KUBECONFIG_FIELD_INVALID", message, "Correct it by hand: nothing was changed.");
}

function otherKind(name: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_KIND",
    `${name} is no kubeconfig: its apiVersion and kind are not v1 and Config`,
    "Check the path: it may be a Kubernetes manifest. Nothing was changed.",
  );
}

function twice(file: string, list: string, name: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_NAME_TWICE",
    `${file}: ${list} has two entries named ${quoted(name)}`,
    "Rename or remove one of them: kubectl refuses the whole file. Nothing was changed.",
  );
}
