/** Mappings and lists in flow style, `{a: b}` and `[a, b]`, and JSON: each member has a comma, and comments around it. */
import { isAlias, isPair, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import {
  aligned,
  endOf,
  inFlow,
  keyOf,
  lineStart,
  startOf,
  type Replacement,
  type Source,
} from "./layout.ts";
import type { Content } from "../read/yaml.ts";

export function changedFlowMap(
  source: Source,
  map: YAMLMap,
  present: Content,
  wanted: Content,
): Replacement[] {
  const style = styleOf(source.text, map);
  const own = map.items.map(keyOf);
  const ownKeys = new Set(own);
  const members = map.items.flatMap((pair) => {
    const key = keyOf(pair);
    if (!Object.hasOwn(wanted, key)) return [];
    const value = wanted[key];
    return (
      source.changed(pair.value, present[key], value) ??
      replaced(pair, inFlow(value, style.isJson, style.isPadded))
    );
  });
  const staying = own.flatMap((key, index): Member[] => (Object.hasOwn(wanted, key) ? [index] : []));
  const missing = Object.entries(wanted).filter(([key]) => !ownKeys.has(key));
  const added = missing.map(([key, value]) => memberText(key, value, style));
  return [...members, ...arranged(source, map, [...staying, ...added])];
}

export function changedFlowList(
  source: Source,
  list: YAMLSeq,
  present: readonly unknown[],
  wanted: readonly unknown[],
): Replacement[] {
  const { isJson, isPadded } = styleOf(source.text, list);
  const places = aligned(present, wanted);
  const members = places.flatMap((place, index) => {
    if (place === undefined) return [];
    const node = list.items[place];
    const value = wanted[index];
    return source.changed(node, present[place], value) ?? replaced(node, inFlow(value, isJson, isPadded));
  });
  const order = places.map((place, index) => place ?? inFlow(wanted[index], isJson, isPadded));
  return [...members, ...arranged(source, list, order)];
}

interface Style {
  isJson: boolean;
  isPadded: boolean;
}

function styleOf(text: string, node: unknown): Style {
  const [start, end] = [startOf(node), endOf(node)];
  const opening = text.slice(start, Math.min(end, start + 100));
  return { isJson: /^(\{\s*["}]|\[\s*["{[\]])/.test(opening), isPadded: /^[{[]\s/.test(opening) };
}

function memberText(key: string, value: unknown, { isJson, isPadded }: Style): string {
  if (isJson) return `${inFlow(key, true)}: ${inFlow(value, true)}`;
  return inFlow({ [key]: value }, false, isPadded)
    .slice(1, -1)
    .trim();
}

function replaced(item: unknown, by: string): Replacement[] {
  const node = isPair(item) ? (item satisfies Pair).value : item;
  const [start, end] = [startOf(node), endOf(node)];
  return isAlias(node) || start === end ? [] : [{ start, end, by }];
}

/** The place of an existing member, or the text of a new one. */
type Member = number | string;

function arranged(source: Source, node: YAMLMap | YAMLSeq, order: readonly Member[]): Replacement[] {
  const kept = new Set(order.filter((member) => typeof member === "number"));
  if (kept.size === node.items.length && kept.size === order.length) return [];
  if (kept.size === 0) return [{ start: startOf(node) + 1, end: endOf(node) - 1, by: order.join(", ") }];
  const slots = slotsOf(source.text, node);
  return [...removals(source.text, slots, kept), ...commas(slots, order), ...additions(source, slots, order)];
}

/** A member with its parts: comments above, its comma, and a comment after it on the line. */
interface Slot {
  from: number;
  start: number;
  end: number;
  comma: number | undefined;
  to: number;
}

function slotsOf(text: string, node: YAMLMap | YAMLSeq): readonly Slot[] {
  let from = startOf(node) + 1;
  const lead = /[ \t]*(#[^\r\n]*)?(?=\r?\n)/y;
  lead.lastIndex = from;
  from += lead.exec(text)?.[0].length ?? 0;
  return node.items.map((item) => {
    const [start, end] = [startOf(item), endOf(item)];
    const comma = commaBehind(text, end);
    const comment = /[ \t]+#[^\r\n]*/y;
    comment.lastIndex = comma === undefined ? end : comma + 1;
    const to = comment.lastIndex + (comment.exec(text)?.[0].length ?? 0);
    const slot = { from, start, end, comma, to };
    from = to;
    return slot;
  });
}

function commaBehind(text: string, end: number): number | undefined {
  const gap = /(\s|#[^\n]*)*/y;
  gap.lastIndex = end;
  gap.exec(text);
  return text.charAt(gap.lastIndex) === "," ? gap.lastIndex : undefined;
}

function removals(text: string, slots: readonly Slot[], kept: ReadonlySet<Member>): Replacement[] {
  const firstKept = slots.findIndex((_slot, index) => kept.has(index));
  const next = slots[firstKept];
  return slots.flatMap(({ from, start, to }, index) => {
    if (kept.has(index)) return [];
    const isLeading = index < firstKept && next !== undefined && !/[\n#]/.test(text.slice(from, next.start));
    if (isLeading) return index > 0 ? [] : [{ start, end: next.start, by: "" }];
    return [{ start: from, end: to, by: "" }];
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

function additions(source: Source, slots: readonly Slot[], order: readonly Member[]): Replacement[] {
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
  const indent = /^[ \t]*$/.exec(text.slice(lineStart(text, start), start))?.[0];
  const line = layout.eol + (indent ?? "  ");
  const isCommented = text.slice(end, to).includes("#");
  return { start: to, end: to, by: (indent !== undefined || isCommented ? line : " ") + by };
}

function atFront({ text, layout }: Source, first: Slot | undefined, by: string): Replacement {
  const { from, start } = first ?? { from: 0, start: 0 };
  const indent = /^[ \t]*$/.exec(text.slice(lineStart(text, start), start))?.[0];
  if (indent !== undefined && from < start)
    return { start: from, end: from, by: `${layout.eol}${indent}${by}` };
  return { start, end: start, by: `${by} ` };
}
