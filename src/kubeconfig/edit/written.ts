/** Values, written so that YAML 1.1 (go-yaml, in kubectl), YAML 1.2 and, where it shall be JSON, JSON take them for the same. */
import { Document, isCollection, isScalar, Scalar, visit } from "yaml";
import type { Layout } from "./layout.ts";

/**
 * go-yaml takes U+0085, U+2028 and U+2029 for line breaks, as YAML 1.1 has it, and refuses the other C1 controls and
 * noncharacters; a byte order mark may be dropped anywhere.
 */
const unlikePrinted = /[\x7f-\x9f\u2028\u2029\uFEFF\uFFFE\uFFFF]/g;
/** In double quotes, on one line; `<<` is a merge key's. */
// eslint-disable-next-line no-control-regex
const escaped = /[\0-\x1f\x7f-\x9f\u2028\u2029\uFEFF\uFFFE\uFFFF]|^<<$/;

/** Lines without their ends. */
export function inBlock(value: unknown, { indentSeq }: Pick<Layout, "indentSeq">): readonly string[] {
  return written(quoting(value), { indentSeq }).split("\n");
}

/** @param isPadded `{ a: b }` */
export function inFlow(value: unknown, isJson: boolean, isPadded = false): string {
  if (isJson) return escapes(JSON.stringify(value));
  // Within brackets, more characters need quotes.
  if (typeof value !== "object" || value === null) return inFlow([value], false).slice(1, -1);
  const document = quoting(value);
  visit(document, {
    Collection: (_key, node) => {
      node.flow = true;
    },
  });
  return written(document, { flowCollectionPadding: isPadded });
}

/** @param like an old scalar, in whose quotes the new one is written */
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

/** They stand in double quotes. */
function escapes(text: string): string {
  return text.replace(
    unlikePrinted,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
