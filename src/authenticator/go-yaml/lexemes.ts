/** The lexemes of a YAML text, each with its kind and its place. */
import { CST, Lexer } from "yaml";

export interface Lexeme {
  /** The kind from CST.tokenType; "plain" for a scalar without quotes, "block" for one after `|` or `>`. */
  kind: string;
  text: string;
  offset: number;
  /** Counted from 0. */
  column: number;
}

export function* lexemesOf(text: string): Generator<Lexeme> {
  let offset = 0;
  let announced = false;
  let afterHeader = false;
  let lineStart = 0;
  let lineEnd = text.indexOf("\n");
  for (const lexeme of new Lexer().lex(text)) {
    const marker = !announced && markers.has(lexeme);
    const kind = announced ? (afterHeader ? "block" : "plain") : (CST.tokenType(lexeme) ?? "plain");
    while (lineEnd >= 0 && lineEnd < offset) {
      lineStart = lineEnd + 1;
      lineEnd = text.indexOf("\n", lineStart);
    }
    yield { kind, text: lexeme, offset, column: offset - lineStart };
    announced = !announced && lexeme === CST.SCALAR;
    if (kind === "block-scalar-header") afterHeader = true;
    if (kind === "block") afterHeader = false;
    if (!marker) offset += lexeme.length;
  }
}

/** These stand for no character of the text. */
const markers: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

// libyaml ignores indentation in [ ], { } and quotes; the `yaml` package does not. Lines that it would refuse are
// moved to the right. Their line numbers and contents stay the same.

/** The maximum number of lines of one list. Beyond it, the text is left unchanged. */
const mostLines = 100;

export const margin = " ".repeat(60);

export function indentFlow(text: string): string {
  let indented = text;
  for (let moved = 0; moved < mostLines; moved++) {
    const offset = brokenAt(indented);
    if (offset === undefined) return indented;
    indented = indented.slice(0, offset) + margin + indented.slice(offset);
  }
  return text;
}

/** The place where the lexer stops: the beginning of a line with too little indentation. */
function brokenAt(text: string): number | undefined {
  for (const lexeme of lexemesOf(text)) {
    const offset = givenUpAt(lexeme);
    if (offset === undefined || offset >= text.length) continue;
    const line = text.lastIndexOf("\n", offset - 1) + 1;
    if (!text.startsWith(margin, line) && !/^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(line))) return line;
  }
  return undefined;
}

function givenUpAt({ kind, text, offset }: Lexeme): number | undefined {
  if (kind === "flow-error-end") return offset;
  if (kind === "single-quoted-scalar" && !/^'(?:[^']|'')*'$/.test(text)) return offset + text.length + 1;
  if (kind === "double-quoted-scalar" && !/^"(?:[^"\\]|\\[^])*"$/.test(text)) return offset + text.length + 1;
  return undefined;
}

// The end of the first document. For libyaml, a line with less indentation than the whole document before it begins
// another document, and goyaml.v2 reads only the first. The rest is cut off.

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
