/** A text's letters and digits, without whatever stands between them and however each is written: what two spellings of one secret have in common. */

export interface Letters {
  /** In lower case. */
  text: string;
  /** Where in the whole text each of them begins, and ends. */
  starts: readonly number[];
  ends: readonly number[];
}

/** An escape sequence of a terminal's; a character as URLs, JSON and HTML write it; a letter. Bounded: it has to go through whatever a stranger wrote. */
const writing =
  // eslint-disable-next-line no-control-regex -- a terminal's sequences begin with one
  /(?:\u001b|\\{1,8}u001b|\\{1,8}x1b|\\{1,8}e|\\{1,8}033|%1b)(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\^_])|\u009b[0-?]*[ -/]*[@-~]|%(?:25)*([0-9a-f]{2})|\\{1,8}u00([0-9a-f]{2})|\\{1,8}x([0-9a-f]{2})|&#x0*([0-9a-f]{2});|&#0*(\d{2,3});|\\{1,8}[abfnrtv]|([a-z0-9])/gi;

export function lettersOf(text: string): Letters {
  const letters: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const match of text.matchAll(writing)) {
    const letter = letterOf(match);
    if (!/^[a-z0-9]$/i.test(letter)) continue;
    letters.push(letter.toLowerCase());
    starts.push(match.index);
    ends.push(match.index + match[0].length);
  }
  return { text: letters.join(""), starts, ends };
}

/** Of a text in which nothing is written otherwise, such as base64. */
export function plainLetters(text: string): string {
  return text.replace(/[^a-z0-9]+/gi, "").toLowerCase();
}

function letterOf([, percent, unicode, hexadecimal, entity, decimal, letter]: RegExpExecArray): string {
  if (letter !== undefined) return letter;
  const digits = percent ?? unicode ?? hexadecimal ?? entity;
  if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
  return decimal === undefined ? "" : String.fromCharCode(Number(decimal));
}
