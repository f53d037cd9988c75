/**
 * The only rule for what must never be printed. A server, a plugin or a file can repeat a secret, completely or in pieces, in
 * another spelling: other case, percent-encoding, escapes, separators, hexadecimal, base64, or spread over a list. Texts are
 * compared by their letters and digits alone, and a common run of eight is removed.
 */
import { jsonText, parseJson } from "./json.ts";
import { unsafeCharacters } from "./shown.ts";
import {
  type Characters,
  type Row,
  confidentialParts,
  isLetter,
  lettersOnly,
  otherSpellings,
  payloadOf,
  tokenStart,
  lettersAsWritten,
  ownWords,
  plainLetters,
  readCharacters,
  wordsIn,
} from "./secret-spellings.ts";
import type { Secrets } from "./secrets.ts";

/** Length of a run of letters that reveals a part of a secret and that other texts do not contain by chance. */
const piece = 8;
/** The same for an encoded secret: ten letters of base64 encode seven bytes. */
const encodedPiece = 10;
/** A shorter secret is searched for as a whole, down to this length. */
const shortest = 4;
const shortestEncoded = 6;

/** A list can contain a long secret in short elements. This number of different short pieces is not a coincidence. */
const scattered = { length: 5, fewest: 24, ofSecretsFrom: 64 };
/**
 * The same for complete words from three letters on. Case counts, because three letters are too few without it. A text as long
 * as a report has two or three such words by chance; a sentence has none.
 */
const scatteredWords = { shortest: 3, fewest: { ofReport: 16, ofSentence: 6 } };

/** A text that still forms pieces after so many removals was made for that, and is removed as a whole. */
const mostPasses = 6;

export class Confidential {
  readonly #secrets: Iterable<string>;
  readonly #noted = new Set<string>();
  readonly #known = new Pieces();
  /** Host, dates and cluster of a token are public: its payload is removed where a secret or its beginning stands too. */
  readonly #payloads = new Pieces();

  /** @param secrets later additions count too */
  constructor(secrets: Iterable<string>) {
    this.#secrets = secrets;
  }

  /** @returns the text with an ellipsis for each piece of a secret */
  text(text: string): string {
    return this.texts([text])[0] ?? "";
  }

  /**
   * Cleans texts that are printed one after the other as one text, because a secret can be spread over them. Where a piece is removed,
   * its neighbours can form another one.
   */
  texts(texts: readonly string[], passes = mostPasses): string[] {
    this.#noteNew();
    if (this.#noted.size === 0) return [...texts];
    const { characters, covered } = this.#covered(texts, scatteredWords.fewest.ofReport);
    if (!covered.some((mark) => mark > 0)) return [...texts];
    if (passes === 0) return texts.map(() => "…");
    let next = 0;
    const cleaned = texts.map((text, owner) => {
      const first = next;
      while (characters.owners[next] === owner) next++;
      return withoutCovered(text, characters, first, covered);
    });
    return this.texts(cleaned, passes - 1);
  }

  isIn(text: string): boolean {
    this.#noteNew();
    if (this.#noted.size === 0) return false;
    return this.#covered([text], scatteredWords.fewest.ofSentence).covered.some((mark) => mark > 0);
  }

  #noteNew(): void {
    for (const secret of this.#secrets) {
      if (this.#noted.has(secret)) continue;
      this.#noted.add(secret);
      for (const part of confidentialParts(secret)) this.#known.note(part);
      this.#payloads.note(payloadOf(secret));
    }
  }

  /** For each character: 1 if it belongs to a secret, 2 if the previous one belongs to the same piece. */
  #covered(texts: readonly string[], fewestWords: number): { characters: Characters; covered: Uint8Array } {
    const characters = readCharacters(texts);
    const covered = new Uint8Array(characters.text.length);
    const row = lettersOnly(characters);
    this.#known.cover(covered, { texts, characters, row, fewestWords });
    if (row.text.includes(tokenStart) || covered.some((mark) => mark > 0))
      this.#payloads.cover(covered, { texts, characters, row, fewestWords });
    return { characters, covered };
  }
}

interface Searched {
  texts: readonly string[];
  characters: Characters;
  /** Their letters and digits. */
  row: Row;
  fewestWords: number;
}

/** Texts, and how a piece of each can be found. */
class Pieces {
  /** As this program prints them, and by their letters. */
  readonly #ownWords = [...ownWords.map((word) => word.toLowerCase()), ...ownWords.map(plainLetters)].join(
    "\n",
  );
  /** The letters of secrets, forwards and backwards. */
  readonly #letters: string[] = [];
  readonly #long: string[] = [];
  /** Long secrets, as they are. */
  #unchanged = "";
  /** Encoded secrets, by the length of a part that reveals them. */
  readonly #encoded = new Map<number, string[]>();
  /** Short secrets, by their length. */
  readonly #words = new Map<number, string[]>();
  /** Secrets with many symbols, by the length of a part that reveals them and these symbols. */
  readonly #withSymbols = new Map<string, string[]>();

