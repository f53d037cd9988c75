/** The lexemes of a YAML text, each with its kind and its place. */
import { CST, Lexer } from "yaml";

export interface Lexeme {
  /** As CST.tokenType tells it; "plain" for a scalar without quotes, "block" for one after `|` or `>`. */
  kind: string;
  text: string;
  offset: number;
  /** Counts from 0. */
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

/** They stand for no character of the text. */
const markers: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

// libyaml does not look at indentation within [ ] and { } and within quotes; the `yaml` package does. Lines there
// that it would refuse are moved to the right: their numbers stay, and what they hold too.

/** As many lines as a person breaks one list into; beyond, the text is left as it is. */
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

/** Where the lexer gives up: the beginning of a line that is not indented enough. */
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

// Where the first document ends: for libyaml, a line that stands further left than the whole document before it
// begins another, and goyaml.v2 never looks at a second one. What follows is cut off.

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
