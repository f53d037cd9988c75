/** Foreign values for a message: no key or token in the wrong place, and no text that controls a terminal. */

/** In quotes, or its length. */
export function shown(value: string): string {
  return value.length > 256 || isLikeSecret(value) || holdsUserInfo(value)
    ? notShown(value)
    : JSON.stringify(value);
}

/** Whether it has the form of a key, of the id of an AWS key, or of a token. It is then not written into a file either. */
export function isLikeSecret(value: string): boolean {
  return /-----|^A[KS]IA[A-Z0-9]{16}$/.test(value) || isToken(value) || holdsEncoded(value);
}

/** A key of a file in which people also keep passwords. Of the names of options, only pkcs11-module has digits. */
export function shownKey(key: string): string {
  return /(?<!pkcs1?)\d/.test(key) ? notShown(key) : shown(key);
}

/**
 * Not a path: a path is short, its names have up to 255 characters, and it has no line breaks; PEM has. Base64 begins with
 * `LS0t` for PEM and `M` for DER. A token is longer than a name.
 */
export function isContent(text: string): boolean {
  // The complement of the control characters: V8 finds \p{Cc} more slowly.
  if (/[^ -~\u00a0-\uffff]|-----BEGIN/.test(text)) return true;
  return text.length > 60 && /^(LS0t|M)[A-Za-z0-9+/=]{60,}$|[^/\\]{256}|^.{1025}/u.test(text);
}

/** A path from the user, unchanged. */
export function shownPath(path: string): string {
  return isToken(path) || holdsHexadecimal(path) || (!isPath(path) && holdsBase64(path))
    ? notShown(path)
    : path;
}

export function notShown({ length }: string): string {
  return `(${length} characters, not shown)`;
}

export function holdsEncoded(text: string): boolean {
  return holdsHexadecimal(text) || holdsBase64(text);
}

/** The names in a path are short. A base64 key can begin with a slash too. */
export function isPath(text: string): boolean {
  return /^(~|\.{0,2})\//.test(text) && text.split("/").every(({ length }) => length < 24);
}

/** A token of EKS, a URL with a user name, or a PKCS#11 URI, which can contain the PIN, RFC 7512 §2.4. */
function isToken(text: string): boolean {
  return /pkcs11:|k8s-aws-v1\.\w|:\/\/[^@]{0,1024}@/i.test(text);
}

/** `alice:password@host`. In an ARN, and in a path of Windows, an @ belongs to a name. */
function holdsUserInfo(text: string): boolean {
  return !text.startsWith("arn:") && /:(?!\\)[^@]*@/.test(text);
}

/** Bytes with any separator. V8 compiles a regular expression at its first use, which a short text does not need. */
function holdsHexadecimal(text: string): boolean {
  return text.length >= 48 && /(?:(?:\\{1,4}[ux]|0x|&#x)?(?:00)?[0-9a-f]{2}[^0-9a-z]{0,2}){24}/i.test(text);
}

/** In one line or in several. */
function holdsBase64(text: string): boolean {
  if (text.length < 40) return false;
  const runs = text.replace(/\s+/g, "").match(/[A-Za-z0-9+/=]{40,}/g) ?? [];
  return runs.some((run) => /[0-9]/.test(run) && (isMixed(run) || /[A-Za-z0-9]{40}/.test(run)));
}

function isMixed(run: string): boolean {
  return /[a-z]/.test(run) && /[A-Z]/.test(run);
}

/**
 * Control characters, separators of lines, marks of writing direction, and what has no width. As ranges, because V8 takes half a
 * millisecond to load the tables of Unicode's properties.
 */
export const unsafeCharacters = String.raw`\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}`;

const unsafe = new RegExp(`[${unsafeCharacters}]+`, "gu");

/** For a name or a message from a certificate, a server or a file: one line. */
export function printable(text: string): string {
  return text.replace(unsafe, " ");
}
