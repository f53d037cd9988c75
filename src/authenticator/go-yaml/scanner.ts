/** The tokens of a YAML text, by the rules of libyaml. (goyaml.v2, scannerc.go) */
import { blockText, isSpaceAt, Lost, matchAt, plainText, quotedText, type ScannedText } from "./scalar.ts";

export interface Token {
  /** `?` and `:` stand before the key and the value of each pair, also where the text has no `?`. */
  kind:
    | ("[" | "]" | "{" | "}" | "," | "-" | "?" | ":")
    | ("block-sequence" | "block-mapping" | "block-end")
    | ("anchor" | "alias" | "tag" | "plain" | "quoted")
    | ("directive" | "---" | "..." | "end");
  offset: number;
  /** The value of a scalar, the name of an anchor or alias, the source of a tag or directive. */
  text: string;
  /** Whether a `:` after the token can make it a key, or must do so. */
  key?: "possible" | "required" | undefined;
  /** Whether the token does not wait for its `:`. goyaml.v2 forgets that `[]` and `{}` can be keys. */
  isEmpty?: boolean;
}

/** A key without `?` is on one line and has at most so many characters. */
const longestKey = 1024;

export class Scanner {
  readonly #text: string;
  #offset = 0;
  #lineStart = 0;
  readonly #tokens: Token[] = [];
  #indent = -1;
  readonly #outerIndents: number[] = [];
  #keyAllowed = true;
  /** The block and each open [ or {, with its last token that can be a key. */
  readonly #levels: { opening?: Token; key?: Token }[] = [{}];

  /** @param text its line breaks are a line feed, U+2028 or U+2029 */
  constructor(text: string) {
    this.#text = text;
  }

  /** The next token, which stays. @throws Lost */
  peek(): Token {
    for (;;) {
      const [token] = this.#tokens;
      if (token && (token.isEmpty === true || !this.#canBeKey(token))) return token;
      this.#fetch();
    }
  }

  next(): Token {
    const token = this.peek();
    this.#tokens.shift();
    return token;
  }

  get #column(): number {
    return this.#offset - this.#lineStart;
  }

  get #isFlow(): boolean {
    return this.#levels.length > 1;
  }

  #fetch(): void {
    this.#skipSpace();
    this.#closeBlocks(this.#column);
    const mark = this.#column === 0 ? matchAt(documentMark, this.#text, this.#offset) : "";
    if (this.#offset === this.#text.length) {
      // Beyond the last line, where no token before can be a key.
      this.#lineStart = this.#offset + 1;
      this.#addBoundary("end", "");
    } else if (mark === "---" || mark === "...") this.#addBoundary(mark, mark);
    else if (mark === "") this.#fetchContent(this.#text.charAt(this.#offset));
    else if (directive.test(mark)) this.#addBoundary("directive", mark);
    else throw new Lost("found unknown directive name", this.#offset);
  }

  /** White space, comments and line breaks. A tab is not allowed where a key or an item can begin. */
  #skipSpace(): void {
    for (;;) {
      this.#skip(this.#isFlow || !this.#keyAllowed ? /[ \t]+/y : / +/y);
      this.#skip(/#.*/y);
      if (this.#skip(/[\n\u2028\u2029]/y) === 0) return;
      this.#lineStart = this.#offset;
      if (!this.#isFlow) this.#keyAllowed = true;
    }
  }

  #skip(pattern: RegExp): number {
    const { length } = matchAt(pattern, this.#text, this.#offset);
    this.#offset += length;
    return length;
  }

  #fetchContent(character: string): void {
    if (character === "[" || character === "{") this.#open(character);
    else if (character === "]" || character === "}") this.#close(character);
    else if (character === ",") this.#addIndicator(character, true);
    else this.#fetchWord(character);
  }

