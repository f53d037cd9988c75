/** A text of aws-auth, read as aws-iam-authenticator reads it: goyaml.v2, and for mapRoles and mapUsers JSON behind it. */
import { isCollection, isSeq } from "yaml";
import { Composition } from "./compose.ts";
import { firstDocument } from "./first-document.ts";
import { indentFlow } from "./flow-indent.ts";
import { Lost } from "./lost.ts";
import { Places } from "./places.ts";
import { resolveScalar } from "./plain-scalar.ts";
import { syntaxTree } from "./syntax-tree.ts";
import type { YamlProblem, YamlValue } from "./value.ts";

export type Reading = { value: YamlValue } | { problem: YamlProblem };

/** Never throws. */
export function readYaml(text: string): Reading {
  const indented = prepared(text);
  const places = new Places(indented);
  try {
    const document = syntaxTree(indented);
    if (!document) return { value: { kind: "null", source: "", line: 1 } };
    return asJson(new Composition(document, places).valueOf(document.contents, 0));
  } catch (error) {
    return { problem: problemOf(error, places) };
  }
}

export interface TextsReading {
  texts: readonly string[];
  /** What stands before it is read all the same, unless the text is no YAML at all. */
  problem?: YamlProblem;
  /** What stands in the list's place. */
  kind: "list" | "no list" | "nothing";
}

/** A list of texts as goyaml.v2 alone reads it: numbers stay as they are written. Never throws. */
export function readTexts(text: string): TextsReading {
  const indented = prepared(text);
  const places = new Places(indented);
  const texts: string[] = [];
  try {
    const document = syntaxTree(indented);
    if (!document?.contents) return { texts, kind: "nothing" };
    const composition = new Composition(document, places);
    if (!isSeq(document.contents)) return { texts, kind: kindOf(composition.valueOf(document.contents, 0)) };
    for (const item of document.contents.items)
      if (!isCollection(item)) texts.push(...textsOf(composition.valueOf(item, 0)));
    return { texts, kind: "list" };
  } catch (error) {
    return { texts, kind: "list", problem: problemOf(error, places) };
  }
}

/** JSON has no number that is not finite. */
function asJson(value: YamlValue): Reading {
  const found = notFiniteIn(value);
  if (!found) return { value };
  return { problem: { why: "it holds a number that is not finite", line: found.line, column: 1 } };
}

function notFiniteIn(value: YamlValue): YamlValue | undefined {
  if (value.kind === "number") return resolveScalar(value.source).notFinite ? value : undefined;
  const parts =
    value.kind === "list"
      ? value.items
      : value.kind === "map"
        ? value.fields.map((field) => field.value)
        : [];
  for (const part of parts) {
    const found = notFiniteIn(part);
    if (found) return found;
  }
  return undefined;
}

function textsOf(value: YamlValue): string[] {
  if (value.kind === "text") return [value.text];
  return value.kind === "bool" || value.kind === "number" ? [value.source] : [];
}

/** Without a byte order mark; a carriage return, alone or not, ends a line. */
function prepared(text: string): string {
  return firstDocument(indentFlow(text.replace(/^\ufeff/, "").replaceAll(/\r\n?/g, "\n")));
}

function kindOf(value: YamlValue): "nothing" | "no list" {
  return value.kind === "null" ? "nothing" : "no list";
}

function problemOf(error: unknown, places: Places): YamlProblem {
  if (error instanceof RangeError) return { why: "it is nested too deeply", line: 1, column: 1 };
  if (!(error instanceof Lost)) throw error;
  return { why: error.message, ...places.at(error.offset) };
}
