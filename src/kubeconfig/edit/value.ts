/** A value that replaces another one completely, in the style of its place. */
import { isAlias, isCollection, isPair, isScalar, type Pair } from "yaml";
import {
  columnOf,
  endOf,
  inBlock,
  keyOf,
  lineEnd,
  newLines,
  scalarInBlock,
  startOf,
  type Replacement,
  type Source,
} from "./layout.ts";

/** In block style. The text of an alias stands elsewhere too. */
export function replacedInBlock(source: Source, item: unknown, value: unknown): Replacement[] {
  if (isPair(item)) return replacedValue(source, item, value);
  if (isAlias(item)) return [];
  const [first = "", ...others] = inBlock(value, source.layout);
  const by = first + newLines(source, others, columnOf(source.text, item));
  return [{ start: startOf(item), end: contentEnd(source.text, item), by }];
}

function replacedValue(source: Source, pair: Pair, value: unknown): Replacement[] {
  const { text, layout } = source;
  const old = pair.value;
  const colon = behindColon(text, endOf(pair.key));
  if (colon === undefined || isAlias(old)) return [];
  const end = contentEnd(text, old ?? pair.key);
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0)
    return [inlineValue(text, old, value, colon, end)];
  const lines = inBlock({ [keyOf(pair)]: value }, layout).slice(1);
  const column = columnOf(text, pair);
  const isBlock = isBlockCollection(old);
  const start = isBlock ? lineEnd(text, colon) : colon;
  const at = isBlock ? start : lineEnd(text, end);
  return [
    ...(startOf(old) === end ? [] : [{ start, end, by: commentsIn(source, old, column) }]),
    { start: at, end: at, by: newLines(source, lines, column) },
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
function commentsIn(source: Source, old: unknown, column: number): string {
  if (!isCollection(old) || old.items.length > 0) return "";
  const [first, ...others] = source.text.slice(startOf(old), endOf(old)).match(/#[^\r\n]*/g) ?? [];
  return first === undefined ? "" : ` ${first}${newLines(source, others, column)}`;
}

/** Undefined for `? key`. */
function behindColon(text: string, keyEnd: number): number | undefined {
  const [found] = /[^ \t]/.exec(text.slice(keyEnd, lineEnd(text, keyEnd))) ?? [];
  return found === ":" ? text.indexOf(":", keyEnd) + 1 : undefined;
}

function contentEnd(text: string, node: unknown): number {
  const end = endOf(node);
  return isBlockCollection(node) || text.charAt(end - 1) === "\n" ? lineEnd(text, end) : end;
}

function isBlockCollection(node: unknown): boolean {
  return isCollection(node) && node.flow !== true;
}
