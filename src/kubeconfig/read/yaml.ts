/**
 * A kubeconfig's text: the YAML document for edits, and the values that kubectl reads. Ambiguous and broken text is
 * refused with line and column, and so is text that only one of the two readers reads: kubectl reads by goyaml.v2, as
 * aws-iam-authenticator does. The work grows linearly with the text: the unique-key check and the alias look-up of `yaml`
 * are quadratic, so both are done elsewhere.
 */
import {
  Composer,
  isScalar,
  Lexer,
  Parser,
  Scalar,
  visit,
  type CST,
  type Document,
  type ErrorCode,
} from "yaml";
import { aliasProblems, readYaml as readAsGo, type YamlValue } from "../../authenticator/go-yaml/read.ts";
import { integerValue, resolveScalar } from "../../authenticator/go-yaml/scalar.ts";
import type { EksX509Error } from "../../foundation/errors.ts";
import { kubeconfigProblem } from "./problem.ts";

export interface NamedText {
  name: string;
  text: string;
}

/** A mapping. */
export type Content = Readonly<Record<string, unknown>>;

export interface YamlText {
  document: Document;
  content: unknown;
}

/** In UTF-16 units: some 2500 EKS clusters. */
export const largestKubeconfig = 4 * 1024 * 1024;
/** Words and punctuation, including line ends. 2500 clusters have 250,000, which are read within a second. */
const mostLexemes = 700_000;
/** encoding/base64's StdEncoding: padded, without line breaks. */
export const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** A client's settings have five levels. `yaml` composes by recursion and can exhaust the stack. */
const deepest = 100;

export function readYaml({ name, text }: NamedText): YamlText {
  if (text.length > largestKubeconfig) throw kubeconfigTooLarge(name);
  const tokens = [...parsed(name, text)];
  if (tokens.some((token) => nestsDeeper(token, deepest)))
    throw kubeconfigProblem("KUBECONFIG_TOO_DEEP", `${name} has more than ${deepest} levels`, untouched);
  const options = { merge: true, uniqueKeys: false, logLevel: "silent" } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  if (!document) throw invalid(name, "no document");
  refuseErrors(name, text, document);
  if (second)
    throw kubeconfigProblem(
      "KUBECONFIG_SEVERAL_DOCUMENTS",
      `${name} contains more than one YAML document: ${placeIn(text, second.range[0])}`,
      "kubectl reads only the first. Split the file, and list the parts in KUBECONFIG. Nothing was changed.",
    );
  refuseRepeatedKeys({ name, text }, document);
  return { document, content: contentIn({ name, text }) };
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

function refuseRepeatedKeys({ name, text }: NamedText, document: Document): void {
  visit(document, {
    Map: (_key, { items }) => {
      const taken = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key) || isMergeKey(key)) continue;
        const written = keyText(key);
        if (taken.has(written))
          throw kubeconfigProblem(
            "KUBECONFIG_DUPLICATE_KEY",
            `${name} has a key twice in one mapping: ${placeIn(text, key.range?.[0] ?? 0)}`,
            "Remove one of the two: kubectl uses the last, other clients the first. Nothing was changed.",
          );
        taken.add(written);
      }
    },
  });
}

function contentIn({ name, text }: NamedText): unknown {
  const result = readAsGo(text);
  if ("value" in result) return contentOf(result.value);
  const { line, column, why } = result.problem;
  if (aliasProblems.includes(why))
    throw kubeconfigProblem(
      "KUBECONFIG_ALIASES",
      `${name} has aliases (*NAME) that expand to too many values, or to themselves`,
      "Replace them by their values. Nothing was changed.",
    );
  throw invalid(name, `line ${line}, column ${column}, ${why}`, "YAML that kubectl reads");
}

function contentOf(value: YamlValue): unknown {
  switch (value.kind) {
    case "text":
      return value.text;
    case "list":
      return value.items.map(contentOf);
    case "map":
      return Object.fromEntries(value.fields.map((field) => [field.key, contentOf(field.value)]));
    case "null":
      return null;
    case "bool":
      return /^(y|t|on)/i.test(value.source);
    case "number":
      return numberIn(value.source);
  }
}

/** A number cannot represent every 64-bit integer. */
function numberIn(source: string): number | bigint {
  if (resolveScalar(source) === "float") return Number(source.replaceAll("_", ""));
  const whole = integerValue(source);
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

/** A mapping's key. kubectl turns numbers and similar keys into texts. */
export function keyText({ value, source = "" }: Scalar): string {
  return typeof value === "string" ? value : source;
}

export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.source === "<<";
}

/** kubectl reads UTF-8, and UTF-16 after a byte order mark, which is written by PowerShell. */
export function decodedText(name: string, bytes: Uint8Array, encodings = byteOrderMarks): string {
  const start = Buffer.from(bytes.subarray(0, 2)).toString("hex");
  try {
    return new TextDecoder(encodings[start] ?? "utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw kubeconfigProblem(
      "KUBECONFIG_NOT_UTF8",
      `${name} is not UTF-8`,
      "Save it as UTF-8; Windows PowerShell's > writes UTF-16. It was not changed.",
      error,
    );
  }
}

const byteOrderMarks: Partial<Record<string, string>> = { fffe: "utf-16le", feff: "utf-16be" };

export function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return `line ${line}, column ${offset - before.lastIndexOf("\n")}`;
}

const untouched = "Correct it by hand, or restore it from a backup. It was not changed.";

function invalid(name: string, what: string, format = "YAML"): EksX509Error {
  return kubeconfigProblem("KUBECONFIG_INVALID", `${name} is not ${format}: ${what}`, untouched);
}

export function kubeconfigTooLarge(name: string, how = "is larger than 4 MiB"): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_TOO_LARGE",
    `${name} ${how}`,
    "Check the path. Split a kubeconfig of more than 2500 clusters, and list the parts in KUBECONFIG.",
  );
}