  #fetchWord(character: string): void {
    const isIndicator = isSpaceAt(this.#text, this.#offset + 1) || (this.#isFlow && character !== "-");
    if (isIndicator && (character === "-" || character === "?" || character === ":"))
      this.#fetchIndicator(character);
    else if (/[&*!]/.test(character)) this.#fetchProperty(character);
    else if (/[|>]/.test(character) && !this.#isFlow) this.#fetchBlockScalar();
    else if (/[\t%@`|>]/.test(character))
      throw new Lost("found character that cannot start any token", this.#offset);
    else this.#fetchScalar(/['"]/.test(character));
  }

  #open(kind: "[" | "{"): void {
    const opening = this.#add(kind, kind, this.#saveKey(true));
    this.#levels.push({ opening });
  }

  #close(kind: "]" | "}"): void {
    this.#dropKey();
    const { opening, key } = this.#levels.at(-1) ?? {};
    if (this.#isFlow) this.#levels.pop();
    if (opening && !key) opening.isEmpty = true;
    this.#keyAllowed = false;
    this.#add(kind, kind);
  }

  #fetchIndicator(kind: "-" | "?" | ":"): void {
    const key = this.#levels.at(-1)?.key;
    if (kind === ":" && key && this.#canBeKey(key)) {
      this.#beginPair(key);
      this.#addIndicator(":", false);
      return;
    }
    if (!this.#isFlow && !this.#keyAllowed)
      throw new Lost(`${namesOfIndicators[kind]} are not allowed in this context`, this.#offset);
    this.#openBlock(kind === "-" ? "block-sequence" : "block-mapping", this.#column);
    this.#addIndicator(kind, kind === "-" || !this.#isFlow);
  }

  #beginPair(key: Token): void {
    const index = this.#tokens.indexOf(key);
    const after = index < 0 ? [] : this.#tokens.splice(index);
    this.#openBlock("block-mapping", key.offset - this.#lineStart);
    this.#tokens.push({ kind: "?", text: "", offset: key.offset }, ...after);
    key.key = undefined;
  }

  #addIndicator(kind: "," | "-" | "?" | ":", keyAllowed: boolean): void {
    this.#dropKey();
    this.#keyAllowed = keyAllowed;
    this.#add(kind, kind);
  }

  /** The end of all blocks: a document's beginning or end, a directive, or the end of the text. */
  #addBoundary(kind: Token["kind"], text: string): void {
    this.#closeBlocks(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#add(kind, text);
  }

  #fetchProperty(character: string): void {
    const [kind, pattern] = properties[character] ?? ["tag", tag];
    const source = matchAt(pattern, this.#text, this.#offset);
    if (source === "") throw new Lost("did not find expected alphabetic or numeric character", this.#offset);
    this.#add(kind, source, this.#saveKey(false));
  }

  #fetchBlockScalar(): void {
    this.#dropKey();
    this.#keyAllowed = true;
    this.#addScalar("quoted", blockText(this.#text, this.#offset, this.#indent));
  }

  #fetchScalar(isQuoted: boolean): void {
    const key = this.#saveKey(false);
    const scanned = isQuoted
      ? quotedText(this.#text, this.#offset)
      : plainText(this.#text, this.#offset, this.#indent + 1, this.#isFlow);
    this.#addScalar(isQuoted ? "quoted" : "plain", scanned, key);
    if (scanned.endsLine) this.#keyAllowed = true;
  }

  #addScalar(kind: "plain" | "quoted", { value, end }: ScannedText, key?: Token["key"]): void {
    const source = this.#text.slice(this.#offset, end);
    const lineBreak = Math.max(...["\n", "\u2028", "\u2029"].map((each) => source.lastIndexOf(each)));
    if (lineBreak >= 0) this.#lineStart = this.#offset + lineBreak + 1;
    this.#add(kind, value, key, source.length);
  }

  #add(kind: Token["kind"], text: string, key?: Token["key"], length = text.length): Token {
    const token = { kind, text, offset: this.#offset, key };
    this.#tokens.push(token);
    const level = this.#levels.at(-1);
    if (key && level) level.key = token;
    this.#offset += length;
    return token;
  }

  #openBlock(kind: "block-sequence" | "block-mapping", column: number): void {
    if (this.#isFlow || this.#indent >= column) return;
    this.#outerIndents.push(this.#indent);
    this.#indent = column;
    this.#tokens.push({ kind, text: "", offset: this.#lineStart + column });
  }

  #closeBlocks(column: number): void {
    while (!this.#isFlow && this.#indent > column) {
      this.#tokens.push({ kind: "block-end", text: "", offset: this.#offset });
      this.#indent = this.#outerIndents.pop() ?? -1;
    }
  }

  /** @returns whether the token that begins here can be a key */
  #saveKey(keyAllowedAfter: boolean): Token["key"] {
    const isRequired = !this.#isFlow && this.#indent === this.#column;
    const isAllowed = this.#keyAllowed;
    if (isAllowed) this.#dropKey();
    this.#keyAllowed = keyAllowedAfter;
    return isAllowed ? (isRequired ? "required" : "possible") : undefined;
  }

  #dropKey(): void {
    const key = this.#levels.at(-1)?.key;
    if (key) this.#refuseAsKey(key);
  }

  #canBeKey(token: Token): boolean {
    if (!token.key) return false;
    if (token.offset >= this.#lineStart && token.offset + longestKey >= this.#offset) return true;
    this.#refuseAsKey(token);
    return false;
  }

  #refuseAsKey(token: Token): void {
    if (token.key === "required") throw new Lost("could not find expected ':'", token.offset);
    token.key = undefined;
  }
}

/** A document's beginning or end, or a directive. */
const documentMark = /(?:---|\.\.\.)(?=[ \t\n\u2028\u2029]|$)|%.*/y;

/** Of %YAML the version, of %TAG a handle and its prefix. */
export const directive =
  /^%(?:YAML[ \t]+(\d\d?\.\d\d?)|TAG[ \t]+(!(?:[\w-]*!)?)[ \t]+([\w;/?:@&=+$,.!~*'()[\]%-]+)(?![^ \t]))[ \t]*(?:#.*)?$/;

const namesOfIndicators = { "-": "block sequence entries", "?": "mapping keys", ":": "mapping values" };
/** `!<tag>`, `!handle!suffix` or `!suffix`. */
export const tag =
  /!(?:<([\w;/?:@&=+$,.!~*'()[\]%-]+)>|([\w-]*!)([\w;/?:@&=+$,.!~*'()[\]%-]+)|(?![\w-]*!)([\w;/?:@&=+$,.!~*'()[\]%-]*))(?=[ \t\n\u2028\u2029]|$)/y;
const name = /[&*][\w-]+(?=[ \t\n\u2028\u2029?:,\]}%@`]|$)/y;
const properties: Readonly<Record<string, readonly [Token["kind"], RegExp]>> = {
  "&": ["anchor", name],
  "*": ["alias", name],
};
