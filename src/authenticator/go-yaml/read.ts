/** Reads a text of aws-auth as aws-iam-authenticator does: with goyaml.v2, and for mapRoles and mapUsers then as JSON. */
import { documentsIn, type AliasNode, type MappingNode, type Node, type ScalarNode } from "./parser.ts";
import { binaryText, kindOf, Lost, resolveScalar } from "./scalar.ts";

/** Counted from 1, within the text. */
export interface Place {
  line: number;
  column: number;
}

/** Null, a truth value and a number are not text, so a text field stays empty. Their source is as written. */
export type YamlValue = Place &
  (
    | { kind: "null" | "bool" | "number"; source: string }
    | { kind: "text"; text: string }
    | { kind: "list"; items: readonly YamlValue[] }
    /** In the order in which encoding/json reads them: by key. */
    | { kind: "map"; fields: readonly YamlField[] }
  );

export interface YamlField extends Place {
  key: string;
  value: YamlValue;
}

export interface YamlProblem extends Place {
  why: string;
}

/** Only the first document, as goyaml.v2 reads a text. Never throws. */
export function readYaml(text: string): { value: YamlValue } | { problem: YamlProblem } {
  return decoded(text, (roots, places) => {
    const [root] = roots;
    if (!root) return { value: { kind: "null", source: "", line: 1, column: 1 } };
    return finite(new Decoder(places).valueOf(root));
  });
}

export function readDocuments(text: string): { values: readonly YamlValue[] } | { problem: YamlProblem } {
  return decoded(text, (roots, places) => ({
    values: Array.from(roots, (root) => new Decoder(places).valueOf(root)),
  }));
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
  const texts: string[] = [];
  const reading = decoded(text, ([root], places): { kind: TextsReading["kind"] } => {
    const decoder = new Decoder(places);
    if (!root || (root.kind === "scalar" && decoder.textOf(root) === undefined)) return { kind: "nothing" };
    if (root.kind !== "sequence") return { kind: "no list" };
    for (const item of root.items)
      texts.push(...[decoder.textOf(item)].filter((found) => found !== undefined));
    return { kind: "list" };
  });
  return { texts, kind: "list", ...reading };
}

function decoded<Result>(
  text: string,
  read: (roots: Iterable<Node>, places: Places) => Result,
): Result | { problem: YamlProblem } {
  // libyaml makes a line feed of a carriage return and of U+0085.
  const source = text.replace(/^\ufeff/, "").replaceAll(/\r\n?|\x85/g, "\n");
  const places = new Places(source);
  try {
    return read(documentsIn(source), places);
  } catch (error) {
    if (error instanceof RangeError)
      return { problem: { why: "it is nested too deeply", line: 1, column: 1 } };
    if (!(error instanceof Lost)) throw error;
    return { problem: { why: error.message, ...places.at(error.offset) } };
  }
}

/** JSON has only finite numbers. */
function finite(value: YamlValue): { value: YamlValue } | { problem: YamlProblem } {
  const found = notFiniteIn(value);
  if (!found) return { value };
  return { problem: { why: "it contains a number that is not finite", line: found.line, column: 1 } };
}

function notFiniteIn(value: YamlValue): YamlValue | undefined {
  if (value.kind === "number") return resolveScalar(value.source) === "not finite" ? value : undefined;
  const parts =
    "fields" in value ? value.fields.map((field) => field.value) : "items" in value ? value.items : [];
  for (const part of parts) {
    const found = notFiniteIn(part);
    if (found) return found;
  }
  return undefined;
}

// Turns the nodes into values: follows aliases, merges, and keeps the last of two equal keys. (goyaml.v2, decode.go)

class Decoder {
  readonly #places: Places;
  readonly #open = new Set<AliasNode>();
  #decoded = 1;
  #decodedInAliases = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  valueOf(node: Node): YamlValue {
    this.#count(node);
    const place = this.#places.at(node.offset);
    switch (node.kind) {
      case "alias":
        return this.#inside(node, (target) => this.valueOf(target));
      case "scalar":
        return { ...scalarValue(node), ...place };
      case "sequence":
        return { kind: "list", items: node.items.map((item) => this.valueOf(item)), ...place };
      case "mapping":
        return { kind: "map", fields: this.#fieldsOf(node), ...place };
    }
  }

