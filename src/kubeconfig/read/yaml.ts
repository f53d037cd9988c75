/**
 * A kubeconfig's text: the YAML document for edits, and the values that kubectl reads. Ambiguous and broken text is
 * refused with line and column. The work grows linearly with the text: the unique-key check and the alias look-up of
 * `yaml` are quadratic, so both are done here.
 */
import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  Scalar,
  type CST,
  type Document,
  type ErrorCode,
  type YAMLMap,
} from "yaml";
import { aliasShare } from "../../authenticator/go-yaml/read.ts";
import { binaryText, integerValue, kindOf, Lost } from "../../authenticator/go-yaml/scalar.ts";
import { isObject } from "../../foundation/json.ts";
import type { EksX509Error } from "../../foundation/errors.ts";
import { kubeconfigProblem } from "./problem.ts";

export interface NamedText {
  /** Path of the file, for messages. */
  name: string;
  text: string;
}

/** A mapping. */
export type Content = Readonly<Record<string, unknown>>;

export interface YamlText {
  document: Document;
  /** Aliases of one value share one object. */
  content: unknown;
  hasAliases: boolean;
}

/** In UTF-16 units: some 2500 EKS clusters. */
export const largestKubeconfig = 4 * 1024 * 1024;
/** Words and punctuation, including line ends. 2500 clusters have 250,000, which are read within a second. */
const mostLexemes = 700_000;
/** encoding/base64's StdEncoding: padded, without line breaks. */
export const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** A client's settings have five levels. `yaml` composes by recursion and can exhaust the stack. */
const deepest = 100;

/**
 * @throws EksX509Error KUBECONFIG_INVALID, KUBECONFIG_TOO_LARGE, KUBECONFIG_TOO_DEEP, KUBECONFIG_DUPLICATE_KEY,
 * KUBECONFIG_SEVERAL_DOCUMENTS, KUBECONFIG_ALIASES
 */
export function readYaml({ name, text }: NamedText): YamlText {
  if (text.length > largestKubeconfig) throw kubeconfigTooLarge(name);
  const control = forbiddenCharacter.exec(text);
  if (control) throw invalid(name, `${placeIn(text, control.index)}, a control character`);
  const tokens = [...parsed(name, text)];
  if (tokens.some((token) => nestsDeeper(token, deepest)))
    throw kubeconfigProblem("KUBECONFIG_TOO_DEEP", `${name} has more than ${deepest} levels`, untouched);
  const options = { merge: true, uniqueKeys: false, logLevel: "silent" } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  if (!document) throw invalid(name, "no document");
  refuseErrors(name, text, document);
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== "1.1")
    throw unread(name, "a %YAML directive with a version other than 1.1");
  if (second)
    throw kubeconfigProblem(
      "KUBECONFIG_SEVERAL_DOCUMENTS",
      `${name} contains more than one YAML document: ${placeIn(text, second.range[0])}`,
      "kubectl reads only the first. Split the file, and list the parts in KUBECONFIG. Nothing was changed.",
    );
  const values = new Values({ name, text });
  return { document, content: values.of(document.contents), hasAliases: values.hasAliases };
}

/** Like Parser.parse(), with limits. */
function* parsed(name: string, text: string): Generator<CST.Token> {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > mostLexemes) throw kubeconfigTooLarge(name, `has more than ${mostLexemes} words and marks`);
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

/** YAML 1.2.2, 5.1: c-printable, as in go-yaml. A full disk or a power loss leaves files of NUL. */
// eslint-disable-next-line no-control-regex
const forbiddenCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\uFFFE\uFFFF]/;

function nestsDeeper(token: CST.Token | null | undefined, levels: number): boolean {
  if (!token) return false;
  if (levels === 0) return true;
  if (token.type === "document") return nestsDeeper(token.value, levels);
  if (!("items" in token)) return false;
  return token.items.some(({ key, value }) => nestsDeeper(key, levels - 1) || nestsDeeper(value, levels - 1));
}

/** The parser's own messages can quote the file, which contains keys. */
const reasons: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: ", a tab where spaces belong",
  BAD_INDENT: ", indented wrongly",
  BLOCK_AS_IMPLICIT_KEY: ", indented wrongly",
  MISSING_CHAR: ", something is missing",
  UNEXPECTED_TOKEN: ", something does not belong there",
  MULTILINE_IMPLICIT_KEY: ", a key of several lines",
};

function refuseErrors(name: string, text: string, { errors }: Document): void {
  const [problem] = [...errors].sort((one, other) => one.pos[0] - other.pos[0]);
  if (problem) throw invalid(name, `${placeIn(text, problem.pos[0])}${reasons[problem.code] ?? ""}`);
}

/** Reads each node once, in the order of the text. */
class Values {
  readonly #source: NamedText;
  /** With the number of nodes with all aliases expanded: Infinity while the node is being read. */
  readonly #anchors = new Map<string, { value: unknown; size: number }>();
  /** The number of nodes with aliases expanded, and the number of expanded nodes alone. */
  #nodes = 0;
  #repeated = 0;

  constructor(source: NamedText) {
    this.#source = source;
  }

  get hasAliases(): boolean {
    return this.#repeated > 0;
  }

  of(node: unknown): unknown {
    if (isAlias(node)) return this.#repeat(node.source, offsetOf(node));
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    const before = this.#nodes;
    this.#nodes += 1;
    // An anchor that is defined again names the later node.
    if (anchor !== undefined) this.#anchors.set(anchor, { value: undefined, size: Infinity });
    const value = this.#contentOf(node);
    if (anchor !== undefined) this.#anchors.set(anchor, { value, size: this.#nodes - before });
    return value;
  }

