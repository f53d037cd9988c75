/**
 * The only rule for what must never be printed. A server, a plugin or a file can repeat a secret, completely or in pieces, in
 * another spelling: other case, percent-encoding, escapes, separators, hexadecimal, base64, or spread over a list. Texts are
 * compared by their letters and digits alone, and a common run of eight is removed, or a longer one where chance explains eight.
 */
import { type Characters, type ReadTexts, plainLetters, readTexts } from "./confidential/characters.ts";
import { Pieces } from "./confidential/pieces.ts";
import { confidentialParts, ownWords, payloadOf, tokenStart } from "./confidential/secret-spellings.ts";
import { jsonText, parseJson } from "./json.ts";
import type { Secrets } from "./secrets.ts";
import { unsafeCharacters } from "./shown.ts";

/**
 * So many different words of a long secret are not a coincidence. Case counts, because three letters are too few without it. A text as long
 * as a report has two or three such words by chance; a sentence has none.
 */
const fewestWords = { ofReport: 16, ofSentence: 6 };

/** A text that still forms pieces after so many removals was made for that, and is removed as a whole. */
const mostPasses = 6;

export class Confidential {
  readonly #secrets: Iterable<string>;
  readonly #noted = new Set<string>();
  /** As this program prints them, and by their letters. */
  readonly #ownWords = [...ownWords.map((word) => word.toLowerCase()), ...ownWords.map(plainLetters)].join(
    "\n",
  );
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
  texts(texts: readonly string[]): readonly string[] {
    this.#noteNew();
    return this.#noted.size === 0 ? texts : this.#cleaned(readTexts(texts), mostPasses).texts;
  }

  /** @returns the same object if nothing was removed, so that the next filter need not read the texts again */
  clean(read: ReadTexts): ReadTexts {
    this.#noteNew();
    return this.#noted.size === 0 ? read : this.#cleaned(read, mostPasses);
  }

  #cleaned(read: ReadTexts, passes: number): ReadTexts {
    const covered = this.#covered(read, fewestWords.ofReport);
    if (!covered.some((mark) => mark > 0)) return read;
    const { texts, characters } = read;
    if (passes === 0) return readTexts(texts.map(() => "…"));
    let next = 0;
    const cleaned = texts.map((text, owner) => {
      const first = next;
      while (characters.owners[next] === owner) next++;
      return withoutCovered(text, characters, first, covered);
    });
    return this.#cleaned(readTexts(cleaned), passes - 1);
  }

  isIn(text: string): boolean {
    this.#noteNew();
    if (this.#noted.size === 0) return false;
    return this.#covered(readTexts([text]), fewestWords.ofSentence).some((mark) => mark > 0);
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
  #covered(read: ReadTexts, fewestWords: number): Uint8Array {
    const covered = new Uint8Array(read.characters.text.length);
    const searched = { ...read, ownWords: this.#ownWords, fewestWords };
    this.#known.cover(covered, searched);
    if (read.row.text.includes(tokenStart) || covered.some((mark) => mark > 0))
      this.#payloads.cover(covered, searched);
    return covered;
  }
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
