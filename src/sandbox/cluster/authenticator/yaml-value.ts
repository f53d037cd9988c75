/** YAML made the JSON that it stands for, as sigs.k8s.io/yaml does before encoding/json reads it. */
import { type YamlMapping, type YamlNode, scalarValue } from "./yaml-document.ts";
import { YamlProblem } from "./yaml-problem.ts";
import type { Scalar } from "./yaml-scalar.ts";

/** Keys of a mapping are sorted, as in Go's JSON, so that of two keys that differ in case the later is known. */
export type YamlValue = Scalar | readonly YamlValue[] | ReadonlyMap<string, YamlValue>;

export function isMapping(value: YamlValue | undefined): value is ReadonlyMap<string, YamlValue> {
  return value instanceof Map;
}

/** @throws {YamlProblem} for what JSON cannot say: null, lists and mappings as keys, `.nan` and `.inf`. */
export function valueOf(node: YamlNode | null, known = new Map<YamlNode, YamlValue>()): YamlValue {
  if (node === null) return null;
  // What several aliases name is read once, however often it is named.
  const before = known.get(node);
  if (before !== undefined) return before;
  const value = readValue(node, known);
  known.set(node, value);
  return value;
}

function readValue(node: YamlNode, known: Map<YamlNode, YamlValue>): YamlValue {
  switch (node.kind) {
    case "alias":
      return valueOf(node.target, known);
    case "sequence":
      return node.items.map((item) => valueOf(item, known));
    case "mapping":
      return sorted(members(node, known));
    case "scalar":
      return finite(scalarValue(node));
  }
}

function finite(value: Scalar): Scalar {
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  throw new YamlProblem("json: unsupported value");
}

/** In order: a merge (`<<`) overrides what stands before it, and is overridden by what follows. */
function members({ pairs }: YamlMapping, known: Map<YamlNode, YamlValue>): Map<string, YamlValue> {
  const all = new Map<string, YamlValue>();
  for (const [key, value] of pairs) {
    const added = isMerge(key) ? merged(value, known) : [[keyOf(key), valueOf(value, known)] as const];
    for (const [name, content] of added) all.set(name, content);
  }
  return all;
}

function isMerge(key: YamlNode): boolean {
  if (key.kind !== "scalar" || key.text !== "<<") return false;
  return key.tag === "!!merge" || (key.tag === "" && key.isPlain);
}

/** A mapping, an alias of one, or a list of those, of which the earlier ones count more. */
function merged(value: YamlNode, known: Map<YamlNode, YamlValue>): readonly (readonly [string, YamlValue])[] {
  const sources = value.kind === "sequence" ? value.items.toReversed() : [value];
  return sources.flatMap((source) => {
    const content = source.kind === "alias" ? source.target : source;
    if (content.kind !== "mapping")
      throw new YamlProblem("map merge requires map or sequence of maps as the value");
    return [...members(content, known)];
  });
}

function keyOf(key: YamlNode): string {
  const node = key.kind === "alias" ? key.target : key;
  if (node.kind !== "scalar") throw new YamlProblem("invalid map key");
  const value = scalarValue(node);
  if (value === null) throw new YamlProblem("unsupported map key of type: null");
  return String(value);
}

function sorted(all: ReadonlyMap<string, YamlValue>): ReadonlyMap<string, YamlValue> {
  const inBytes = (left: string, right: string): number =>
    Buffer.compare(Buffer.from(left), Buffer.from(right));
  return new Map([...all].sort(([left], [right]) => inBytes(left, right)));
}