  note(part: string): void {
    const characters = readCharacters([part]);
    const { text } = characters;
    const letters = lettersOnly(characters).text;
    if (letters.length >= piece) {
      this.#letters.push(letters, letters.split("").reverse().join(""));
      // Words repeat in other texts; random letters do not.
      if (letters.length >= scattered.ofSecretsFrom && /\d/.test(letters)) {
        this.#long.push(letters);
        this.#unchanged += `${part}\n`;
      }
    } else if (letters.length === text.length && text.length >= shortest)
      addTo(this.#words, text.length, text);
    if (isRichInSymbols(text)) {
      const symbols = this.#withSymbols.size < mostSymbolSets ? symbolsOf(text) : allSymbols;
      const kept = lettersOnly(characters, symbols).text;
      if (kept.length >= Math.min(shortest, text.length))
        addTo(this.#withSymbols, `${Math.min(piece, kept.length)} ${symbols}`, kept);
    }
    for (const encoded of otherSpellings(part).map(plainLetters))
      if (encoded.length >= shortestEncoded)
        addTo(this.#encoded, Math.min(encodedPiece, encoded.length), encoded);
  }

  cover(covered: Uint8Array, { texts, characters, row, fewestWords }: Searched): void {
    const coverAll = (starts: readonly number[], length: number, { at } = row): void => {
      for (const start of starts) cover(covered, at, start, length);
    };
    const notOwn = (starts: readonly number[], length: number, { text } = row): number[] =>
      starts.filter((start) => !this.#ownWords.includes(text.slice(start, start + length)));
    coverAll(notOwn(sharedStarts(row.text, piece, this.#letters), piece), piece);
    const written = texts.some((text) => /[%&\\]/.test(text)) ? [lettersAsWritten(characters, texts)] : [];
    for (const [length, encoded] of this.#encoded)
      for (const each of [row, ...written]) coverAll(sharedStarts(each.text, length, encoded), length, each);
    for (const [length, words] of this.#words) {
      const starts = sharedStarts(row.text, length, words);
      coverAll(
        starts.filter((start) => standsAlone(characters, row.at[start], row.at[start + length - 1])),
        length,
      );
    }
    const short = notOwn(sharedStarts(row.text, scattered.length, this.#long), scattered.length);
    const different = new Set(short.map((start) => row.text.slice(start, start + scattered.length)));
    if (different.size >= scattered.fewest) coverAll(short, scattered.length);
    for (const [key, secrets] of this.#withSymbols) {
      const [length, symbols] = [Number(key.slice(0, 1)), key.slice(2)];
      const within = lettersOnly(characters, symbols);
      const starts = sharedStarts(within.text, length, secrets);
      coverAll(length < piece ? starts : notOwn(starts, length, within), length, within);
    }
    for (const [place, word] of this.#wordsOfSecrets(characters, fewestWords))
      covered.fill(2, place, place + word.length).fill(1, place, place + 1);
  }

  /** Words that are pieces of long secrets, unless they are few. */
  #wordsOfSecrets(characters: Characters, fewest: number): [place: number, word: string][] {
    if (this.#unchanged === "") return [];
    const all = wordsIn(characters);
    const words = Array.from({ length: piece - scatteredWords.shortest }, (_, index) => {
      const length = scatteredWords.shortest + index;
      const ofLength = all.filter(([, word]) => word.length === length);
      const starts = sharedStarts(ofLength.map(([, word]) => word).join(""), length, [this.#unchanged]);
      const shared = new Set(starts);
      return ofLength.filter((_word, number) => shared.has(number * length));
    }).flat();
    return new Set(words.map(([, word]) => word)).size < fewest ? [] : words;
  }
}

function addTo<Key>(all: Map<Key, string[]>, key: Key, text: string): void {
  const texts = all.get(key) ?? [];
  texts.push(text);
  all.set(key, texts);
}

function cover(covered: Uint8Array, at: Row["at"], start: number, length: number): void {
  for (let index = start; index < start + length; index++) {
    const place = at[index] ?? 0;
    covered[place] = Math.max(covered[place] ?? 0, index === start ? 1 : 2);
  }
}

/**
 * Where a text has a part of this length that one of the secrets has too. The work grows linearly with the text and with the
 * secrets; only the parts of the shorter side are kept.
 */
function sharedStarts(text: string, length: number, secrets: readonly string[]): number[] {
  const ofSecrets = secrets.reduce((sum, secret) => sum + secret.length, 0);
  const [shorter, longer] = text.length < ofSecrets ? [[text], secrets] : [secrets, [text]];
  const known = new Set(partsOf(shorter, length));
  const shared = new Set<string>();
  for (const part of partsOf(longer, length)) if (known.has(part)) shared.add(part);
  if (shared.size === 0) return [];
  return Array.from(partsOf([text], length)).flatMap((part, start) => (shared.has(part) ? [start] : []));
}

function* partsOf(texts: readonly string[], length: number): Generator<string> {
  for (const text of texts)
    for (let start = 0; start + length <= text.length; start++) yield text.slice(start, start + length);
}

/** Whether some twelve characters contain fewer letters than a piece. */
function isRichInSymbols(text: string): boolean {
  const window = 12;
  let symbols = 0;
  for (let at = 0; at < text.length; at++) {
    if (!isLetter(text[at])) symbols++;
    if (at >= window && !isLetter(text[at - window])) symbols--;
    if (symbols > window - piece) return true;
  }
  return symbols > Math.max(0, text.length - piece);
}

/**
 * Each set of symbols is one more pass over a text. A kubeconfig can hold a password of any symbols for each of thousands of
 * users: more of them are found only without other symbols in between.
 */
const mostSymbolSets = 32;
const allSymbols = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

function symbolsOf(text: string): string {
  return [...new Set(text.replace(/[a-z0-9]/g, ""))].sort().join("");
}

/** A short word counts only if no letter is next to it: "info" is not in "information". */
function standsAlone(characters: Characters, first = 0, last = 0): boolean {
  return !touch(characters, first - 1, first, first - 1) && !touch(characters, last, last + 1, last + 1);
}

function touch({ text, owners, from, to }: Characters, one: number, next: number, outside: number): boolean {
  return owners[one] === owners[next] && to[one] === from[next] && isLetter(text[outside]);
}

/** The characters between two letters of a secret are removed too, except for layout and JSON. */
function withoutCovered(
  text: string,
  { owners, from, to }: Characters,
  first: number,
  covered: Uint8Array,
): string {
  let kept = "";
  let position = 0;
  for (let at = first; owners[at] === owners[first] && at < owners.length; at++) {
    if (covered[at] === 0) continue;
    const between = text.slice(position, from[at]);
    if (covered[at] === 1 || kept === "" || /["\r\n]/.test(between)) kept += `${between}…`;
    position = to[at] ?? position;
  }
  return kept + text.slice(position);
}

/** Output keeps line breaks and tabs, this program's colours, and the progress line's return to the start of the line. */
const unsafe = new RegExp(
  String.raw`(?!\t|\r?\n|\u001b\[(?:\d{1,2}m|K)|\r\u001b\[K)[${unsafeCharacters}]`,
  "gu",
);
const filters = new WeakMap<Secrets, Confidential>();

/** A text that can leave the process: without secrets, and without characters that control a terminal. */
export function printableOutput(text: string, secrets: Secrets): string {
  const filter = filters.get(secrets) ?? new Confidential(secrets);
  filters.set(secrets, filter);
  return (cleanJson(text, filter) ?? filter.text(text)).replace(unsafe, " ");
}

/** JSON stays JSON: its values are cleaned, because a secret may have the quotes or the words that are its form. */
function cleanJson(text: string, filter: Confidential): string | undefined {
  const json = /^[[{]/.test(text) ? parseJson(text) : undefined;
  if (json === undefined || jsonText(json) !== text) return undefined;
  return jsonText(cleanValues(text, (texts) => filter.texts(texts)));
}

/** The value of a JSON text, with its texts cleaned as one. */
export function cleanValues(json: string, clean: (texts: readonly string[]) => readonly string[]): unknown {
  const texts: string[] = [];
  JSON.parse(json, (_key, value: unknown) => (typeof value === "string" ? texts.push(value) : value));
  const cleaned = clean(texts).values();
  return JSON.parse(json, (_key, value: unknown) =>
    typeof value === "string" ? cleaned.next().value : value,
  );
}
