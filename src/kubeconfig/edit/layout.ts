/** How a kubeconfig's text is laid out, so that what is added looks like what is there. */
import { isMap, isNode, isPair, isSeq, type Document } from "yaml";

/** Of text[start, end), by other text. */
export interface Replacement {
  start: number;
  end: number;
  by: string;
}

export interface Layout {
  /** Of the first line. */
  eol: string;
  /** Whether the items of a list stand further to the right than its key; with kubectl, they do not. */
  indentSeq: boolean;
}

export function layoutOf(text: string, { contents }: Document): Layout {
  const lists = isMap(contents)
    ? contents.items.map(({ value }) => value).filter((value) => isSeq(value))
    : [];
  const list = lists.find(({ flow, items }) => flow !== true && items.length > 0);
  const indentSeq = list !== undefined && isMap(contents) && columnOf(text, list) > columnOf(text, contents);
  return { eol: /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n", indentSeq };
}

/** How far to the right a node begins. */
export function columnOf(text: string, node: unknown): number {
  const start = startOf(node);
  return start - lineStart(text, start);
}

/** A byte order mark is no column. */
export function lineStart(text: string, offset: number): number {
  const newline = offset === 0 ? -1 : text.lastIndexOf("\n", offset - 1);
  return Math.max(newline + 1, text.startsWith("\uFEFF") ? 1 : 0);
}

/** Where a node's, or a pair's, content begins, behind any tag and anchor. */
export function startOf(node: unknown): number {
  if (isPair(node)) return startOf(node.key);
  return (isNode(node) ? node.range?.[0] : undefined) ?? 0;
}

/** Where the last character of a node's content ends, before any white space and comment. */
export function endOf(node: unknown): number {
  if (isPair(node)) return endOf(node.value ?? node.key);
  if ((isMap(node) || isSeq(node)) && node.flow !== true && node.items.length > 0)
    return endOf(node.items.at(-1));
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

/** Where the line that ends at, or goes on after, an offset has its line end; a block scalar's end lies behind it. */
export function lineEnd(text: string, offset: number): number {
  const from = text.charAt(offset - 1) === "\n" ? offset - 1 : offset;
  const newline = text.indexOf("\n", from);
  if (newline === -1) return text.length;
  return text.charAt(newline - 1) === "\r" ? newline - 1 : newline;
}
