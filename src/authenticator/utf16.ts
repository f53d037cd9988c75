/** Text in UTF-16, as Windows PowerShell writes with `>`, read as UTF-8: every second character is NUL, and the first two are invalid. */
export function isUtf16(text: string): boolean {
  const start = text.slice(0, 200);
  const nuls = start.split("\0").length - 1;
  return nuls > 1 && nuls >= Math.floor(start.length / 3);
}
