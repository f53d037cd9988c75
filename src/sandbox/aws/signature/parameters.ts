/** Query strings and form bodies as AWS reads them: names are case-sensitive, and the order is kept. */

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

/** Percent-encoding as SigV4 defines it: IAM User Guide, "Create a signed AWS API request", UriEncode. */

/** Escapes every byte of the UTF-8 form in upper case, except the unreserved characters of RFC 3986. */
export function uriEncode(text: string): string {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  return bytes.replace(/[^A-Za-z0-9\-._~]/g, (byte) => `%${hexadecimal(byte)}`);
}

/** Decodes percent-encoding, with `+` for a space as in forms; undefined if an escape is broken. */
export function uriDecode(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const spaced = Buffer.from(text.replaceAll("+", " "), "utf8").toString("latin1");
  const bytes = spaced.replace(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function hexadecimal(byte: string): string {
  return byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}
