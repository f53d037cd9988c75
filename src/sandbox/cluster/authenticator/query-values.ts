/** Query parameters as Go's url.ParseQuery reads them. */
import { textOf } from "./byte-string.ts";
import { UrlProblem, percentDecode } from "./percent-decoding.ts";

/** Every value of every name, in order of appearance; undefined for a `;` or a broken escape anywhere. */
export function parseQueryValues(rawQuery: string): ReadonlyMap<string, readonly string[]> | undefined {
  const values = new Map<string, string[]>();
  if (rawQuery.includes(";")) return undefined;
  try {
    for (const piece of rawQuery.split("&").filter((text) => text !== "")) {
      const at = piece.indexOf("=");
      const name = decoded(at < 0 ? piece : piece.slice(0, at));
      const value = decoded(at < 0 ? "" : piece.slice(at + 1));
      values.set(name, [...(values.get(name) ?? []), value]);
    }
  } catch (error) {
    if (error instanceof UrlProblem) return undefined;
    throw error;
  }
  return values;
}

function decoded(bytes: string): string {
  return textOf(percentDecode(bytes, "query"));
}
