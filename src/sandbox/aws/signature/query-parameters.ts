/** Query strings and form bodies as AWS reads them: names are case-sensitive, and the order is kept. */
import { uriDecode } from "./uri-encoding.ts";

export interface Parameter {
  name: string;
  value: string;
}

/** Reads `a=1&b=2`; undefined if an escape is broken. Empty pieces are skipped. */
export function parseParameters(raw: string): readonly Parameter[] | undefined {
  const parameters: Parameter[] = [];
  for (const piece of raw.split("&").filter((text) => text !== "")) {
    const at = piece.indexOf("=");
    const name = uriDecode(at < 0 ? piece : piece.slice(0, at));
    const value = uriDecode(at < 0 ? "" : piece.slice(at + 1));
    if (name === undefined || value === undefined) return undefined;
    parameters.push({ name, value });
  }
  return parameters;
}

/** The first value of a parameter. */
export function parameter(parameters: readonly Parameter[], name: string): string | undefined {
  return parameters.find((each) => each.name === name)?.value;
}
