/**
 * Where the first document ends: for libyaml, a line that stands further left than the whole document before it
 * begins another, and goyaml.v2 never looks at a second one. What follows is cut off.
 */
import { lexemesOf, type Lexeme } from "./lexemes.ts";

export function firstDocument(text: string): string {
  let column: number | undefined;
  let depth = 0;
  for (const lexeme of lexemesOf(text)) {
    if (noContent.has(lexeme.kind)) continue;
    column ??= lexeme.column;
    if (depth === 0 && lexeme.column < column && beginsLine(text, lexeme))
      return text.slice(0, lexeme.offset);
    if (lexeme.kind === "flow-map-start" || lexeme.kind === "flow-seq-start") depth++;
    if (lexeme.kind === "flow-map-end" || lexeme.kind === "flow-seq-end") depth--;
  }
  return text;
}

const noContent = new Set([
  ...["newline", "space", "comment", "directive-line", "doc-start", "doc-mode", "scalar", "block"],
  ...["byte-order-mark", "flow-error-end"],
]);

function beginsLine(text: string, { offset, column }: Lexeme): boolean {
  return text.slice(offset - column, offset).trim() === "";
}