  /** Undefined for null and for a collection. @throws Lost */
  textOf(node: Node): string | undefined {
    this.#count(node);
    if (node.kind === "alias") return this.#inside(node, (target) => this.textOf(target));
    if (node.kind !== "scalar") return undefined;
    const value = scalarValue(node);
    if (value.kind === "text") return value.text;
    return value.kind === "null" ? undefined : value.source;
  }

  #fieldsOf(node: MappingNode): YamlField[] {
    const fields = new Map<string, YamlField>();
    this.#collect(node, fields);
    return [...fields.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  #collect({ pairs }: MappingNode, fields: Map<string, YamlField>): void {
    for (const [key, value] of pairs) {
      if (isMergeKey(key)) {
        this.#merge(value, fields);
        continue;
      }
      const name = this.#key(key);
      fields.set(name, { key: name, value: this.valueOf(value), ...this.#places.at(key.offset) });
    }
  }

  /** Merged values override the keys before the merge, and not the keys after it. */
  #merge(value: Node, fields: Map<string, YamlField>): void {
    for (const map of value.kind === "sequence" ? value.items.toReversed() : [value]) {
      const target = map.kind === "alias" ? map.target : map;
      if (target.kind !== "mapping")
        throw new Lost("map merge requires map or sequence of maps as the value", map.offset);
      this.#count(map);
      if (map.kind === "alias")
        this.#inside(map, () => {
          this.#count(target);
          this.#collect(target, fields);
        });
      else this.#collect(target, fields);
    }
  }

  #key(node: Node): string {
    const key = this.valueOf(node);
    if (key.kind === "text") return key.text;
    if (key.kind === "map" || key.kind === "list")
      throw new Lost("a key is a value in { } or [ ] instead of a name", node.offset);
    if (key.kind === "null") throw new Lost("a key is empty", node.offset);
    if (key.kind === "number" && resolveScalar(key.source) === "beyond int64")
      throw new Lost("a key is too large a number", node.offset);
    return key.source;
  }

  #inside<Result>(alias: AliasNode, read: (target: Node) => Result): Result {
    if (this.#open.has(alias)) throw new Lost(containsItself, alias.offset);
    this.#open.add(alias);
    const result = read(alias.target);
    this.#open.delete(alias);
    return result;
  }

  /** goyaml.v2 refuses texts that consist almost only of aliases. */
  #count({ offset }: Node): void {
    this.#decoded++;
    if (this.#open.size > 0) this.#decodedInAliases++;
    const most = this.#decoded * aliasShare(this.#decoded);
    if (this.#decodedInAliases > 100 && this.#decoded > 1000 && this.#decodedInAliases > most)
      throw new Lost(excessiveAliasing, offset);
  }
}

const containsItself = "an anchor's value contains itself";
const excessiveAliasing = "document contains excessive aliasing";
export const aliasProblems = [containsItself, excessiveAliasing];

/** 99 % of up to 400,000 values can come from aliases, and 10 % of 4,000,000 and more. */
function aliasShare(decoded: number): number {
  return 0.99 - 0.89 * Math.min(Math.max((decoded - 400_000) / 3_600_000, 0), 1);
}

function isMergeKey(key: Node): boolean {
  return key.kind === "scalar" && key.text === "<<" && (key.isPlain || key.tag === "tag:yaml.org,2002:merge");
}

function scalarValue(
  node: ScalarNode,
): { kind: "text"; text: string } | { kind: "null" | "bool" | "number"; source: string } {
  if (node.tag === "tag:yaml.org,2002:binary") return { kind: "text", text: binaryText(node) };
  const kind = kindOf(node);
  if (kind === "text" || kind === "timestamp") return { kind: "text", text: node.text };
  return { kind: kind === "null" || kind === "bool" ? kind : "number", source: node.text };
}

class Places {
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  }

  at(offset: number): Place {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}
