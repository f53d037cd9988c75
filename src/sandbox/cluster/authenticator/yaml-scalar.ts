/** Plain scalars as the Kubernetes ecosystem's YAML library (yaml.v2, YAML 1.1 with exceptions) resolves them. */

export type Scalar = string | number | boolean | null;

const words: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map(
    (text) => [text, true] as const,
  ),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map(
    (text) => [text, false] as const,
  ),
  ...["", "~", "null", "Null", "NULL"].map((text) => [text, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((text) => [text, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map(
    (text) => [text, Number.POSITIVE_INFINITY] as const,
  ),
  ...["-.inf", "-.Inf", "-.INF"].map((text) => [text, Number.NEGATIVE_INFINITY] as const),
]);

/** What an unquoted scalar without a tag means. Dates stay text. */
export function resolvePlain(text: string): Scalar {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (/^[-+0-9]/.test(text)) return integer(text) ?? decimal(text.replaceAll("_", "")) ?? text;
  return text.startsWith(".") ? (decimal(text) ?? text) : text;
}

/** Decimal, hexadecimal, binary and octal (`010`, `0o10`) integers of 64 bits. `089` is none of these. */
export function integer(text: string): number | undefined {
  const [, sign, digits = ""] = /^([-+]?)(.*)$/.exec(text.replaceAll("_", "")) ?? [];
  const octal = /^0[oO]?([0-7]+)$/.exec(digits);
  const isInteger = /^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0|[1-9][0-9]*)$/.test(digits) || octal !== null;
  const value = isInteger ? BigInt(octal === null ? digits : `0o${octal[1] ?? ""}`) : undefined;
  const limit = sign === "" ? 2n ** 64n : 2n ** 63n;
  return value !== undefined && value < limit ? Number(sign === "-" ? -value : value) : undefined;
}

function decimal(text: string): number | undefined {
  const value = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)
    ? Number(text)
    : undefined;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
