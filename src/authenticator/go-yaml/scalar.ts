/** The text of one scalar: quoted, plain, or a block after | or >. (goyaml.v2, scannerc.go, yaml_parser_scan_…_scalar) */

/** Why a complete list is unreadable, with an offset into its text. Thrown and caught within this folder. */
export class Lost extends Error {
  readonly offset: number;

  constructor(why: string, offset: number) {
    super(why);
    this.offset = offset;
  }
}

export interface ScannedText {
  value: string;
  end: number;
  /** Whether white space with a line break belongs to the scalar, after its value. */
  endsLine?: boolean;
}

const space = " \t\n\u2028\u2029";

export function isSpaceAt(text: string, offset: number): boolean {
  return offset >= text.length || space.includes(text.charAt(offset));
}

export function quotedText(text: string, start: number): ScannedText {
  const quote = text.charAt(start);
  const end = endOfQuotes(text, start, quote);
  const source = text.slice(start + 1, end);
  if (end < 0) throw new Lost("found unexpected end of stream", start);
  if (/[\n\u2028\u2029](?:---|\.\.\.)[ \t\n\u2028\u2029]/.test(text.slice(start, end)))
    throw new Lost("found unexpected document indicator", start);
  const value =
    quote === "'"
      ? source.replaceAll(/''|[ \t\n\u2028\u2029]+/g, (found) => (found === "''" ? "'" : folded(found)))
      : source.replaceAll(doubleQuoted, (found) =>
          found.startsWith("\\") ? unescaped(found, start) : folded(found),
        );
  return { value, end: end + 1 };
}

function endOfQuotes(text: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < text.length) {
    const isDoubled = quote === "'" && text.startsWith("''", at);
    if (text[at] === quote && !isDoubled) return at;
    at += isDoubled || (quote === '"' && text[at] === "\\") ? 2 : 1;
  }
  return -1;
}

const doubleQuoted =
  /\\(?:[\n\u2028\u2029][ \t\n\u2028\u2029]*|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[^])|[ \t\n\u2028\u2029]+/g;

function unescaped(escape: string, start: number): string {
  const letter = escape.charAt(1);
  if (/[\n\u2028\u2029]/.test(letter)) return escape.slice(2).replaceAll(/[ \t]/g, "");
  if (escape.length > 2) {
    const code = Number.parseInt(escape.slice(2), 16);
    if (code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) return String.fromCodePoint(code);
    throw new Lost("found invalid Unicode character escape code", start);
  }
  if (!letters.includes(letter)) throw new Lost("found unknown escape character", start);
  return characters.charAt(letters.indexOf(letter));
}

/** The letter of each escape, and in the same place its character. */
const letters = "0abt\tnvfre \"'\\N_LP";
const characters = "\0\x07\b\t\t\n\v\f\r\x1b \"'\\\x85\xa0\u2028\u2029";

/** White space inside a scalar: one line break becomes a space, more of them lose one. */
function folded(white: string): string {
  const breaks = white.replaceAll(/[ \t]/g, "");
  if (breaks === "") return white;
  if (!breaks.startsWith("\n")) return breaks;
  return breaks.length === 1 ? " " : breaks.slice(1);
}

/**
 * @param indent the smallest indentation of a further line
 * @throws Lost
 */
export function plainText(text: string, start: number, indent: number, isFlow: boolean): ScannedText {
  let value = "";
  let end = start;
  let white = "";
  for (;;) {
    const word = matchAt(isFlow ? flowWords : blockWords, text, end);
    if (word === "") break;
    value += (value === "" ? "" : folded(white)) + word;
    end += word.length;
    white = matchAt(/[ \t\n\u2028\u2029]*/y, text, end);
    end += white.length;
    if (endsPlain(text, end, white, indent, isFlow)) break;
  }
  return { value, end, endsLine: /[\n\u2028\u2029]/.test(white) };
}

const blockWords = /[^ \t\n\u2028\u2029:]*(?::(?![ \t\n\u2028\u2029]|$)[^ \t\n\u2028\u2029:]*)*/y;
const flowWords =
  /[^ \t\n\u2028\u2029:,?[\]{}]*(?::(?![ \t\n\u2028\u2029]|$)[^ \t\n\u2028\u2029:,?[\]{}]*)*/y;

function endsPlain(text: string, end: number, white: string, indent: number, isFlow: boolean): boolean {
  const [, ...lines] = white.split(/[\n\u2028\u2029]/);
  if (lines.some((line) => line.slice(0, indent).includes("\t")))
    throw new Lost("found a tab character that violates indentation", end - (lines.at(-1)?.length ?? 0));
  if (white === "" || text[end] === "#") return true;
  const column = lines.at(-1)?.length;
  if (column === undefined) return false;
  if (column === 0 && /^(?:---|\.\.\.)(?:[ \t\n\u2028\u2029]|$)/.test(text.slice(end, end + 4))) return true;
  return !isFlow && column < indent;
}

/**
 * @param outer the indentation of the block around the scalar
 * @throws Lost
 */
export function blockText(text: string, start: number, outer: number): ScannedText {
  const header = matchAt(blockHeader, text, start);
  if (header === "") throw new Lost("did not find expected comment or line break", start);
  const digit = /^.[+-]?([1-9])/.exec(header)?.[1];
  const declared = digit === undefined ? undefined : Math.max(outer, 0) + Number(digit);
  const first = emptyLines(text, start + header.length, declared);
  const indent = declared ?? Math.max(first.deepest, outer + 1, 1);
  const { value, lineBreak, rest } = blockLines(text, first, indent, header.startsWith(">"));
  if (/^.[1-9]?-/.test(header)) return { value, end: rest.end };
  return { value: value + lineBreak + (/^.[1-9]?\+/.test(header) ? rest.breaks : ""), end: rest.end };
}

