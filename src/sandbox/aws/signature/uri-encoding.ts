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
