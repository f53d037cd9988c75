/**
 * Lower case as Go's strings.ToLower has it: code point by code point. So the Kelvin sign is a k and the Turkish İ an i,
 * and a name spelled with either is still a name that the verifier knows.
 */
export function lowerCase(bytes: string): string {
  return characters(bytes)
    .map((character) => (character === "\u{130}" ? "i" : character.toLowerCase()))
    .join("");
}

/** What UTF-8 allows (Unicode, table 3-7), and every byte that belongs to nothing. */
const utf8 =
  /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** The code points that a string of bytes encodes; every byte that is no UTF-8 becomes U+FFFD, as in Go. */
export function characters(bytes: string): string[] {
  return (bytes.match(utf8) ?? []).map((sequence) =>
    sequence.length > 1 || sequence < "\x80" ? Buffer.from(sequence, "latin1").toString("utf8") : "\u{fffd}",
  );
}
