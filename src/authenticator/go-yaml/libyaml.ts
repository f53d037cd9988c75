/** The first document of a YAML text, which is the only one that goyaml.v2 reads. */
import { Composer, Parser, type Document } from "yaml";
import { Lost } from "./value.ts";
import { lexemesOf, type Lexeme } from "./lexemes.ts";

/** Scalars stay texts; goyaml.v2's rules later decide which of them are numbers. @throws Lost */
export function syntaxTree(text: string): Document.Parsed | undefined {
  refuseWhatLibyamlRefuses(text);
  const composer = new Composer({
    version: "1.1",
    schema: "failsafe",
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const tokens = new Parser().parse(text);
  for (const document of composer.compose(tokens, true, text.length)) return sound(document);
  return undefined;
}

function sound(document: Document.Parsed): Document.Parsed {
  const problem = document.errors.find(({ message }) => !message.startsWith(forgiven));
  if (problem) throw new Lost(problem.message.slice(0, longestReason), problem.pos[0]);
  return document;
}

/** The package quotes the text that it found. */
const longestReason = 120;

/** libyaml accepts these. */
const forgiven = "Comments must be separated from other tokens";

// The texts that libyaml refuses and the `yaml` package accepts, as far as people write them.

/** @throws Lost */
export function refuseWhatLibyamlRefuses(text: string): void {
  refuseControlCharacters(text);
  const seen: Seen = { depth: 0, before: "newline", plainSince: undefined, started: false };
  for (const lexeme of lexemesOf(text)) {
    if (endsFirstDocument(lexeme, seen)) return;
    if (lexeme.kind === "directive-line") refuseDirective(lexeme);
    if (lexeme.kind === "double-quoted-scalar") refuseEscapedSlash(lexeme);
    if (lexeme.kind === "space" && seen.depth === 0) refuseTab(text, lexeme, seen);
    take(lexeme, seen);
    if (seen.depth > deepest) throw new Lost("it is nested too deeply", lexeme.offset);
  }
}

/** The limit of libyaml is 10,000; no real aws-auth reaches 1,000. */
const deepest = 1000;

interface Seen {
  /** Depth of [ and {, in which tabs are allowed. */
  depth: number;
  /** Kind of the previous lexeme, without white space at the beginning of a line. */
  before: string;
  /** The start of a plain scalar, while only white space follows it. */
  plainSince: number | undefined;
  /** Whether the first document has begun. */
  started: boolean;
}

/** libyaml's reader accepts only printable characters. */
function refuseControlCharacters(text: string): void {
  const found = /[^\t\n\r\x20-\x7e\x85\xa0-\ufffd]/.exec(text);
  if (found) throw new Lost("it contains a control character", found.index);
}

function refuseDirective({ text, offset }: Lexeme): void {
  const [name = "", version = ""] = text.split(/\s+/);
  if (name === "%YAML" && version !== "1.1")
    throw new Lost(`it declares YAML ${version.slice(0, 8)}, and the reader supports only 1.1`, offset);
  if (name !== "%YAML" && name !== "%TAG") throw new Lost("it contains an unknown directive", offset);
}

/** YAML 1.2 took it from JSON; YAML 1.1 does not have it. */
function refuseEscapedSlash({ text, offset }: Lexeme): void {
  const found = /^(?:[^\\]|\\[^/])*\\\//.exec(text);
  if (found)
    throw new Lost("it escapes a slash, which YAML 1.1 does not support", offset + found[0].length - 2);
}

/** A tab is not allowed where a key or an item could begin, even on a line of its own. */
function refuseTab(text: string, space: Lexeme, { before, plainSince }: Seen): void {
  if (!space.text.includes("\t") || !mayBeginKey.has(before)) return;
  const offset = space.offset + space.text.indexOf("\t");
  const column = offset - (text.lastIndexOf("\n", offset) + 1);
  if (before === "newline" && plainSince !== undefined && column > indentAround(text, plainSince)) return;
  throw new Lost("a tab is used for indentation, where only spaces are allowed", offset);
}

const mayBeginKey = new Set(["newline", "seq-item-ind", "explicit-key-ind", "block"]);

/** Column of the key, or of the indicator (- ? :), to which a plain scalar belongs. */
function indentAround(text: string, offset: number): number {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  const bare = line.replace(/(?:[!&]\S*\s+)+$/, "");
  const indicators = /^ *(?:[-?:] +)*/.exec(bare)?.[0] ?? "";
  if (indicators.length < bare.length) return indicators.length;
  const own = bare.search(/[-?:] *$/);
  return own < 0 ? bare.length - 1 : own;
}

function endsFirstDocument({ kind }: Lexeme, { started }: Seen): boolean {
  return kind === "doc-end" || (kind === "doc-start" && started);
}

function take({ kind, offset }: Lexeme, seen: Seen): void {
  if (kind === "flow-map-start" || kind === "flow-seq-start") seen.depth++;
  if (kind === "flow-map-end" || kind === "flow-seq-end") seen.depth--;
  if (kind === "plain") seen.plainSince = offset;
  else if (!blank.has(kind)) seen.plainSince = undefined;
  if (!blank.has(kind) && !beforeDocument.has(kind)) seen.started = true;
  if (kind !== "space" || seen.before !== "newline") seen.before = kind;
}

const blank = new Set(["newline", "space"]);
const beforeDocument = new Set(["comment", "directive-line", "doc-mode", "scalar", "byte-order-mark"]);
