/** A value that somebody gave, as far as a message may repeat it: a key or a token in the wrong place must not come back. */

/** In quotes, or its length. */
export function shown(value: string): string {
  const isLong = value.length > 256 || value.includes("-----");
  return isLong || holdsEncoded(value) ? notShown(value) : JSON.stringify(value);
}

/** A path that somebody gave, as it is. */
export function shownPath(path: string): string {
  return holdsHexadecimal(path) || (!isPath(path) && holdsBase64(path)) ? notShown(path) : path;
}

export function notShown({ length }: string): string {
  return `(${length} characters, not shown)`;
}

export function holdsEncoded(text: string): boolean {
  return holdsHexadecimal(text) || holdsBase64(text);
}

/** The names in a path are short; a key in base64 may begin with a slash too. */
export function isPath(text: string): boolean {
  return /^(~|\.{0,2})\//.test(text) && text.split("/").every(({ length }) => length < 24);
}

/** Bytes, whatever stands between them. */
function holdsHexadecimal(text: string): boolean {
  return /(?:(?:\\{1,4}[ux]|0x|&#x)?(?:00)?[0-9a-f]{2}[^0-9a-z]{0,2}){24}/i.test(text);
}

/** In one line or in several. */
function holdsBase64(text: string): boolean {
  const runs = text.replace(/\s+/g, "").match(/[A-Za-z0-9+/=]{40,}/g) ?? [];
  return runs.some((run) => /[0-9]/.test(run) && (isMixed(run) || /[A-Za-z0-9]{40}/.test(run)));
}

function isMixed(run: string): boolean {
  return /[a-z]/.test(run) && /[A-Z]/.test(run);
}
