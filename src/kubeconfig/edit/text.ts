/** Changes the text of a kubeconfig only where its content changes. */
import { isDeepStrictEqual } from "node:util";
import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Document,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { isObject } from "../../foundation/json.ts";
import { isMergeKey, type Content } from "../read/yaml.ts";
import { arranged, replacedInBlock } from "./arranged.ts";
import {
  columnOf,
  endOf,
  inBlock,
  inFlow,
  keyOf,
  layoutOf,
  lineStart,
  newLines,
  startOf,
  type Replacement,
  type Source,
} from "./layout.ts";

/** @returns text with the new content. With an unusual layout it can fail, so the caller reads it again */
export function textHolding(text: string, document: Document, present: Content, content: Content): string {
  const layout = layoutOf(text, document);
  const root = document.contents;
  if (isMap(root) && root.items.length === 0)
    return replaced(text, [{ start: startOf(root), end: endOf(root), by: inFlow(content, true) }]);
  if (isMap(root)) return replaced(text, changed({ text, layout }, root, present, content) ?? []);
  const lines = inBlock(content, layout).map((line) => line + layout.eol);
  return afterAll(isScalar(root) ? withoutNull(text, root) : text, lines.join(""));
}

function replaced(text: string, replacements: readonly Replacement[]): string {
  let result = "";
  let position = 0;
  for (const { start, end, by } of [...replacements].sort((one, other) => one.start - other.start)) {
    result += text.slice(position, start) + by;
    position = Math.max(position, end);
  }
  return result + text.slice(position);
}

/**
 * A node with an unchanged value keeps its text, and so its comments, its quotes and the type that kubectl reads.
 * @param present the present value of the node
 * @returns undefined if the node must be replaced completely
 */
function changed(
  source: Source,
  node: unknown,
  present: unknown,
  wanted: unknown,
): Replacement[] | undefined {
  if (present === wanted || isDeepStrictEqual(present, wanted)) return [];
  // Block style is easier to read than the results of `[]` and `{}`.
  if (!isCollection(node) || node.items.length === 0) return undefined;
  if (isMap(node) && isObject(present) && isObject(wanted)) {
    // A merged value cannot be changed here.
    if (node.items.some(({ key }) => isMergeKey(key))) return [];
    return withMembers(source, node, membersOfMap(node, present, wanted));
  }
  if (isSeq(node) && Array.isArray(present) && Array.isArray(wanted))
    return withMembers(source, node, membersOfList(present, wanted));
  return undefined;
}

interface Member {
  /** The index of the existing member; undefined for a new one. */
  place: number | undefined;
  present: unknown;
  wanted: unknown;
  key?: string;
}

function membersOfMap(map: YAMLMap, present: Content, wanted: Content): Member[] {
  const places = new Map(map.items.map((pair, place) => [keyOf(pair), place]));
  const keys = [...places.keys(), ...Object.keys(wanted).filter((key) => !places.has(key))];
  return keys.flatMap((key) =>
    Object.hasOwn(wanted, key)
      ? [{ place: places.get(key), present: present[key], wanted: wanted[key], key }]
      : [],
  );
}

/**
 * Existing items stay in their order. Items with the same name are the same item. Other items are the same only if they are
 * equal, so that a comment stays with its argument.
 */
function membersOfList(present: readonly unknown[], wanted: readonly unknown[]): Member[] {
  const places = new Map<string, number[]>();
  for (const [place, item] of present.entries()) {
    const same = places.get(identity(item));
    if (same) same.push(place);
    else places.set(identity(item), [place]);
  }
  let next = 0;
  return wanted.map((item) => {
    const place = places.get(identity(item))?.find((candidate) => candidate >= next);
    next = place === undefined ? next : place + 1;
    return { place, present: place === undefined ? undefined : present[place], wanted: item };
  });
}

function identity(item: unknown): string {
  const hasName = isObject(item) && typeof item["name"] === "string";
  return JSON.stringify(hasName ? [item["name"]] : { item }, (_key, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
}

function withMembers(
  source: Source,
  node: YAMLMap | YAMLSeq,
  members: readonly Member[],
): Replacement[] | undefined {
  const isNew = members.every(({ place }) => place === undefined);
  if (isNew && !node.flow) return undefined;
  const write = node.flow ? flowWriter(source, node) : blockWriter(source, node);
  const order = members.map((member) => member.place ?? write.added(member));
  if (isNew) return [{ start: startOf(node) + 1, end: endOf(node) - 1, by: order.join(", ") }];
  const changes = members.flatMap(({ place, present, wanted }) => {
    if (place === undefined) return [];
    const item = node.items[place];
    return changed(source, isPair(item) ? item.value : item, present, wanted) ?? write.replaced(item, wanted);
  });
  return [...changes, ...arranged(source, node, order)];
}

interface Writer {
  added: (member: Member) => string;
  replaced: (item: unknown, value: unknown) => Replacement[];
}

function blockWriter(source: Source, node: unknown): Writer {
  const column = columnOf(source.text, node);
  return {
    added: ({ key, wanted }) =>
      newLines(source, inBlock(key === undefined ? [wanted] : { [key]: wanted }, source.layout), column),
    replaced: (item, value) => replacedInBlock(source, item, value),
  };
}

function flowWriter({ text }: Source, collection: unknown): Writer {
  const [start, end] = [startOf(collection), endOf(collection)];
  const opening = text.slice(start, Math.min(end, start + 100));
  const isJson = /^(\{\s*["}]|\[\s*["{[\]])/.test(opening);
  const isPadded = /^[{[]\s/.test(opening);
  const written = (value: unknown): string => inFlow(value, isJson, isPadded);
  return {
    added: ({ key, wanted }) => {
      if (key === undefined) return written(wanted);
      if (isJson) return `${written(key)}: ${written(wanted)}`;
      return written({ [key]: wanted })
        .slice(1, -1)
        .trim();
    },
    replaced: (item, value) => {
      const node = isPair(item) ? item.value : item;
      const isPlaced = !isAlias(node) && startOf(node) < endOf(node);
      return isPlaced ? [{ start: startOf(node), end: endOf(node), by: written(value) }] : [];
    },
  };
}

/** A file that contains `null` or `~` counts as empty. A comment on its line stays. */
function withoutNull(text: string, root: unknown): string {
  const [start, end] = [startOf(root), endOf(root)];
  const before = text.slice(0, start);
  const after = text.slice(end);
  if (start === end || lineStart(text, start) < start) return before + after;
  return before + after.replace(/^[ \t]*(\r?\n|$)?/, "");
}

/** An empty file, or one of comments only. */
function afterAll(text: string, lines: string): string {
  return text.replace(/(?<=[^\r\n\uFEFF])$/, lines.includes("\r\n") ? "\r\n" : "\n") + lines;
}