/** @param rest the empty lines before the block; in the result, those after it */
function blockLines(
  text: string,
  rest: EmptyLines,
  indent: number,
  isFolded: boolean,
): { value: string; lineBreak: string; rest: EmptyLines } {
  let value = "";
  let lineBreak = "";
  let folds = false;
  while (rest.column === indent && rest.end < text.length) {
    const line = matchAt(/.*/y, text, rest.end);
    const isText = isFolded && !/^[ \t]/.test(line);
    value += (folds && isText ? rest.breaks || " " : lineBreak + rest.breaks) + line;
    lineBreak = text.charAt(rest.end + line.length);
    folds = isText && lineBreak === "\n";
    rest = emptyLines(text, rest.end + line.length + lineBreak.length, indent);
  }
  return { value, lineBreak, rest };
}

const blockHeader = /[|>](?:[+-][1-9]?|[1-9][+-]?)?[ \t]*(?:#.*)?(?:[\n\u2028\u2029]|$)/y;

interface EmptyLines {
  breaks: string;
  end: number;
  column: number;
  deepest: number;
}

/** The empty lines of a block, and the indentation of the line after them. */
function emptyLines(text: string, start: number, indent = Infinity): EmptyLines {
  const lines = { breaks: "", end: start, column: 0, deepest: 0 };
  for (;;) {
    lines.column = Math.min(matchAt(/ */y, text, lines.end).length, indent);
    lines.deepest = Math.max(lines.deepest, lines.column);
    lines.end += lines.column;
    if (lines.column < indent && text[lines.end] === "\t")
      throw new Lost("found a tab character where an indentation space is expected", lines.end);
    const lineBreak = matchAt(/[\n\u2028\u2029]/y, text, lines.end);
    if (lineBreak === "") return lines;
    lines.breaks += lineBreak;
    lines.end++;
  }
}

export function matchAt(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? "";
}

// The YAML 1.1 words for true, false and null, numbers, or text: `username: yes` is not text. (goyaml.v2, resolve.go)

export interface Scalar {
  text: string;
  tag: string;
  isPlain: boolean;
  offset: number;
}

/** No key can be `beyond int64`, and JSON has no `not finite`. */
export type ScalarKind =
  "text" | "null" | "bool" | "int" | "beyond int64" | "float" | "not finite" | "timestamp";

const integers = ["int", "beyond int64"] as const;
const kindsOfTag: Readonly<Record<string, readonly ScalarKind[]>> = {
  "tag:yaml.org,2002:bool": ["bool"],
  "tag:yaml.org,2002:int": integers,
  "tag:yaml.org,2002:float": ["float", "not finite", ...integers],
  "tag:yaml.org,2002:null": ["null"],
  "tag:yaml.org,2002:timestamp": ["timestamp"],
};

export function kindOf({ text, tag, isPlain, offset }: Scalar): ScalarKind {
  const kinds = kindsOfTag[tag];
  if (!kinds && (tag !== "" || !isPlain)) return "text";
  const kind = resolveScalar(text);
  if (kinds?.includes(kind) === false) throw new Lost("a value does not match its tag", offset);
  return kind;
}

/** `!!binary`, which goyaml.v2 decodes. @throws Lost */
export function binaryText({ text, offset }: Scalar): string {
  const base64 = text.replaceAll(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(base64))
    throw new Lost("a value does not match its tag !!binary", offset);
  return Buffer.from(base64, "base64").toString("utf8");
}

const nulls = new Set(["", "~", "null", "Null", "NULL"]);
const booleans = new Set([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"],
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"],
]);
const notFinite = /^(?:\.(?:nan|NaN|NAN)|[-+]?\.(?:inf|Inf|INF))$/;

const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9]\d*)$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const timestamp = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}.*)?$/;

/** @param source the text of a scalar without quotes, or of any scalar with a tag such as `!!int` */
export function resolveScalar(source: string): ScalarKind {
  if (nulls.has(source)) return "null";
  if (booleans.has(source)) return "bool";
  if (notFinite.test(source)) return "not finite";
  if (timestamp.test(source)) return "timestamp";
  if (!/^[-+\d.]/.test(source)) return "text";
  const digits = source.startsWith(".") ? source : source.replaceAll("_", "");
  const int = integer.test(digits) ? integerKind(digits) : undefined;
  return int ?? (float.test(digits) && Number.isFinite(Number(digits)) ? "float" : "text");
}

export function integerValue(source: string): bigint {
  const unsigned = source.replaceAll(/^[-+]|_/g, "");
  const size = BigInt(/^0\d/.test(unsigned) ? `0o${unsigned}` : unsigned);
  return source.startsWith("-") ? -size : size;
}

/** Undefined for an integer that goyaml.v2 can read only as a float. */
function integerKind(digits: string): ScalarKind | undefined {
  const value = integerValue(digits);
  if (value >= -(2n ** 63n) && value < 2n ** 63n) return "int";
  return value >= 0n && value < 2n ** 64n && !digits.startsWith("+") ? "beyond int64" : undefined;
}
