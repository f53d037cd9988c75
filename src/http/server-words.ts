/** What a server said, as far as a message may repeat it: a line, bounded, and nothing of what was sent to it in confidence. */

const longestQuote = 200;
/** Signatures and tokens are far longer than this; a piece of this length already tells something of one. */
const telltale = 12;

/**
 * @param secrets what the request carried; a text that repeats a piece of one is not repeated at all
 * @returns empty when there is nothing that may be said
 */
export function serverWords(text: string, secrets: readonly string[]): string {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? "";
  const words = line.slice(0, longestQuote).replace(/[A-Za-z0-9+/=%_-]{64,}/g, "…");
  return secrets.some((secret) => sharesPiece(words, secret)) ? "" : words;
}

/** Whether a text tells something of a secret. */
export function sharesPiece(text: string, secret: string): boolean {
  const length = Math.min(telltale, secret.length);
  if (length === 0) return false;
  for (let start = 0; start + length <= text.length; start += 1)
    if (secret.includes(text.slice(start, start + length))) return true;
  return false;
}
