/** Changes the text of a kubeconfig only where its content changes. */
import { isDeepStrictEqual } from "node:util";
import { isCollection, isMap, isScalar, isSeq, type Document, type YAMLMap } from "yaml";
import { isObject } from "../../foundation/json.ts";
import { isMergeKey, type Content } from "../read/yaml.ts";
import { changedBlockList, changedBlockMap } from "./block.ts";
import { changedFlowList, changedFlowMap } from "./flow.ts";
import {
  endOf,
  inBlock,
  inFlow,
  layoutOf,
  lineStart,
  startOf,
  type Replacement,
  type Source,
} from "./layout.ts";

/** @returns text with the new content. With an unusual layout it can fail, so the caller reads it again */
export function textHolding(text: string, document: Document, present: Content, content: Content): string {
  const layout = layoutOf(text, document);
  const source: Source = { text, layout, changed: (...what) => changed(source, ...what) };
  const root = document.contents;
  if (isMap(root) && root.items.length === 0)
    return replaced(text, [{ start: startOf(root), end: endOf(root), by: inFlow(content, true) }]);
  if (isMap(root)) return replaced(text, source.changed(root, present, content) ?? []);
  const lines = inBlock(content, layout).map((line) => line + layout.eol);
  return afterAll(isScalar(root) ? withoutNull(text, root) : text, lines.join(""));
}

/**
 * A node with an unchanged value keeps its text, and so its comments, its quotes and the type that kubectl reads.
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
  if (isMap(node) && isObject(present) && isObject(wanted)) return changedMap(source, node, present, wanted);
  if (isSeq(node) && Array.isArray(present) && Array.isArray(wanted))
    return (node.flow ? changedFlowList : changedBlockList)(source, node, present, wanted);
  return undefined;
}

function changedMap(
  source: Source,
  node: YAMLMap,
  present: Content,
  wanted: Content,
): Replacement[] | undefined {
  // A merged value cannot be changed here.
  if (node.items.some(({ key }) => isMergeKey(key))) return [];
  return (node.flow ? changedFlowMap : changedBlockMap)(source, node, present, wanted);
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
