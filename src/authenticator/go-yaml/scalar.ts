/** One scalar as goyaml.v2 resolves it, with its tag. (goyaml.v2, resolve.go) */
import type { ScalarNode } from "./parser.ts";
import { Lost, type YamlAtom, type YamlText } from "./value.ts";

const kindsOfTag: Readonly<Record<string, readonly ScalarKind[]>> = {
  "tag:yaml.org,2002:bool": ["bool"],
  "tag:yaml.org,2002:int": ["int"],
  "tag:yaml.org,2002:float": ["float", "int"],
  "tag:yaml.org,2002:null": ["null"],
  "tag:yaml.org,2002:timestamp": ["timestamp"],
};

/** @throws Lost if the tag does not match */
export function scalarValue({ text, tag, isPlain, offset }: ScalarNode, line: number): YamlText | YamlAtom {
  if (tag === "tag:yaml.org,2002:binary") return { kind: "text", text: decoded(text, offset), line };
  const kinds = kindsOfTag[tag];
  if (!kinds && (tag !== "" || !isPlain)) return { kind: "text", text, line };
  const { kind } = resolveScalar(text);
  if (kinds?.includes(kind) === false) throw new Lost("a value does not match its tag", offset);
  if (kind === "text" || kind === "timestamp") return { kind: "text", text, line };
  return { kind: kind === "null" || kind === "bool" ? kind : "number", source: text, line };
}

/** `!!binary`, which goyaml.v2 decodes. */
function decoded(source: string, offset: number): string {
  const base64 = source.replaceAll(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(base64))
    throw new Lost("a value does not match its tag !!binary", offset);
  return Buffer.from(base64, "base64").toString("utf8");
}

// The YAML 1.1 words for true, false and null, numbers, or text: `username: yes` is not text.

export type ScalarKind = "text" | "null" | "bool" | "int" | "float" | "timestamp";

export interface Scalar {
  kind: ScalarKind;
  /** A number that JSON cannot represent makes the whole list unreadable. */
  notFinite?: boolean;
  /** An integer of more than 64 signed bits, which cannot be a key. */
  beyondInt64?: boolean;
}

const nulls = new Set(["", "~", "null", "Null", "NULL"]);
const booleans = new Set([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"],
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"],
]);
const notFinite = new Set(
  [".nan", ".NaN", ".NAN"].concat(
    ["", "+", "-"].flatMap((sign) => [".inf", ".Inf", ".INF"].map((word) => sign + word)),
  ),
);

const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9]\d*)$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const timestamp = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}.*)?$/;

/** @param source the text of a scalar without quotes, or of any scalar with a tag such as `!!int` */
export function resolveScalar(source: string): Scalar {
  if (nulls.has(source)) return { kind: "null" };
  if (booleans.has(source)) return { kind: "bool" };
  if (notFinite.has(source)) return { kind: "float", notFinite: true };
  if (timestamp.test(source)) return { kind: "timestamp" };
  return resolveNumber(source);
}

function resolveNumber(source: string): Scalar {
  if (!/^[-+\d.]/.test(source)) return { kind: "text" };
  const digits = source.startsWith(".") ? source : source.replaceAll("_", "");
  if (integer.test(digits)) {
    const value = integerValue(digits);
    if (value >= -(2n ** 63n) && value < 2n ** 63n) return { kind: "int" };
    if (value >= 0n && value < 2n ** 64n && !digits.startsWith("+"))
      return { kind: "int", beyondInt64: true };
  }
  if (float.test(digits) && Number.isFinite(Number(digits))) return { kind: "float" };
  return { kind: "text" };
}

function integerValue(digits: string): bigint {
  const sign = digits.startsWith("-") ? -1n : 1n;
  const unsigned = digits.replace(/^[-+]/, "");
  return sign * BigInt(/^0\d/.test(unsigned) ? `0o${unsigned}` : unsigned);
}
