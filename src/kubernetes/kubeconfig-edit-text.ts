/** The text of a kubeconfig, changed where its content shall differ, and nowhere else. */
import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isNode, isScalar, isSeq, Scalar, type YAMLMap } from "yaml";
import type { Content } from "./kubeconfig-edit.ts";
import { changedItem } from "./kubeconfig-edit-item.ts";
import { columnOf, endOf, layoutOf, lineEnd, type Layout, type Replacement } from "./kubeconfig-layout.ts";
import { itemsOf, membersOf } from "./kubeconfig-values.ts";

/** @returns text that holds it, unless its layout is too unusual: the caller reads it again */
export function textHolding(text: string, document: Document, content: Content): string {
  const layout = layoutOf(text, document);
  const root = document.contents;
  if (!isMap(root) || !root.range) return afterAll(text, inBlock(content, layout));
  const present = membersOf(root, document);
  const changed = Object.entries(content).filter(([key, value]) => !isDeepStrictEqual(present[key], value));
  const members = changed.flatMap(([key, value]) =>
    root.has(key) ? changedMember({ text, document, root, layout }, key, value) : [],
  );
  const missing = Object.fromEntries(changed.filter(([key]) => !root.has(key)));
  return replaced(text, [...members, ...addedMembers(text, root, layout, missing)]);
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

/** An empty file, or one of comments only. */
function afterAll(text: string, lines: string): string {
  return text.replace(/(?<=[^\r\n\uFEFF])$/, lines.includes("\r\n") ? "\r\n" : "\n") + lines;
}

interface Place {
  text: string;
  document: Document;
  root: YAMLMap;
  layout: Layout;
}

function changedMember(place: Place, key: string, value: unknown): Replacement[] {
  const { text, root } = place;
  const node = root.get(key, true);
  if (isSeq(node) && node.items.length > 0) return changedList(place, key, value);
  // A tag (`!!null`) says of the old value what would not be true of the new one.
  if (!(isSeq(node) || isScalar(node)) || !node.range || node.tag !== undefined) return [];
  const [start, end] = node.range;
  if (root.flow) return [{ start, end, by: JSON.stringify(value) }];
  if (Array.isArray(value)) return newList(place, key, value, [start, end]);
  const gap = /\s/.test(text.charAt(start - 1)) ? "" : " ";
  return [{ start, end, by: gap + scalarText(value, node) }];
}

/** In the place of null or []. */
function newList(
  { text, root, layout }: Place,
  key: string,
  value: unknown,
  [start, end]: readonly [number, number],
): Replacement[] {
  // `clusters: null # none yet`: the comment stays on its line.
  const blanks = /[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  const emptied = start === end ? [] : [{ start: start - blanks, end, by: "" }];
  const at = lineEnd(text, end);
  const lines = inBlock({ [key]: value }, layout)
    .split(layout.eol)
    .slice(1, -1);
  return [...emptied, { start: at, end: at, by: afterLine(lines, columnOf(text, root), layout) }];
}

function scalarText(value: unknown, old: unknown): string {
  const scalar = new Scalar(value);
  if (isScalar(old) && old.type && old.value !== "") scalar.type = old.type;
  return new Document(scalar, { compat: "yaml-1.1" }).toString({ lineWidth: 0 }).trimEnd();
}

function changedList({ text, document, root, layout }: Place, key: string, value: unknown): Replacement[] {
  const list = root.get(key, true);
  if (!isSeq(list) || !Array.isArray(value)) return [];
  const wanted: unknown[] = value;
  const present = itemsOf(list, document);
  const changed = present.flatMap((item, index) => {
    const same = isDeepStrictEqual(item, wanted[index]);
    return same ? [] : [changedItem(text, list.items[index], wanted[index], layout)];
  });
  const added = wanted.slice(present.length);
  if (added.length === 0) return changed;
  const last = list.items.at(-1);
  if (list.flow)
    return [
      ...changed,
      afterFlow(
        text,
        last,
        added.map((item) => JSON.stringify(item)),
      ),
    ];
  const at = lineEnd(text, endOf(last));
  const lines = inBlock(added, layout).split(layout.eol).slice(0, -1);
  return [...changed, { start: at, end: at, by: afterLine(lines, columnOf(text, list), layout) }];
}

function addedMembers(text: string, root: YAMLMap, layout: Layout, missing: Content): Replacement[] {
  if (Object.keys(missing).length === 0) return [];
  if (root.flow) {
    const members = Object.entries(missing).map(
      ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    );
    const last = root.items.at(-1);
    const inside = (root.range?.[0] ?? 0) + 1;
    return last
      ? [afterFlow(text, last.key, members, endOf(last))]
      : [{ start: inside, end: inside, by: members.join(", ") }];
  }
  const at = lineEnd(text, endOf(root));
  const lines = inBlock(missing, layout).split(layout.eol).slice(0, -1);
  return [{ start: at, end: at, by: afterLine(lines, columnOf(text, root), layout) }];
}

/** On lines of their own where the last one has one. */
function afterFlow(text: string, last: unknown, added: readonly string[], at = endOf(last)): Replacement {
  const start = startOf(last);
  const before = /\r?\n[ \t]*$/.exec(text.slice(0, start))?.[0] ?? " ";
  return { start: at, end: at, by: added.map((item) => `,${before}${item}`).join("") };
}

function startOf(node: unknown): number {
  return (isNode(node) ? node.range?.[0] : undefined) ?? 0;
}

function inBlock(value: unknown, { indentSeq, eol }: Layout): string {
  const text = new Document(value, { compat: "yaml-1.1" }).toString({ lineWidth: 0, indentSeq });
  return text.replaceAll("\n", eol);
}

function afterLine(lines: readonly string[], column: number, { eol }: Layout): string {
  return lines.map((line) => eol + (line && " ".repeat(column) + line)).join("");
}
