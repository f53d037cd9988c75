/** URLs that people write with a user name and a password in them. */

/**
 * A password with `/`, `?` or `#` that is not percent-encoded ends the authority early: in `http://alice:Top@Secret/x@proxy` the
 * host is `Secret`. A parser takes a backslash for a slash. Nothing may be sent to such a host, and no part of the text be printed.
 * WHATWG URL, "authority state".
 */
export function isMisleading(url: string): boolean {
  const rest = url.replace(/^[^:/?#\\]*:\/\//, "");
  const end = rest.search(/[/?#]/);
  return rest.includes("\\") || (end >= 0 && rest.includes("@", end));
}

/** Completes "the variable or member …". */
export const misleading =
  "has an @ after its host, or a backslash; percent-encode the user name and the password";
