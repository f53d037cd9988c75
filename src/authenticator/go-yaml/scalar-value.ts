/** One scalar of the syntax tree, as goyaml.v2 resolves it with its tag. */
import type { Scalar } from "yaml";
import { Lost } from "./lost.ts";
import { resolveScalar, type ScalarKind } from "./plain-scalar.ts";
import type { YamlAtom, YamlText } from "./value.ts";

const tagPrefix = "tag:yaml.org,2002:";

const kindsOfTag: Readonly<Record<string, readonly ScalarKind[]>> = {
  bool: ["bool"],
  int: ["int"],
  float: ["float", "int"],
  null: ["null"],
  timestamp: ["timestamp"],
};

/** @throws Lost when the tag does not fit */
export function scalarValue(node: Scalar, line: number): YamlText | YamlAtom {
  const source = typeof node.value === "string" ? node.value : "";
  const offset = node.range?.[0] ?? 0;
  const tag = node.tag?.startsWith(tagPrefix) ? node.tag.slice(tagPrefix.length) : undefined;
  if (tag === "binary") return { kind: "text", text: decoded(source, offset), line };
  const kinds = kindsOfTag[tag ?? ""];
  if (kinds) return resolved(source, offset, line, kinds);
  if (node.tag !== undefined || node.type !== "PLAIN") return { kind: "text", text: source, line };
  return resolved(source, offset, line);
}

function resolved(
  source: string,
  offset: number,
  line: number,
  wanted?: readonly ScalarKind[],
): YamlText | YamlAtom {
  const scalar = resolveScalar(source);
  if (wanted && !wanted.includes(scalar.kind)) throw new Lost("a value does not fit its tag", offset);
  return valueOfKind(scalar.kind, source, line);
}

function valueOfKind(kind: ScalarKind, source: string, line: number): YamlText | YamlAtom {
  if (kind === "text" || kind === "timestamp") return { kind: "text", text: source, line };
  if (kind === "null" || kind === "bool") return { kind, source, line };
  return { kind: "number", source, line };
}

/** `!!binary`, which goyaml.v2 decodes. */
function decoded(source: string, offset: number): string {
  const base64 = source.replaceAll(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(base64))
    throw new Lost("a value does not fit its tag !!binary", offset);
  return Buffer.from(base64, "base64").toString("utf8");
}
