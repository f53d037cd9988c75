/** Mappings and lists in block style: each member has its own lines, with the comments above and after it. */
import { isAlias, isCollection, isScalar, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import {
  aligned,
  columnOf,
  endOf,
  inBlock,
  keyOf,
  lineEnd,
  lineStart,
  scalarInBlock,
  startOf,
  type Replacement,
  type Source,
} from "./layout.ts";
import type { Content } from "../read/yaml.ts";

export function changedBlockMap(
  source: Source,
  map: YAMLMap,
  present: Content,
  wanted: Content,
): Replacement[] | undefined {
  const isKept = map.items.map((pair) => Object.hasOwn(wanted, keyOf(pair)));
  if (!isKept.includes(true)) return undefined;
  const members = map.items.flatMap((pair, index) => {
    const key = keyOf(pair);
    if (!isKept[index]) return [];
    return source.changed(pair.value, present[key], wanted[key]) ?? replacedValue(source, pair, wanted[key]);
  });
  const own = new Set(map.items.map(keyOf));
  const missing = Object.entries(wanted).filter(([key]) => !own.has(key));
  const added = missing.length === 0 ? [] : inBlock(Object.fromEntries(missing), source.layout);
  const end = lineEnd(source.text, endOf(map));
  const removals = removed(source.text, map.items, isKept, startOf(map));
  return [
    ...members,
    ...removals,
    { start: end, end, by: newLines(source, added, columnOf(source.text, map)) },
  ];
}

export function changedBlockList(
  source: Source,
  list: YAMLSeq,
  present: readonly unknown[],
  wanted: readonly unknown[],
): Replacement[] | undefined {
  const places = aligned(present, wanted);
  const staying = new Set(places);
  const isKept = list.items.map((_item, index) => staying.has(index));
  if (!isKept.includes(true)) return undefined;
  const members = places.flatMap((place, index) => {
    if (place === undefined) return [];
    const node = list.items[place];
    return source.changed(node, present[place], wanted[index]) ?? replacedItem(source, node, wanted[index]);
  });
  const removals = removed(source.text, list.items, isKept, startOf(list));
  return [...members, ...removals, ...addedItems(source, list, places, wanted)];
}

/** After the member that they follow. */
function addedItems(
  source: Source,
  list: YAMLSeq,
  places: readonly (number | undefined)[],
  wanted: readonly unknown[],
): Replacement[] {
  const { text } = source;
  const column = columnOf(text, list);
  let end = beforeFirst(text, startOf(list));
  return places.flatMap((place, index) => {
    if (place !== undefined) end = lineEnd(text, endOf(list.items[place]));
    // Nothing can be inserted before an item that begins on the line of another node.
    if (place !== undefined || end === undefined) return [];
    return [{ start: end, end, by: newLines(source, inBlock([wanted[index]], source.layout), column) }];
  });
}

/** From the end of the previous line, with the comments between. */
function removed(
  text: string,
  items: readonly unknown[],
  isKept: readonly boolean[],
  first: number,
): Replacement[] {
  const start = beforeFirst(text, first);
  const firstKept = isKept.indexOf(true);
  return items.flatMap((item, index) => {
    if (isKept[index]) return [];
    if (start === undefined && index < firstKept)
      return index > 0 ? [] : [{ start: startOf(item), end: startOf(items[firstKept]), by: "" }];
    const before = index === 0 ? (start ?? 0) : lineEnd(text, endOf(items[index - 1]));
    return [{ start: before, end: lineEnd(text, endOf(item)), by: "" }];
  });
}

/** @returns the end of the line before the comments above; undefined for a node without its own line */
function beforeFirst(text: string, first: number): number | undefined {
  let start = lineStart(text, first);
  if (text.slice(start, first).trim() !== "") return undefined;
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!/^[ \t]*(#.*)?\r?\n$/.test(text.slice(above, start))) break;
    start = above;
  }
  return start === 0 ? 0 : lineEnd(text, start);
}

function replacedItem(source: Source, node: unknown, value: unknown): Replacement[] {
  const { text, layout } = source;
  if (isAlias(node)) return [];
  const start = startOf(node);
  const [first = "", ...others] = inBlock(value, layout);
  return [
    {
      start,
      end: contentEnd(text, node),
      by: first + newLines(source, others, columnOf(text, node)),
    },
  ];
}

function replacedValue(source: Source, pair: Pair, value: unknown): Replacement[] {
  const { text, layout } = source;
  const old = pair.value;
  const colon = behindColon(text, endOf(pair.key));
  if (colon === undefined || isAlias(old)) return [];
  const end = contentEnd(text, old ?? pair.key);
  if (!isCollection(value) && !(typeof value === "object" && value !== null && Object.keys(value).length > 0))
    return [inlineValue(text, old, value, colon, end)];
  const lines = inBlock({ [keyOf(pair)]: value }, layout).slice(1);
  const start = isBlock(old) ? lineEnd(text, colon) : colon;
  const at = isBlock(old) ? start : lineEnd(text, end);
  return [
    ...(startOf(old) === end ? [] : [{ start, end, by: commentsIn(source, old, columnOf(text, pair)) }]),
    { start: at, end: at, by: newLines(source, lines, columnOf(text, pair)) },
  ];
}

/** For a missing value, before the comment after it. */
function inlineValue(text: string, old: unknown, value: unknown, colon: number, end: number): Replacement {
  const by = scalarInBlock(value, old);
  if (startOf(old) === end) {
    const blanks = /^[ \t]*(?=\r?\n|$)/.exec(text.slice(colon, lineEnd(text, colon)))?.[0].length ?? 0;
    return { start: colon, end: colon + blanks, by: ` ${by}` };
  }
  const isPlain = isScalar(old) && !old.type?.startsWith("BLOCK") && old.tag === undefined && !old.anchor;
  return isPlain ? { start: startOf(old), end, by } : { start: colon, end, by: ` ${by}` };
}

/** The comments of `[ # none yet\n]`. An empty list contains nothing else. */
function commentsIn({ text, layout }: Source, old: unknown, column: number): string {
  if (!isCollection(old) || old.items.length > 0) return "";
  const comments = text.slice(startOf(old), endOf(old)).match(/#[^\r\n]*/g) ?? [];
  return comments
    .map((comment, index) => (index > 0 ? layout.eol + " ".repeat(column) : " ") + comment)
    .join("");
}

/** Undefined for `? key`. */
function behindColon(text: string, keyEnd: number): number | undefined {
  const colon = /[^ \t]/g;
  colon.lastIndex = keyEnd;
  const found = colon.exec(text);
  return found?.[0] === ":" ? found.index + 1 : undefined;
}

function contentEnd(text: string, node: unknown): number {
  const end = endOf(node);
  return isBlock(node) || text.charAt(end - 1) === "\n" ? lineEnd(text, end) : end;
}

function isBlock(node: unknown): boolean {
  return isCollection(node) && node.flow !== true;
}

function newLines({ layout: { eol } }: Source, lines: readonly string[], column: number): string {
  return lines.map((line) => eol + (line && " ".repeat(column) + line)).join("");
}
