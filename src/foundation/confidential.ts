/**
 * The only rule for what must never be printed. A server, a plugin or a file can repeat a secret, completely or in pieces, in
 * another spelling: other case, percent-encoding, escapes, separators, hexadecimal, base64, or spread over a list. Texts are
 * compared by their letters and digits alone, and a common run of eight is removed.
 */
import { unsafeCharacters } from "./shown.ts";
import {
  type Characters,
  type Row,
  confidentialParts,
  isLetter,
  lettersOnly,
  otherSpellings,
  ownWords,
  readCharacters,
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

export class Confidential {
  readonly #secrets: Iterable<string>;
  readonly #noted = new Set<string>();
  readonly #pieces = new Pieces(piece);
  readonly #scattered = new Pieces(scattered.length);
  /** Parts of encoded secrets, by their length. */
  readonly #encoded = new Map<number, Pieces>();
  /** Complete short secrets, by their length. */
  readonly #words = new Map<number, Pieces>();
  /** Parts of secrets with many symbols, by these symbols and the parts' length. */
  readonly #withSymbols = new Map<string, Pieces>();

  /** @param secrets later additions count too */
  constructor(secrets: Iterable<string>) {
    this.#secrets = secrets;
    for (const word of ownWords) this.#pieces.leaveOut(plain(word));
  }

  /** @returns the text with an ellipsis for each piece of a secret */
  text(text: string): string {
    return this.texts([text])[0] ?? "";
  }

  /** Cleans texts that are printed one after the other as one text, because a secret can be spread over them. */
  texts(texts: readonly string[]): string[] {
    this.#noteNew();
    if (this.#noted.size === 0) return [...texts];
    const characters = readCharacters(texts);
    const covered = this.#covered(characters);
    let next = 0;
    return texts.map((text, owner) => {
      const first = next;
      while (characters.owners[next] === owner) next++;
      return withoutCovered(text, characters, first, covered);
    });
  }

  /** Whether a text contains a piece of a secret. */
  isIn(text: string): boolean {
    this.#noteNew();
    return this.#noted.size > 0 && this.#covered(readCharacters([text])).some((mark) => mark > 0);
  }

  #noteNew(): void {
    for (const secret of this.#secrets) {
      if (this.#noted.has(secret)) continue;
      this.#noted.add(secret);
      for (const part of confidentialParts(secret)) this.#note(part);
    }
  }

  #note(part: string): void {
    const characters = readCharacters([part]);
    const text = characters.texts.join("");
    const letters = lettersOnly(characters).text;
    if (letters.length >= piece) {
      this.#pieces.add(letters);
      this.#pieces.add(letters.split("").reverse().join(""));
      // Words repeat in other texts; random letters do not.
      if (letters.length >= scattered.ofSecretsFrom && /\d/.test(letters)) this.#scattered.add(letters);
    } else if (letters.length === text.length && text.length >= shortest)
      piecesIn(this.#words, text.length, text.length).add(text);
    if (isRichInSymbols(text)) {
      const length = Math.min(piece, text.length);
      piecesIn(this.#withSymbols, `${length} ${symbolsOf(text)}`, length).add(text);
    }
    for (const encoded of otherSpellings(part).map(plain))
      if (encoded.length >= shortestEncoded) {
        const length = Math.min(encodedPiece, encoded.length);
        piecesIn(this.#encoded, length, length).add(encoded);
      }
  }

  /** For each character: 1 if it belongs to a secret, 2 if the previous one belongs to the same piece. */
  #covered(characters: Characters): Uint8Array {
    const covered = new Uint8Array(characters.texts.length);
    const row = lettersOnly(characters);
    for (const pieces of [this.#pieces, ...this.#encoded.values()])
      for (const start of startsIn(row, pieces)) cover(covered, row, start, pieces.length);
    for (const words of this.#words.values())
      for (const start of startsIn(row, words))
        if (standsAlone(characters, row.at[start], row.at[start + words.length - 1]))
          cover(covered, row, start, words.length);
    const scatteredStarts = startsIn(row, this.#scattered);
    const different = new Set(
      scatteredStarts.map((start) => row.text.slice(start, start + scattered.length)),
    );
    if (different.size >= scattered.fewest)
      for (const start of scatteredStarts) cover(covered, row, start, scattered.length);
    for (const [symbols, pieces] of this.#withSymbols) {
      const withSymbols = lettersOnly(characters, symbols.slice(2));
      for (const start of startsIn(withSymbols, pieces)) cover(covered, withSymbols, start, pieces.length);
    }
    return covered;
  }
}

function piecesIn<Key>(all: Map<Key, Pieces>, key: Key, length: number): Pieces {
  const pieces = all.get(key) ?? new Pieces(length);
  all.set(key, pieces);
  return pieces;
}

function startsIn({ text }: Row, pieces: Pieces): number[] {
  const starts: number[] = [];
  for (let start = 0; start < text.length; start++) if (pieces.isAt(text, start)) starts.push(start);
  return starts;
}

function cover(covered: Uint8Array, { at }: Row, start: number, length: number): void {
  for (let index = start; index < start + length; index++) {
    const place = at[index] ?? 0;
    covered[place] = Math.max(covered[place] ?? 0, index === start ? 1 : 2);
  }
}

/** The letters and digits of an encoded text without escapes. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "");
}

/**
 * All parts of one length of some texts. A table of hashes excludes nearly every other text; the remaining candidates are
 * searched for in the texts. So the work grows linearly with the texts' length.
 */
class Pieces {
  readonly length: number;
  readonly #hashes = new Uint8Array(tableSize / 8);
  readonly #open = new Set<string>();
  #texts = "";

  constructor(length: number) {
    this.length = length;
  }

  add(text: string): void {
    this.#texts += `${text}\n`;
    for (let at = 0; at + this.length <= text.length; at++) {
      const hash = this.#hash(text, at);
      this.#hashes[hash >> 3] = (this.#hashes[hash >> 3] ?? 0) | (1 << (hash & 7));
    }
  }

  /** The parts of a text that are not secret. */
  leaveOut(text: string): void {
    for (let at = 0; at + this.length <= text.length; at++) this.#open.add(text.slice(at, at + this.length));
  }

  isAt(text: string, start: number): boolean {
    if (start + this.length > text.length) return false;
    const hash = this.#hash(text, start);
    if (((this.#hashes[hash >> 3] ?? 0) & (1 << (hash & 7))) === 0) return false;
    const part = text.slice(start, start + this.length);
    return this.#texts.includes(part) && !this.#open.has(part);
  }

  #hash(text: string, start: number): number {
    let hash = 0;
    for (let at = start; at < start + this.length; at++)
      hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
    return (hash ^ (hash >>> 15)) & (tableSize - 1);
  }
}

const tableSize = 1 << 20;

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

function symbolsOf(text: string): string {
  return [...new Set(text.replace(/[a-z0-9]/g, ""))].sort().join("");
}

/** A short word counts only if no letter is next to it: "info" is not in "information". */
function standsAlone(characters: Characters, first = 0, last = 0): boolean {
  return !touch(characters, first - 1, first, first - 1) && !touch(characters, last, last + 1, last + 1);
}

function touch({ texts, owners, from, to }: Characters, one: number, next: number, outside: number): boolean {
  return owners[one] === owners[next] && to[one] === from[next] && isLetter(texts[outside]);
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
  return filter.text(text).replace(unsafe, " ");
}
