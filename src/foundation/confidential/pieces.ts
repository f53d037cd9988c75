/** Finds the pieces of secrets in texts: runs of letters, encoded or not, and many short parts of a long secret. */
import {
  type Characters,
  type ReadTexts,
  type Row,
  isLetter,
  lettersOnly,
  readCharacters,
  wordsIn,
} from "./characters.ts";
import { encodedPiece, otherSpellings, ownWords } from "./secret-spellings.ts";
import { SharedParts } from "./shared-parts.ts";

/** Length of a run of letters that reveals a part of a secret and that other texts do not contain by chance. */
const piece = 8;
/** A shorter secret is searched for as a whole, down to this length. */
const shortest = 4;
const shortestEncoded = 6;
/** A secret with fewer letters is searched for in pieces of the lengths above, however many secrets are known. */
const longFrom = 18;

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
  readonly #fewLetters = new SharedParts(piece);
  readonly #long = new SharedParts(scattered.length);
  /** Long secrets, as they are, for each length of a word. */
  readonly #unchanged = wordLengths.map((length) => new SharedParts(length));
  readonly #encoded = new SharedParts(encodedPiece);
  /** In decimal and octal. */
  readonly #digits = new SharedParts(encodedPiece);
  /** Encoded short secrets, by the length of a part that reveals them. */
  readonly #fewEncoded = new Map<number, SharedParts>();
  /** Short secrets, by their length. */
  readonly #words = new Map<number, SharedParts>();
  /** Secrets with many symbols, by the length of a part that reveals them and these symbols. */
  readonly #withSymbols = new Map<string, SharedParts>();

  note(part: string): void {
    const characters = readCharacters([part]);
    const { text } = characters;
    const letters = lettersOnly(characters).text;
    if (letters.length >= piece) {
      const parts = letters.length < longFrom ? this.#fewLetters : this.#letters;
      parts.add(letters);
      parts.add(letters.split("").reverse().join(""));
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
    this.#noteEncoded(part);
  }

  #noteEncoded(part: string): void {
    const { letters, digits } = otherSpellings(part);
    const note = (long: SharedParts) => (encoded: string) => {
      const length = Math.min(encodedPiece, encoded.length);
      if (encoded.length >= longFrom) long.add(encoded);
      else if (length >= shortestEncoded) partsAt(this.#fewEncoded, length, length).add(encoded);
    };
    letters.forEach(note(this.#encoded));
    digits.forEach(note(this.#digits));
  }

  cover(covered: Uint8Array, searched: Searched): void {
    const { characters, row, interleaved, written, fewestWords } = searched;
    const coverAll = (starts: readonly number[], length: number, { at } = row): void => {
      for (const start of starts) cover(covered, at, start, length);
    };
    const notOwn = (starts: readonly number[], length: number, { text } = row): number[] =>
      starts.filter((start) => !searched.ownWords.includes(text.slice(start, start + length)));
    for (const each of [row, interleaved]) {
      const long = beyondChance(this.#letters, each.text, () => each === row);
      coverAll(notOwn(this.#fewLetters.startsIn(each.text).concat(long), piece, each), piece, each);
    }
    for (const each of [row, ...written])
      for (const [starts, length] of this.#encodedIn(each, characters)) coverAll(starts, length, each);
    for (const [length, words] of this.#words) {
      const isAlone = (start: number): boolean =>
        standsAlone(characters, row.at[start], row.at[start + length - 1]);
      coverAll(words.startsIn(row.text).filter(isAlone), length);
    }
    const short = notOwn(this.#long.startsIn(row.text), scattered.length);
    if (this.#isScattered(short, row)) coverAll(short, scattered.length);
    for (const [key, secrets] of this.#withSymbols) {
      const [length, symbols] = [Number(key.slice(-1)), key.slice(0, -1)];
      const within = lettersOnly(characters, symbols);
      const starts = secrets.startsIn(within.text);
      coverAll(length < piece ? starts : notOwn(starts, length, within), length, within);
    }
    for (const [place, word] of this.#wordsOfSecrets(characters, fewestWords))
      covered.fill(2, place, place + word.length).fill(1, place, place + 1);
  }

  #isScattered(starts: readonly number[], { text }: Row): boolean {
    const different = new Set(starts.map((start) => text.slice(start, start + scattered.length)));
    if (different.size < scattered.fewest) return false;
    return mostOfOne(Array.from(different, (part) => this.#long.ownerOf(part))) >= scattered.fewest;
  }

  #encodedIn(row: Row, characters: Characters): [starts: readonly number[], length: number][] {
    const isInBytes = (first: number, end: number): boolean =>
      row.at
        .slice(first + 3, end)
        .every((_, index) => !isWithinNumber(characters, row.at, first + 3 + index));
    return [
      ...Array.from(this.#fewEncoded, ([length, encoded]): [number[], number] => [
        encoded.startsIn(row.text),
        length,
      ]),
      [beyondChance(this.#encoded, row.text, () => true), encodedPiece],
      [beyondChance(this.#digits, row.text, isInBytes), encodedPiece],
    ];
  }

  /** Words that are pieces of long secrets, unless they are few of each. */
  #wordsOfSecrets(characters: Characters, fewest: number): [place: number, word: string][] {
    const owners = new Map<string, number>();
    const words = wordsIn(characters).filter(([, word]) => {
      const owner = this.#unchanged.find(({ length }) => length === word.length)?.ownerOf(word);
      if (owner !== undefined) owners.set(word, owner);
      return owner !== undefined;
    });
    return mostOfOne([...owners.values()]) < fewest ? [] : words;
  }
}

/** Among hundreds of secrets, some have each short part by chance. Many parts of one secret are no chance. */
function mostOfOne(owners: readonly (number | undefined)[]): number {
  const counts = new Map<number | undefined, number>();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return Array.from(counts.values()).reduce((most, count) => Math.max(most, count), 0);
}

/** Pieces of the shortest length are certain while so many letters of secrets are known: those of some sessions. */
const mostForShortest = 32_768;

/** Shorter runs are certain too if a text has so many different ones of one secret. */
const fewestRuns = 3;

/**
 * The starts of common pieces, except for runs that are no longer than those that unrelated texts have in common by chance.
 * @param mayBeShort whether the shortest piece is long enough, if few secrets are known
 */
function beyondChance(
  parts: SharedParts,
  text: string,
  mayBeShort: (first: number, end: number) => boolean,
): number[] {
  const runs = runsOf(parts.startsIn(text));
  const [certain, doubtful] = [new Set<readonly number[]>(), new Map<string, number | undefined>()];
  const beginning = ([first = 0]: readonly number[]): string => text.slice(first, first + parts.length);
  for (const run of runs) {
    const [first, end] = [run[0] ?? 0, (run.at(-1) ?? 0) + parts.length];
    const letters = text.slice(first, end);
    const isLong = newLetters(letters, parts.length) >= lengthBeyondChance(letters, parts.size);
    if (isLong || (parts.size <= mostForShortest && mayBeShort(first, end))) certain.add(run);
    else doubtful.set(beginning(run), parts.ownerOf(beginning(run)));
  }
  const isOfMany = doubtful.size >= fewestRuns && mostOfOne([...doubtful.values()]) >= fewestRuns;
  return runs.filter((run) => isOfMany || certain.has(run)).flat();
}

/** Each with starts that follow each other. */
function runsOf(starts: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const start of starts) {
    const last = runs.at(-1);
    if (last?.at(-1) === start - 1) last.push(start);
    else runs.push([start]);
  }
  return runs;
}

/** Without those that repeat: many names and numbers are a run of one digit, and so are some bytes in decimal. */
function newLetters(run: string, length: number): number {
  const parts = Array.from({ length: run.length - length + 1 }, (_, start) =>
    run.slice(start, start + length),
  );
  return new Set(parts).size + length - 1;
}

/** At one of 2^28 places, a text has a run of this length by chance. */
function lengthBeyondChance(run: string, known: number): number {
  const bitsOfLetter = /^\d+$/.test(run) ? 3 : /^[0-9a-f]+$/.test(run) ? 4 : 5;
  return (Math.log2(known) + 28) / bitsOfLetter;
}

/** Whether a digit is the fourth, or a later one, of a number or of an IP address. No byte is that long. */
function isWithinNumber({ text, owners, from, to }: Characters, at: Row["at"], index: number): boolean {
  for (let place = index; place > index - 3; place--) {
    const [before = -1, next = -1] = [at[place - 1], at[place]];
    const between = text.slice(before + 1, next);
    if (place < 1 || owners[before] !== owners[next] || !/^\.?$/.test(between)) return false;
    if (to[before] !== from[before + 1] || to[next - 1] !== from[next]) return false;
  }
  return true;
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
