/** Names and messages from certificates, servers and files must neither steer the terminal nor reorder what it shows. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, " ");
}
