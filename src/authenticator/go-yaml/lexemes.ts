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
