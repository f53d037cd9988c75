/** Finds the pieces of secrets in texts: runs of letters, encoded or not, and many short parts of a long secret. */
import {
  type Characters,
  type ReadTexts,
  type Row,
  isLetter,
  lettersOnly,
  plainLetters,
  readCharacters,
  wordsIn,
} from "./characters.ts";
import { otherSpellings, ownWords } from "./secret-spellings.ts";
import { SharedParts } from "./shared-parts.ts";

/** Length of a run of letters that reveals a part of a secret and that other texts do not contain by chance. */
const piece = 8;
/** The same for an encoded secret: ten letters of base64 encode seven bytes. */
const encodedPiece = 10;
/** A shorter secret is searched for as a whole, down to this length. */
const shortest = 4;
const shortestEncoded = 6;

/** A list can contain a long secret in short elements. This number of different short pieces is not a coincidence. */
const scattered = { length: 5, fewest: 24, ofSecretsFrom: 64 };
const wordLengths = [3, 4, 5, 6, 7];

interface Searched extends ReadTexts {
  ownWords: string;
  fewestWords: number;
}

/** Texts, and how a piece of each can be found. */
export class Pieces {
  /** The letters of secrets, forwards and backwards. */
  readonly #letters = new SharedParts(piece);
  readonly #long = new SharedParts(scattered.length);
  /** Long secrets, as they are, for each length of a word. */
  readonly #unchanged = wordLengths.map((length) => new SharedParts(length));
  /** Encoded secrets, by the length of a part that reveals them. */
  readonly #encoded = new Map<number, SharedParts>();
  /** Short secrets, by their length. */
  readonly #words = new Map<number, SharedParts>();
  /** Secrets with many symbols, by the length of a part that reveals them and these symbols. */
  readonly #withSymbols = new Map<string, SharedParts>();

  note(part: string): void {
    const characters = readCharacters([part]);
    const { text } = characters;
    const letters = lettersOnly(characters).text;
    if (letters.length >= piece) {
      this.#letters.add(letters);
      this.#letters.add(letters.split("").reverse().join(""));
      // Words repeat in other texts; random letters do not.
      if (letters.length >= scattered.ofSecretsFrom && /\d/.test(letters)) {
        this.#long.add(letters);
        for (const unchanged of this.#unchanged) unchanged.add(part);
      }
    } else if (letters.length === text.length && isSearchedAsAWhole(text))
      partsAt(this.#words, text.length, text.length).add(text);
    if (isRichInSymbols(text)) {
      const symbols = this.#withSymbols.size < mostSymbolSets ? symbolsOf(text) : allSymbols;
      const kept = lettersOnly(characters, symbols).text;
      const length = Math.min(piece, kept.length);
      if (kept.length >= Math.min(shortest, text.length))
        partsAt(this.#withSymbols, symbols + String(length), length).add(kept);
    }
    for (const encoded of otherSpellings(part).map(plainLetters)) {
      const length = Math.min(encodedPiece, encoded.length);
      if (length >= shortestEncoded) partsAt(this.#encoded, length, length).add(encoded);
    }
  }

  cover(covered: Uint8Array, searched: Searched): void {
    const { characters, row, interleaved, written, fewestWords } = searched;
    const coverAll = (starts: readonly number[], length: number, { at } = row): void => {
      for (const start of starts) cover(covered, at, start, length);
    };
    const notOwn = (starts: readonly number[], length: number, { text } = row): number[] =>
      starts.filter((start) => !searched.ownWords.includes(text.slice(start, start + length)));
    for (const each of [row, interleaved])
      coverAll(notOwn(this.#letters.startsIn(each.text), piece, each), piece, each);
    for (const [length, encoded] of this.#encoded)
      for (const each of [row, ...written]) {
        const starts = encoded.startsIn(each.text);
        coverAll(
          starts.filter((start) => !isOneLetter(each.text.slice(start, start + length))),
          length,
          each,
        );
      }
    for (const [length, words] of this.#words) {
      const isAlone = (start: number): boolean =>
        standsAlone(characters, row.at[start], row.at[start + length - 1]);
      coverAll(words.startsIn(row.text).filter(isAlone), length);
    }
    const short = notOwn(this.#long.startsIn(row.text), scattered.length);
    const different = new Set(short.map((start) => row.text.slice(start, start + scattered.length)));
    if (different.size >= scattered.fewest) coverAll(short, scattered.length);
    for (const [key, secrets] of this.#withSymbols) {
      const [length, symbols] = [Number(key.slice(-1)), key.slice(0, -1)];
      const within = lettersOnly(characters, symbols);
      const starts = secrets.startsIn(within.text);
      coverAll(length < piece ? starts : notOwn(starts, length, within), length, within);
    }
    for (const [place, word] of this.#wordsOfSecrets(characters, fewestWords))
      covered.fill(2, place, place + word.length).fill(1, place, place + 1);
  }

  /** Words that are pieces of long secrets, unless they are few. */
  #wordsOfSecrets(characters: Characters, fewest: number): [place: number, word: string][] {
    const all = wordsIn(characters);
    const words = this.#unchanged.flatMap((unchanged) => {
      const ofLength = all.filter(([, word]) => word.length === unchanged.length);
      return ofLength.filter(([, word]) => unchanged.startsIn(word).length > 0);
    });
    return new Set(words.map(([, word]) => word)).size < fewest ? [] : words;
  }
}

/** Read at the first use, which most runs do not have. */
let ownShortWords: ReadonlySet<string> | undefined;

function isSearchedAsAWhole(short: string): boolean {
  ownShortWords ??= new Set(ownWords.flatMap((words) => words.toLowerCase().split(/[^a-z0-9]/)));
  return short.length >= shortest && !ownShortWords.has(short);
}

function partsAt<Key>(all: Map<Key, SharedParts>, key: Key, length: number): SharedParts {
  const parts = all.get(key) ?? new SharedParts(length);
  all.set(key, parts);
  return parts;
}

function cover(covered: Uint8Array, at: Row["at"], start: number, length: number): void {
  for (let index = start; index < start + length; index++) {
    const place = at[index] ?? 0;
    covered[place] = Math.max(covered[place] ?? 0, index === start ? 1 : 2);
  }
}

/** Bytes in decimal or octal have such runs by chance, and so have numbers of accounts and examples of IDs. They reveal nothing. */
function isOneLetter(part: string): boolean {
  return part === part.charAt(0).repeat(part.length);
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