  #repeat(anchor: string, offset: number): unknown {
    const found = this.#anchors.get(anchor);
    const { name, text } = this.#source;
    if (!found) throw invalid(name, `${placeIn(text, offset)}, an alias without its anchor`);
    this.#nodes += 1 + found.size;
    this.#repeated += found.size;
    if (isExcessive(this.#repeated, this.#nodes))
      throw kubeconfigProblem(
        "KUBECONFIG_ALIASES",
        `${name} has aliases (*NAME) that expand to too many values, or to themselves`,
        "Replace them by their values. Nothing was changed.",
      );
    return found.value;
  }

  #contentOf(node: unknown): unknown {
    if (isMap(node)) return this.#mapping(node);
    if (isSeq(node)) return node.items.map((item) => this.of(item));
    if (!isScalar(node)) return null;
    try {
      return plainValue(node);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      const { name, text } = this.#source;
      throw unread(name, `${placeIn(text, offsetOf(node))}, ${error.message}`);
    }
  }

  #mapping({ items, flow }: YAMLMap): unknown {
    const own = new Map<string, unknown>();
    const merged = new Map<string, unknown>();
    for (const { key, value } of items)
      if (isMergeKey(key)) this.#merge(value, merged);
      else own.set(this.#newKey(key, own, flow), this.of(value));
    for (const [key, value] of own) merged.set(key, value);
    return Object.fromEntries(merged.size === own.size ? own : merged);
  }

  #newKey(key: unknown, taken: ReadonlyMap<string, unknown>, isFlow = false): string {
    const value = this.of(key);
    const { name, text } = this.#source;
    const place = placeIn.bind(undefined, text, offsetOf(key));
    if (typeof value === "object" && value !== null)
      throw invalid(name, `${place()}, a key that is a mapping or a list`);
    const written = isScalar(key) ? keyText(key) : typeof value === "string" ? value : "";
    if (taken.has(written))
      throw kubeconfigProblem(
        "KUBECONFIG_DUPLICATE_KEY",
        `${name} has a key twice in one mapping: ${place()}`,
        "Remove one of the two: kubectl uses the last, other clients the first. Nothing was changed.",
      );
    if (!isScalar(key)) return written;
    if (value === null) throw unread(name, `${place()}, a key that is null`);
    if (isFlow && isLong(key)) throw unread(name, `${place()}, a key of more than ${longestKey} characters`);
    return written;
  }

  /** https://yaml.org/type/merge.html: if several sources have a key, the first one counts. */
  #merge(node: unknown, into: Map<string, unknown>): void {
    const value = this.of(node);
    for (const source of Array.isArray(value) ? value : [value]) {
      if (!isObject(source))
        throw invalid(this.#source.name, "a merge key (<<) of something other than a mapping");
      for (const [key, member] of Object.entries(source)) if (!into.has(key)) into.set(key, member);
    }
  }
}

/** A mapping's key. kubectl turns numbers and similar keys into texts. */
export function keyText({ value, source = "" }: Scalar): string {
  return typeof value === "string" ? value : source;
}

export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.source === "<<";
}

function offsetOf(node: unknown): number {
  return isScalar(node) || isAlias(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
}

/** As in goyaml.v2, and with a limit for the work here. */
function isExcessive(repeated: number, nodes: number): boolean {
  return nodes > mostLexemes || (repeated > 100 && nodes > 1_000 && repeated / nodes > aliasShare(nodes));
}

const longestKey = 1024;

/** YAML 1.2.2, 7.4.2. `yaml` checks only the keys in block style. */
function isLong(key: Scalar): boolean {
  return (key.range?.[1] ?? 0) - offsetOf(key) > longestKey;
}

/**
 * kubectl reads scalars by goyaml.v2 too: `yes` is true, `010` is eight, `1_000` is not text.
 * @throws Lost if kubectl cannot turn the value into JSON
 */
function plainValue({ type, tag = "", source = "" }: Scalar): unknown {
  const isPlain = tag === "!" || (tag === "" && type === Scalar.PLAIN);
  const node = { kind: "scalar", text: source, tag, isPlain, offset: 0 } as const;
  if (tag === "tag:yaml.org,2002:binary") return binaryText(node);
  const kind = kindOf(node);
  if (kind === "text" || kind === "timestamp") return source;
  if (kind === "null") return null;
  if (kind === "bool") return /^(y|t|on)/i.test(source);
  if (kind === "not finite") throw new Lost("a number that JSON does not have", 0);
  return kind === "float" ? Number(source.replaceAll("_", "")) : exact(integerValue(source));
}

/** A number cannot represent every 64-bit integer. */
function exact(whole: bigint): number | bigint {
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : whole;
}

/** Line and column of an offset, for messages. */
export function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return `line ${line}, column ${offset - before.lastIndexOf("\n")}`;
}

const untouched = "Correct it by hand, or restore it from a backup. It was not changed.";

function invalid(name: string, what: string, format = "YAML"): EksX509Error {
  return kubeconfigProblem("KUBECONFIG_INVALID", `${name} is not ${format}: ${what}`, untouched);
}

function unread(name: string, what: string): EksX509Error {
  return invalid(name, what, "YAML that kubectl reads");
}

export function kubeconfigTooLarge(name: string, how = "is larger than 4 MiB"): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_TOO_LARGE",
    `${name} ${how}`,
    "Check the path. Split a kubeconfig of more than 2500 clusters, and list the parts in KUBECONFIG.",
  );
}
