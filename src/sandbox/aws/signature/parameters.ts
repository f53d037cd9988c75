/** Query strings and form bodies as AWS reads them: names are case-sensitive, and the order is kept. */
import { timeIn } from "../../../foundation/duration.ts";

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

export function parameter(parameters: readonly Parameter[], name: string): string | undefined {
  return parameters.find((each) => each.name === name)?.value;
}

/** Escapes all but the unreserved characters of RFC 3986: IAM User Guide, "Create a signed AWS API request", UriEncode. */
export function uriEncode(text: string): string {
  const others = /[!'()*]/g;
  return encodeURIComponent(text).replace(
    others,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Decodes percent-encoding, with `+` for a space as in forms; undefined if an escape is broken. */
export function uriDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/** Both services allow this difference between the signing time and now: 15 minutes, in milliseconds. */
export const tolerance = 15 * 60 * 1000;

/** Reads a date; undefined if it is malformed or does not exist. */
export function parseAmzDate(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  return parts.test(text) ? timeIn(text.replace(parts, "$1-$2-$3T$4:$5:$6Z")) : undefined;
}

export function formatAmzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}
