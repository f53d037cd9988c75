/** The text of a kubeconfig, changed where its content shall differ, and nowhere else. */
import { isMap, isScalar, type Document } from "yaml";
import { changed } from "./node.ts";
import { inBlock, inFlow } from "./written.ts";
import { endOf, layoutOf, lineStart, startOf, type Replacement } from "./layout.ts";
import type { Content } from "../read/values.ts";

/** @returns text that holds it, unless its layout is too unusual: the caller reads it again */
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

/** A file that holds `null`, or `~`, is as good as an empty one; a comment on its line stays. */
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
