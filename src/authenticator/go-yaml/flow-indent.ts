/**
 * libyaml does not look at indentation within [ ] and { } and within quotes; the `yaml` package does. Lines there
 * that it would refuse are moved to the right: their numbers stay, and what they hold too.
 */
import { lexemesOf, type Lexeme } from "./lexemes.ts";

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
