/** One entry of a list, written again: its comments, quotes and order of keys are kept. */
import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, isSeq, parseDocument, type Document, type YAMLMap, type YAMLSeq } from "yaml";
import { isObject, parseJson } from "../json.ts";
import { hasAliases } from "./kubeconfig-aliases.ts";
import { columnOf, endOf, lineEnd, type Layout, type Replacement } from "./kubeconfig-layout.ts";
import { itemsOf, membersOf } from "./kubeconfig-values.ts";

/** @param node of that text; one that is an alias, or has aliases in it, is left alone */
export function changedItem(text: string, node: unknown, wanted: unknown, layout: Layout): Replacement {
  if (!isMap(node) || !node.range || !isObject(wanted)) return { start: 0, end: 0, by: "" };
  const [start, flowEnd] = node.range;
  const end = node.flow ? flowEnd : lineEnd(text, endOf(node));
  const own = text.slice(start, end);
  if (isObject(parseJson(own))) return { start, end, by: json(text, start, own, wanted, layout) };
  const indent = " ".repeat(columnOf(text, node));
  const alone = parseDocument(own.replaceAll(new RegExp(`\\r?\\n {0,${indent.length}}`, "g"), "\n"), {
    compat: "yaml-1.1",
    logLevel: "silent",
  });
  if (!isMap(alone.contents) || hasAliases(alone)) return { start, end, by: own };
  fit(alone, alone.contents, wanted);
  const flowCollectionPadding = !/^\{\S/.test(own);
  const lines = alone
    .toString({ lineWidth: 0, indentSeq: layout.indentSeq, flowCollectionPadding })
    .split("\n");
  const [first = "", ...others] = lines.slice(0, -1);
  return { start, end, by: [first, ...others.map((line) => line && indent + line)].join(layout.eol) };
}

function json(text: string, start: number, own: string, wanted: unknown, { indent, eol }: Layout): string {
  if (!own.includes("\n")) return JSON.stringify(wanted);
  const margin = /[ \t]*$/.exec(/[^\n]*$/.exec(text.slice(0, start))?.[0] ?? "")?.[0] ?? "";
  return JSON.stringify(wanted, null, indent).replaceAll("\n", `${eol}${margin}`);
}

function fit(document: Document, map: YAMLMap, wanted: Record<string, unknown>): void {
  const present = membersOf(map, document);
  for (const key of Object.keys(present)) if (!Object.hasOwn(wanted, key)) map.delete(key);
  for (const [key, value] of Object.entries(wanted)) {
    if (isDeepStrictEqual(present[key], value)) continue;
    if (!fits(document, map.get(key, true), value)) map.set(key, document.createNode(value));
  }
}

function fitList(document: Document, list: YAMLSeq, wanted: readonly unknown[]): void {
  const present = itemsOf(list, document);
  list.items.splice(wanted.length);
  for (const [index, value] of wanted.entries()) {
    if (index < present.length && isDeepStrictEqual(present[index], value)) continue;
    if (!fits(document, list.items[index], value)) list.set(index, document.createNode(value));
  }
}

/** @returns false when the node is of another type, and has to give way */
function fits(document: Document, node: unknown, value: unknown): boolean {
  if (isMap(node) && isObject(value)) fit(document, node, value);
  else if (isSeq(node) && Array.isArray(value)) fitList(document, node, value);
  else if (isScalar(node) && typeof node.value === "string" && typeof value === "string") node.value = value;
  else return false;
  return true;
}
