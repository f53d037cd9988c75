/** The visible characters of texts in any spelling: the common part of two spellings of a secret. */

export interface Characters {
  /** Each is one UTF-16 unit, in lower case and without an accent. */
  text: string;
  /** The same in its own case. */
  cased: string;
  /** The text of each character, and the start and end of its spelling there. */
  owners: readonly number[];
  from: readonly number[];
  to: readonly number[];
}

/** Some of the characters, as one text. */
export interface Row {
  text: string;
  /** The index of each one among all characters. */
  at: readonly number[];
}

/** The texts of an output, in the forms in which pieces are searched for. */
export interface ReadTexts {
  texts: readonly string[];
  characters: Characters;
  /** Their letters and digits. */
  row: Row;
  interleaved: Row;
  /** Only if they have escapes. */
  written: readonly Row[];
}

const terminalSequence = String.raw`(?:\u001b|\\{1,8}u001b|\\{1,8}x1b|\\{1,8}e|\\{1,8}033|%1b)(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|[@-Z\\^_])|\u009b[0-?]{0,32}[ -/]{0,8}[@-~]`;
/** The spellings of a character in URLs, JSON, C, Go and HTML. */
const ofByte = String.raw`(?:%(?:25){0,8}|\\{1,8}x)`;
const utf8 = `(${ofByte}[c-f][0-9a-f](?:${ofByte}[89ab][0-9a-f]){1,3})`;
const unicode = String.raw`(?:%(?:25){0,8}u|\\{1,8}u|u\+)(?:0{4}(?=00))?([0-9a-f]{4})|\\{1,8}[ux]\{0{0,8}([0-9a-f]{2,4})\}`;
const hexadecimal = String.raw`${utf8}|${ofByte}([0-9a-f]{2})|${unicode}|(?<![0-9a-z])0x([0-9a-f]{2})(?![0-9a-f])|&#x0{0,8}([0-9a-f]{2});?`;
const others = String.raw`\\{1,8}([0-3][0-7]{2})|&#0{0,8}(\d{2,3});?|&(amp|lt|gt|quot|apos);|\\{1,8}[abfnrtv]`;
/** Every quantifier has a limit, because the text comes from outside. Created at the first use, which most runs do not have. */
let writing: RegExp | undefined;

/** The codes of the ASCII characters that begin other spellings: escape, %, &, 0, U and the backslash. */
const beginnings: ReadonlySet<number> = new Set([0x1b, 0x25, 0x26, 0x30, 0x55, 0x5c]);

/** @param list texts that are read one after the other, as one text */
export function readCharacters(list: readonly string[]): Characters {
  let read = "";
  const owners: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (const [owner, text] of list.entries()) {
    let start = 0;
    while (start < text.length) {
      const plain = plainAt(text, start);
      const { character, length } =
        plain === undefined ? spelledAt(text, start) : { character: plain, length: 1 };
      if (character !== "") {
        read += character;
        owners.push(owner);
        from.push(start);
        to.push(start + length);
      }
      start += length;
    }
  }
  return { text: read.toLowerCase(), cased: read, owners, from, to };
}

/** @returns undefined for what is not ASCII, or may begin another spelling; empty for what is invisible */
function plainAt(text: string, start: number): string | undefined {
  const code = text.charCodeAt(start);
  if (code >= 0x7f || beginnings.has(code)) return undefined;
  return code > 0x20 ? text.charAt(start) : "";
}

function spelledAt(text: string, start: number): { character: string; length: number } {
  writing ??= new RegExp(`${terminalSequence}|${hexadecimal}|${others}|([^\\s\\p{C}\\p{M}])`, "iuy");
  writing.lastIndex = start;
  const match = writing.exec(text);
  if (match) return { character: visible(written(match)), length: match[0].length };
  return { character: "", length: String.fromCodePoint(text.codePointAt(start) ?? 0).length };
}

export function readTexts(texts: readonly string[]): ReadTexts {
  const characters = readCharacters(texts);
  return {
    texts,
    characters,
    row: lettersOnly(characters),
    interleaved: interleavedLetters(characters),
    written: texts.some((text) => /[%&\\]/.test(text)) ? [lettersAsWritten(characters, texts)] : [],
  };
}

export function isLetter(character: string | undefined): boolean {
  if (character === undefined) return false;
  return (character >= "a" && character <= "z") || (character >= "0" && character <= "9");
}

/** Letters and digits, and the given symbols. */
export function lettersOnly({ text }: Characters, symbols = ""): Row {
  const at: number[] = [];
  let letters = "";
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (!isLetter(character) && !symbols.includes(character)) continue;
    letters += character;
    at.push(index);
  }
  return { text: letters, at };
}

const interleaving = { largestStep: 8, longestText: 16_384 } as const;

/** Every second, third … eighth character, one row after the other, because others can stand between those of a secret. */
export function interleavedLetters({ text }: Characters): Row {
  const at: number[] = [];
  let letters = "";
  const { largestStep, longestText } = interleaving;
  for (let step = 2; step <= largestStep && text.length <= longestText; step++)
    for (let first = 0; first < step; first++, letters += "\n", at.push(-1))
      for (let index = first; index < text.length; index += step)
        if (isLetter(text[index])) {
          letters += text.charAt(index);
          at.push(index);
        }
  return { text: letters, at };
}

/** Letters and digits before escapes are read: `%35%` has a cut escape, and 35 is hexadecimal for 5. */
export function lettersAsWritten({ owners, from, to }: Characters, texts: readonly string[]): Row {
  const at: number[] = [];
  let letters = "";
  for (const [index, owner] of owners.entries())
    for (const letter of plainLetters(texts[owner]?.slice(from[index], to[index]) ?? "")) {
      letters += letter;
      at.push(index);
    }
  return { text: letters, at };
}

/** The letters and digits of a text, without reading escapes. */
export function plainLetters(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "");
}

/** The places of the first letters of words, each with the word: letters without anything between them. */
export function wordsIn({ text, cased, owners, from, to }: Characters): [place: number, word: string][] {
  const words: [number, string][] = [];
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    const isWithin =
      index > start &&
      isLetter(text[start]) &&
      isLetter(text[index]) &&
      owners[index] === owners[start] &&
      from[index] === to[index - 1];
    if (isWithin) continue;
    if (isLetter(text[start])) words.push([start, cased.slice(start, index)]);
    start = index;
  }
  return words;
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function written(match: RegExpExecArray): string {
  const [, bytes, byte, unit, braced, go, entity, octal, decimal, name, itself] = match;
  if (itself !== undefined) return itself;
  if (bytes) return Buffer.from(bytes.replace(/%(?:25)*|\\+x/gi, ""), "hex").toString("utf8");
  const digits = byte ?? unit ?? braced ?? go ?? entity;
  if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  return decimal === undefined ? namedCharacter(name) : String.fromCharCode(Number(decimal));
}

function namedCharacter(name = ""): string {
  return named[name.toLowerCase()] ?? "";
}

/** One UTF-16 unit, so that each character has an index. Fullwidth letters and similar ones become plain letters. */
function visible(character: string): string {
  const [plain = ""] = character.normalize("NFKD");
  return /^[\s\p{C}\p{M}]?$/u.test(plain) ? "" : plain.charAt(0);
}
