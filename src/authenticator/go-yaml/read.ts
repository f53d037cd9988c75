/** Reads a text of aws-auth as aws-iam-authenticator does: with goyaml.v2, and for mapRoles and mapUsers then as JSON. */
import {
  isCollection,
  isSeq,
  isAlias,
  isMap,
  isScalar,
  visit,
  type Document,
  type Node,
  type YAMLMap,
} from "yaml";
import { firstDocument, indentFlow } from "./lexemes.ts";
import { Lost, Places, type YamlProblem, type YamlValue, type YamlField, type YamlMap } from "./value.ts";
import { resolveScalar, scalarValue } from "./scalar.ts";
import { syntaxTree } from "./libyaml.ts";

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
  /** The text before it is still read, unless the whole text is not YAML. */
  problem?: YamlProblem;
  /** The value instead of a list. */
  kind: "list" | "no list" | "nothing";
}

/** A list of texts as goyaml.v2 alone reads it: numbers stay as written. Never throws. */
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

/** JSON has only finite numbers. */
function asJson(value: YamlValue): Reading {
  const found = notFiniteIn(value);
  if (!found) return { value };
  return { problem: { why: "it contains a number that is not finite", line: found.line, column: 1 } };
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

/** Without a byte order mark. A carriage return ends a line, also without a line feed. */
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

// Turns the syntax tree into values: follows aliases, merges, and keeps the last of two equal keys. (goyaml.v2, decode.go)

/** goyaml.v2 refuses texts that consist almost only of aliases. A ConfigMap cannot contain this many values. */
const mostValues = 400_000;

export class Composition {
  readonly #places: Places;
  readonly #targets: ReadonlyMap<Node, Node>;
  readonly #open = new Set<Node>();
  #values = 0;

  constructor(document: Document.Parsed, places: Places) {
    this.#places = places;
    this.#targets = aliasTargets(document);
  }

  /** @throws Lost */
  valueOf(node: unknown, near: number): YamlValue {
    if (++this.#values > mostValues) throw new Lost("it has too many repetitions through aliases", near);
    if (isAlias(node)) return this.#inside(node, (target) => this.valueOf(target, near));
    if (isScalar(node)) return scalarValue(node, this.lineOf(node, near));
    if (isSeq(node))
      return {
        kind: "list",
        items: node.items.map((item) => this.valueOf(item, offsetOf(node, near))),
        line: this.lineOf(node, near),
      };
    if (isMap(node)) return this.#map(node, near);
    return { kind: "null", source: "", line: this.#places.at(near).line };
  }

  lineOf(node: Node, near: number): number {
    return this.#places.at(offsetOf(node, near)).line;
  }

  #map(node: YAMLMap, near: number): YamlMap {
    const fields = new Map<string, YamlField>();
    this.#collect(node, offsetOf(node, near), fields);
    const sorted = [...fields.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
    return { kind: "map", fields: sorted, line: this.lineOf(node, near) };
  }

  #collect(node: YAMLMap, near: number, fields: Map<string, YamlField>): void {
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) {
        this.#merge(value, near, fields);
        continue;
      }
      const name = this.#key(key, near);
      const at = keyOffset(key, near);
      fields.set(name, { key: name, value: this.valueOf(value, at), line: this.#places.at(at).line });
    }
  }

  /** Merged values override the keys before the merge, and not the keys after it. */
  #merge(value: unknown, near: number, fields: Map<string, YamlField>): void {
    const maps = isSeq(value) ? value.items.toReversed() : [value];
    for (const map of maps) {
      if (isMap(map)) this.#collect(map, near, fields);
      else if (isAlias(map))
        this.#inside(map, (target) => {
          if (!isMap(target)) throw wantsMap(near);
          this.#collect(target, near, fields);
        });
      else throw wantsMap(near);
    }
  }

  #key(node: unknown, near: number): string {
    const key = this.valueOf(node, near);
    if (key.kind === "text") return key.text;
    const at = keyOffset(node, near);
    if (key.kind === "map" || key.kind === "list")
      throw new Lost("a key is a value in { } or [ ] instead of a name", at);
    if (key.kind === "null") throw new Lost("a key is empty", at);
    if (key.kind === "number" && resolveScalar(key.source).beyondInt64)
      throw new Lost("a key is too large a number", at);
    return key.source;
  }

  #inside<Result>(alias: Node, read: (target: Node) => Result): Result {
    const target = this.#targets.get(alias);
    const at = offsetOf(alias, 0);
    if (!target) throw new Lost("it uses an anchor that is not defined before it", at);
    if (this.#open.has(alias)) throw new Lost("an anchor's value contains itself", at);
    this.#open.add(alias);
    const result = read(target);
    this.#open.delete(alias);
    return result;
  }
}

function wantsMap(near: number): Lost {
  return new Lost("<< merges a value that is not a mapping", near);
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.value !== "<<") return false;
  return (key.type === "PLAIN" && key.tag === undefined) || key.tag === "tag:yaml.org,2002:merge";
}

/** Each alias with its value: the last earlier anchor of its name. */
function aliasTargets(document: Document.Parsed): Map<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  visit(document, {
    Node(_, node) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return;
      }
      const target = anchors.get(node.source);
      if (!target) throw new Lost("it uses an anchor that is not defined before it", offsetOf(node, 0));
      targets.set(node, target);
    },
  });
  return targets;
}

function keyOffset(key: unknown, near: number): number {
  return isScalar(key) || isMap(key) || isSeq(key) || isAlias(key) ? offsetOf(key, near) : near;
}

function offsetOf(node: Node, near: number): number {
  return node.range?.[0] ?? near;
}
