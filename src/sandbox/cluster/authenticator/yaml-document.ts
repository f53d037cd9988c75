/** YAML as the control plane's Go reads it: yaml.v2, of which the first document counts and keys become text. */
import { type Node, SCALAR_STYLE } from "js-yaml";
import { checkAliases } from "./yaml-aliases.ts";
import { YamlProblem } from "./yaml-problem.ts";
import { type Scalar, integer, resolvePlain } from "./yaml-scalar.ts";
import { parseFirstDocument } from "./yaml-syntax.ts";

export type YamlNode = YamlScalar | YamlSequence | YamlMapping | YamlAlias;

export interface YamlScalar {
  kind: "scalar";
  text: string;
  /** In the short form `!!int`; empty when there is none. */
  tag: string;
  /** Not quoted, and not a block. */
  isPlain: boolean;
}

export interface YamlSequence {
  kind: "sequence";
  items: readonly YamlNode[];
}

export interface YamlMapping {
  kind: "mapping";
  pairs: readonly (readonly [YamlNode, YamlNode])[];
}

export interface YamlAlias {
  kind: "alias";
  target: Exclude<YamlNode, YamlAlias>;
}

/**
 * Reads the first document; null when it is empty.
 * @throws {YamlProblem} for a syntax error, an alias to nothing or to itself, or too many of them.
 */
export function parseYaml(text: string): YamlNode | null {
  const document = parseFirstDocument(text);
  const version = document?.directives.find((directive) => directive.kind === "yaml")?.version ?? "1.1";
  if (version !== "1.1") throw new YamlProblem("found incompatible YAML document");
  if (!document?.contents) return null;
  const root = readNode(document.contents, new Map());
  checkAliases(root);
  return root;
}

/** Undefined while the anchored node is still being read. */
type Anchors = Map<string, Exclude<YamlNode, YamlAlias> | undefined>;

function readNode(node: Node, anchors: Anchors): YamlNode {
  if (node.kind === "alias") {
    const target = anchors.get(node.anchor);
    if (target === undefined) throw new YamlProblem(`anchor '${node.anchor}' is unknown, or contains itself`);
    return { kind: "alias", target };
  }
  if (node.anchor !== undefined) anchors.set(node.anchor, undefined);
  const read = readContent(node, anchors);
  if (node.anchor !== undefined) anchors.set(node.anchor, read);
  return read;
}

function readContent(node: Exclude<Node, { kind: "alias" }>, anchors: Anchors): Exclude<YamlNode, YamlAlias> {
  switch (node.kind) {
    case "sequence":
      return { kind: "sequence", items: node.items.map((item) => readNode(item, anchors)) };
    case "mapping":
      return {
        kind: "mapping",
        pairs: node.items.map(
          ({ key, value }) => [readNode(key, anchors), readNode(value, anchors)] as const,
        ),
      };
    case "scalar":
      return {
        kind: "scalar",
        text: node.value,
        tag: node.tagged ? node.tag.replace(/^!<tag:yaml\.org,2002:(.*)>$/, "!!$1") : "",
        isPlain: node.style === SCALAR_STYLE.PLAIN,
      };
  }
}

/** @throws {YamlProblem} for a tag that the text does not fit. */
export function scalarValue({ text, tag, isPlain }: YamlScalar): Scalar {
  switch (tag) {
    case "":
      return isPlain ? resolvePlain(text) : text;
    case "!!bool":
      return fitting("boolean", text);
    case "!!int":
      return fitting("number", integer(text) === undefined ? "" : text);
    case "!!float":
      return fitting("number", text);
    case "!!null":
      return fitting("object", text);
    case "!!binary":
      return binary(text);
    default:
      return text;
  }
}

function fitting(type: string, text: string): Scalar {
  const value = resolvePlain(text);
  if (typeof value === type) return value;
  throw new YamlProblem("a value cannot be decoded as its tag says");
}

function binary(text: string): string {
  const digits = text.replace(/[\r\n]/g, "");
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(digits)) {
    return Buffer.from(digits, "base64").toString("utf8");
  }
  throw new YamlProblem("!!binary value contains invalid base64 data");
}
