/**
 * The members of a mapping or a list in their text. A removed member takes its comments along, and a new one stands after the
 * member that it follows: on its own lines in block style, with a comma in flow style and JSON.
 */
import { type Pair, type YAMLMap, type YAMLSeq, isAlias, isCollection, isPair, isScalar } from "yaml";
import {
  type Replacement,
  type Source,
  columnOf,
  endOf,
  inBlock,
  keyOf,
  lineEnd,
  lineStart,
  newLines,
  scalarInBlock,
  startOf,
} from "./layout.ts";

/** The place of an existing member, or the text of a new one. */
export type Member = number | string;

/** @param order with at least one existing member */
export function arranged(
  source: Source,
  node: YAMLMap | YAMLSeq,
  order: readonly Member[],
): readonly Replacement[] {
  const kept = new Set(order.filter((member) => typeof member === "number"));
  if (kept.size === node.items.length && kept.size === order.length) return [];
  const { text } = source;
  const slots = node.flow ? flowSlots(text, node) : blockSlots(text, node);
  const added = node.flow ? flowAdditions : blockAdditions;
  return [
    ...removals(text, slots, kept),
    ...(node.flow ? commas(slots, order) : []),
    ...added(source, slots, order),
  ];
}

/** A member with its parts: comments above, its comma, and a comment after it on the line. */
interface Slot {
  /** Undefined for the first one if it begins on the line of another node. */
  from: number | undefined;
  start: number;
  end: number;
  comma?: number | undefined;
  to: number;
}

function blockSlots(text: string, node: YAMLMap | YAMLSeq): readonly Slot[] {
  let from = beforeFirst(text, startOf(node));
  return node.items.map((item) => {
    const [start, end] = [startOf(item), endOf(item)];
    const slot = { from, start, end, to: lineEnd(text, end) };
    from = slot.to;
    return slot;
  });
}

/** The end of the line before the comments above. */
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

function flowSlots(text: string, node: YAMLMap | YAMLSeq): readonly Slot[] {
  let from = startOf(node) + 1;
  from += matchAt(/[ \t]*(#[^\r\n]*)?(?=\r?\n)/y, text, from);
  return node.items.map((item) => {
    const [start, end] = [startOf(item), endOf(item)];
    const next = end + matchAt(/(?:\s|#[^\n]*)*/y, text, end);
    const comma = text.charAt(next) === "," ? next : undefined;
    const last = comma === undefined ? end : comma + 1;
    const slot = { from, start, end, comma, to: last + matchAt(/[ \t]+#[^\r\n]*/y, text, last) };
    from = slot.to;
    return slot;
  });
}

/** The length of what a sticky pattern finds. */
function matchAt(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0].length ?? 0;
}

function removals(text: string, slots: readonly Slot[], kept: ReadonlySet<Member>): Replacement[] {
  const firstKept = slots.findIndex((_slot, index) => kept.has(index));
  const [begin, next = 0] = [slots[0]?.from, slots[firstKept]?.start];
  const shareLine = begin === undefined || !/[\n#]/.test(text.slice(begin, next));
  return slots.flatMap(({ from = 0, start, to }, index) => {
    if (kept.has(index)) return [];
    if (index > firstKept || !shareLine) return [{ start: from, end: to, by: "" }];
    return index > 0 ? [] : [{ start, end: next, by: "" }];
  });
}

/** Between any two members, and after the last one if it had a comma. */
function commas(slots: readonly Slot[], order: readonly Member[]): Replacement[] {
  return order.flatMap((member, index) => {
    const slot = typeof member === "number" ? slots[member] : undefined;
    if (!slot) return [];
    const isLast = index === order.length - 1;
    if (slot.comma === undefined) return isLast ? [] : [{ start: slot.end, end: slot.end, by: "," }];
    const stays = !isLast || member === slots.length - 1;
    return stays ? [] : [{ start: slot.comma, end: slot.comma + 1, by: "" }];
  });
}

/** Nothing can be inserted before a member that begins on the line of another node. */
function blockAdditions(_source: Source, slots: readonly Slot[], order: readonly Member[]): Replacement[] {
  let at = slots[0]?.from;
  return order.flatMap((member) => {
    if (typeof member === "number") at = slots[member]?.to;
    return typeof member === "number" || at === undefined ? [] : [{ start: at, end: at, by: member }];
  });
}

function flowAdditions(source: Source, slots: readonly Slot[], order: readonly Member[]): Replacement[] {
  let before: Slot | undefined;
  return order.flatMap((member, index) => {
    if (typeof member === "number") {
      before = slots[member];
      return [];
    }
    const comma = index < order.length - 1 ? "," : "";
    return [before ? behind(source, before, member + comma) : atFront(source, slots[0], member + comma)];
  });
}

/** On its own line if the previous member has its own line or a comment. */
function behind({ text, layout }: Source, { start, end, to }: Slot, by: string): Replacement {
  const indent = indentOf(text, start);
  const isCommented = text.slice(end, to).includes("#");
  const gap = indent !== undefined || isCommented ? layout.eol + (indent ?? "  ") : " ";
  return { start: to, end: to, by: gap + by };
}

function atFront({ text, layout }: Source, first: Slot | undefined, by: string): Replacement {
  const { from = 0, start = 0 } = first ?? {};
  const indent = indentOf(text, start);
  if (indent !== undefined && from < start)
    return { start: from, end: from, by: `${layout.eol}${indent}${by}` };
  return { start, end: start, by: `${by} ` };
}

/** Undefined for a member that does not begin its line. */
function indentOf(text: string, start: number): string | undefined {
  return /^[ \t]*$/.exec(text.slice(lineStart(text, start), start))?.[0];
}

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
