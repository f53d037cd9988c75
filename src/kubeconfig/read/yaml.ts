/**
 * A kubeconfig's text, as a YAML document. Nothing is guessed: what is broken, or has two meanings, is refused with line
 * and column.
 */
import { Composer, Lexer, Parser, type CST, type Document, type ErrorCode } from "yaml";
import { strayAlias } from "./aliases.ts";
import { kubeconfigProblem } from "./problem.ts";
import type { EksX509Error } from "../../foundation/errors.ts";

export interface NamedText {
  /** Path of the file, for messages. */
  name: string;
  text: string;
}

/** In UTF-16 units: some 2500 EKS clusters. */
export const largestKubeconfig = 4 * 1024 * 1024;
/** Words and marks, line ends included; those 2500 clusters have a quarter of that. Each takes memory, and a microsecond or more. */
const mostLexemes = 1_000_000;
/** A client's settings nest five deep; `yaml` composes by recursion, and dies with the stack. */
const deepest = 100;

/**
 * Merge keys (`<<`) take effect, as in kubectl. Aliases are known to unfold to a bounded size, so that toJS() may be called.
 *
 * @throws EksX509Error KUBECONFIG_INVALID, KUBECONFIG_TOO_LARGE, KUBECONFIG_TOO_DEEP, KUBECONFIG_DUPLICATE_KEY,
 * KUBECONFIG_SEVERAL_DOCUMENTS, KUBECONFIG_ALIASES
 */
export function kubeconfigDocument({ name, text }: NamedText): Document {
  if (text.length > largestKubeconfig) throw kubeconfigTooLarge(name);
  const control = forbiddenCharacter.exec(text);
  if (control) throw invalid(name, `${placeIn(text, control.index)}, a control character`);
  const tokens = [...parsed(name, text)];
  if (tokens.some((token) => nestsDeeper(token, deepest))) throw tooDeep(name);
  const [document, second] = new Composer({ merge: true, logLevel: "silent" }).compose(
    tokens,
    true,
    text.length,
  );
  if (!document) throw invalid(name, "no document");
  refuseErrors(name, text, document);
  if (second) throw severalDocuments(name, placeIn(text, second.range[0]));
  refuseAliases(name, text, document);
  return document;
}

/** As Parser.parse(), within bounds. */
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

/** YAML 1.2.2, 5.1: c-printable, as in go-yaml. A disk that was full, or lost power, leaves files of NUL. */
// eslint-disable-next-line no-control-regex
const forbiddenCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\uFFFE\uFFFF]/;

function nestsDeeper(token: CST.Token | null | undefined, levels: number): boolean {
  if (!token) return false;
  if (levels === 0) return true;
  if (token.type === "document") return nestsDeeper(token.value, levels);
  if (!("items" in token)) return false;
  return token.items.some(({ key, value }) => nestsDeeper(key, levels - 1) || nestsDeeper(value, levels - 1));
}

/** The parser's own words may quote the file, which holds keys. */
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
  if (!problem) return;
  const place = placeIn(text, problem.pos[0]);
  if (problem.code === "DUPLICATE_KEY") throw duplicateKey(name, place);
  throw invalid(name, `${place}${reasons[problem.code] ?? ""}`);
}

function refuseAliases(name: string, text: string, document: Document): void {
  const stray = strayAlias(document);
  if (stray?.problem === "within its own anchor") throw unboundedAliases(name);
  if (stray) throw invalid(name, `${placeIn(text, stray.offset)}, an alias ${stray.problem}`);
  try {
    document.toJS();
  } catch (error) {
    // `yaml` stops when an alias would unfold more than a hundred times, aliases inside of it counted too.
    if (error instanceof ReferenceError) throw unboundedAliases(name);
    throw invalid(name, "a merge key (<<) of something other than a mapping");
  }
}

/** Where an offset is, for messages. */
export function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return `line ${line}, column ${offset - before.lastIndexOf("\n")}`;
}

const untouched = "Mend it by hand, or restore it from a backup: it was not changed.";

function invalid(name: string, what: string): EksX509Error {
  return kubeconfigProblem("KUBECONFIG_INVALID", `${name} is not YAML: ${what}`, untouched);
}

function duplicateKey(name: string, place: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_DUPLICATE_KEY",
    `${name} has a key a second time in one mapping: ${place}`,
    "Remove one of the two: kubectl goes by the last, other clients by the first. Nothing was changed.",
  );
}

function severalDocuments(name: string, place: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_SEVERAL_DOCUMENTS",
    `${name} holds more than one YAML document: ${place}`,
    "kubectl reads the first alone. Split the file, and list the parts in KUBECONFIG. Nothing was changed.",
  );
}

export function kubeconfigTooLarge(name: string, how = "is larger than 4 MiB"): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_TOO_LARGE",
    `${name} ${how}`,
    "Check the path. A kubeconfig of more than 2500 clusters is better split; list the parts in KUBECONFIG.",
  );
}

function tooDeep(name: string): EksX509Error {
  return kubeconfigProblem("KUBECONFIG_TOO_DEEP", `${name} nests deeper than ${deepest} levels`, untouched);
}

function unboundedAliases(name: string): EksX509Error {
  return kubeconfigProblem(
    "KUBECONFIG_ALIASES",
    `${name} has aliases (*NAME) that unfold to too much, or to themselves`,
    "Write out what they stand for. Nothing was changed.",
  );
}
