/** Text that neither steers a terminal, nor reorders what it shows, nor hides in it. */

/** Control characters, separators of lines, marks of writing direction, and what has no width. */
export const unsafeCharacters = String.raw`\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u00ad\u180e\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}`;

const unsafe = new RegExp(`[${unsafeCharacters}]+`, "gu");

/** For a name or a message from a certificate, a server or a file: one line. */
export function printable(text: string): string {
  return text.replace(unsafe, " ");
}
