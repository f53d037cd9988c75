/** From the syntax tree to values: aliases followed, merges done, the last of two equal keys kept. (goyaml.v2, decode.go) */
import { isAlias, isMap, isScalar, isSeq, visit, type Document, type Node, type YAMLMap } from "yaml";
import { Lost } from "./lost.ts";
import type { Places } from "./places.ts";
import { resolveScalar } from "./plain-scalar.ts";
import { scalarValue } from "./scalar-value.ts";
import type { YamlField, YamlMap, YamlValue } from "./value.ts";

/** goyaml.v2 refuses texts that are almost nothing but aliases; so many values are more than a ConfigMap holds. */
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
    if (++this.#values > mostValues) throw new Lost("it repeats itself through aliases too often", near);
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

  /** What is merged in overrides what stands before it, and not what stands behind. */
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
      throw new Lost("something in { } or [ ] stands where a name is wanted", at);
    if (key.kind === "null") throw new Lost("a key is empty", at);
    if (key.kind === "number" && resolveScalar(key.source).beyondInt64)
      throw new Lost("a key is too large a number", at);
    return key.source;
  }

  #inside<Result>(alias: Node, read: (target: Node) => Result): Result {
    const target = this.#targets.get(alias);
    const at = offsetOf(alias, 0);
    if (!target) throw new Lost("it names an anchor that does not stand before it", at);
    if (this.#open.has(alias)) throw new Lost("an anchor's value contains itself", at);
    this.#open.add(alias);
    const result = read(target);
    this.#open.delete(alias);
    return result;
  }
}

function wantsMap(near: number): Lost {
  return new Lost("<< merges something that is no mapping", near);
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.value !== "<<") return false;
  return (key.type === "PLAIN" && key.tag === undefined) || key.tag === "tag:yaml.org,2002:merge";
}

/** Each alias with what it stands for: the anchor of its name that was last set before it. */
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
      if (!target) throw new Lost("it names an anchor that does not stand before it", offsetOf(node, 0));
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
