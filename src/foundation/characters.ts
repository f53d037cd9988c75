/** The visible characters of texts, however each is written: what two spellings of one secret have in common. */

export interface Characters {
  /** Each in lower case, and without an accent. */
  texts: readonly string[];
  /** In which of the texts it stands, and where its writing begins and ends there. */
  owners: readonly number[];
  from: readonly number[];
  to: readonly number[];
}

/** Some of the characters, as one text. */
export interface Row {
  text: string;
  /** Of each the index among all characters. */
  at: readonly number[];
}

const terminalSequence = String.raw`(?:\u001b|\\{1,8}u001b|\\{1,8}x1b|\\{1,8}e|\\{1,8}033|%1b)(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|[@-Z\\^_])|\u009b[0-?]{0,32}[ -/]{0,8}[@-~]`;
/** As URLs, JSON, C, Go and HTML write a character. */
const hexadecimal = String.raw`%(?:25){0,8}([0-9a-f]{2})|\\{1,8}u([0-9a-f]{4})|\\{1,8}x([0-9a-f]{2})|(?<![0-9a-z])0x([0-9a-f]{2})(?![0-9a-f])|&#x0{0,8}([0-9a-f]{2});`;
const others = String.raw`\\{1,8}([0-3][0-7]{2})|&#0{0,8}(\d{2,3});|&(amp|lt|gt|quot|apos);|\\{1,8}[abfnrtv]`;
/** Every quantifier has a bound: a stranger chooses the text. */
const writing = new RegExp(`${terminalSequence}|${hexadecimal}|${others}|([^\\s\\p{C}\\p{M}])`, "giu");

/** @param list read one after the other, as one text */
export function readCharacters(list: readonly string[]): Characters {
  const texts: string[] = [];
  const owners: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (const [owner, text] of list.entries())
    for (const match of text.matchAll(writing)) {
      const character = visible(written(match));
      if (character === "") continue;
      texts.push(character);
      owners.push(owner);
      from.push(match.index);
      to.push(match.index + match[0].length);
    }
  return { texts, owners, from, to };
}

export function isLetter(character: string | undefined): boolean {
  return character !== undefined && /^[a-z0-9]$/.test(character);
}

/** Letters and digits, and those of the symbols that are named. */
export function lettersOnly({ texts }: Characters, symbols = ""): Row {
  const at: number[] = [];
  let text = "";
  for (const [index, character] of texts.entries()) {
    if (!isLetter(character) && !symbols.includes(character)) continue;
    text += character;
    at.push(index);
  }
  return { text, at };
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function written(match: RegExpExecArray): string {
  const [, percent, unicode, c, go, entity, octal, decimal, name, itself] = match;
  if (itself !== undefined) return itself;
  const digits = percent ?? unicode ?? c ?? go ?? entity;
  if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  if (decimal !== undefined) return String.fromCharCode(Number(decimal));
  return named[name?.toLowerCase() ?? ""] ?? "";
}

/** One UTF-16 unit, so that a row has an index for each; fullwidth letters and the like become the plain ones. */
function visible(character: string): string {
  if (/^[!-~]$/.test(character)) return character.toLowerCase();
  const [plain = ""] = character.normalize("NFKD").toLowerCase();
  return /^[\s\p{C}\p{M}]?$/u.test(plain) ? "" : plain.charAt(0);
}
