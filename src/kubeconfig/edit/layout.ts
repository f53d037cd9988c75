/**
 * The layout of a kubeconfig's text, and the form of new values. They must look like the existing ones, and readers of
 * YAML 1.1 (go-yaml, in kubectl), of YAML 1.2 and, for a JSON file, of JSON must read the same values.
 */
import { Document, isCollection, isMap, isNode, isPair, isScalar, isSeq, Scalar, visit } from "yaml";
import { keyText } from "../read/yaml.ts";

export interface Replacement {
  start: number;
  end: number;
  by: string;
}

export interface Source {
  text: string;
  layout: Layout;
}

interface Layout {
  /** Of the first line. */
  eol: string;
  /** Whether the items of a list are indented more than its key; kubectl does not indent them. */
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

export function columnOf(text: string, node: unknown): number {
  const start = startOf(node);
  return start - lineStart(text, start);
}

/** A byte order mark has no column. */
export function lineStart(text: string, offset: number): number {
  const newline = offset === 0 ? -1 : text.lastIndexOf("\n", offset - 1);
  return Math.max(newline + 1, text.startsWith("\uFEFF") ? 1 : 0);
}

/** The start of a node's or pair's content, after any tag and anchor. */
export function startOf(node: unknown): number {
  if (isPair(node)) return startOf(node.key);
  return (isNode(node) ? node.range?.[0] : undefined) ?? 0;
}

/** The end of a node's content, before any white space and comment. */
export function endOf(node: unknown): number {
  if (isPair(node)) return endOf(node.value ?? node.key);
  if ((isMap(node) || isSeq(node)) && node.flow !== true && node.items.length > 0)
    return endOf(node.items.at(-1));
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

/** The end of the line of an offset. A block scalar ends after its line end, which belongs to it. */
export function lineEnd(text: string, offset: number): number {
  const from = text.charAt(offset - 1) === "\n" ? offset - 1 : offset;
  const newline = text.indexOf("\n", from);
  if (newline === -1) return text.length;
  return text.charAt(newline - 1) === "\r" ? newline - 1 : newline;
}

export function keyOf(node: unknown): string {
  if (isPair(node)) return keyOf(node.key);
  return isScalar(node) ? keyText(node) : "";
}

/**
 * go-yaml reads U+0085, U+2028 and U+2029 as line breaks (YAML 1.1), and refuses the other C1 controls and
 * noncharacters. A reader may drop a byte order mark anywhere.
 */
const unlikePrinted = /[\x7f-\x9f\u2028\u2029\uFEFF\uFFFE\uFFFF]/g;
/** In double quotes, on one line. `<<` would be a merge key. */
// eslint-disable-next-line no-control-regex
const escaped = /[\0-\x1f\x7f-\x9f\u2028\u2029\uFEFF\uFFFE\uFFFF]|^<<$/;

/** Lines without their ends. */
export function inBlock(value: unknown, { indentSeq }: Pick<Layout, "indentSeq">): readonly string[] {
  return written(quoting(value), { indentSeq }).split("\n");
}

/** Each on its own line, after the text before them. */
export function newLines({ layout: { eol } }: Source, lines: readonly string[], column: number): string {
  return lines.map((line) => eol + (line && " ".repeat(column) + line)).join("");
}

/** @param isPadded `{ a: b }` */
export function inFlow(value: unknown, isJson: boolean, isPadded = false): string {
  if (isJson) return escapes(JSON.stringify(value));
  // In brackets, more characters need quotes.
  if (typeof value !== "object" || value === null) return inFlow([value], false).slice(1, -1);
  const document = quoting(value);
  visit(document, {
    Collection: (_key, node) => {
      node.flow = true;
    },
  });
  return written(document, { flowCollectionPadding: isPadded });
}

/** @param like an old scalar, whose quotes the new one uses */
export function scalarInBlock(value: unknown, like: unknown): string {
  const document = quoting(value);
  const scalar = document.contents;
  const type = isScalar(like) && like.source !== "" ? like.type : undefined;
  const isQuoted = type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE;
  if (isScalar(scalar) && scalar.type === undefined && isQuoted) scalar.type = type;
  return written(document, {});
}

function quoting(value: unknown): Document {
  const document = new Document(value, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === "string" && escaped.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document;
}

function written(
  document: Document,
  options: { indentSeq?: boolean; flowCollectionPadding?: boolean },
): string {
  const root = document.contents;
  const isEmpty = isCollection(root) && root.items.length === 0;
  const text = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity, ...options });
  return escapes(isEmpty ? text.trim() : text.replace(/\n$/, ""));
}

/** The values that must be in double quotes. */
function escapes(text: string): string {
  return text.replace(
    unlikePrinted,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
