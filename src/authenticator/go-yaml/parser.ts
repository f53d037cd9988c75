/** The documents of a YAML text, by the rules of libyaml. (goyaml.v2, parserc.go) */
import { Lost, type Scalar } from "./scalar.ts";
import { directive, Scanner, tag as tagPattern, type Token } from "./scanner.ts";

export type Node = ScalarNode | SequenceNode | MappingNode | AliasNode;
export type ScalarNode = { kind: "scalar" } & Scalar;
type SequenceNode = { kind: "sequence"; items: Node[] } & Placed;
export type MappingNode = { kind: "mapping"; pairs: [key: Node, value: Node][] } & Placed;
export type AliasNode = { kind: "alias"; target: Node } & Placed;

interface Placed {
  offset: number;
}

/** The limit of libyaml is 10,000; no real aws-auth reaches 1,000. */
const deepest = 1000;

/** The root of each document; none of a text without content. A later document is parsed when it is asked for. @throws Lost */
export function* documentsIn(text: string): Generator<Node, void> {
  const control = /[^\t\n\x20-\x7e\xa0-\ufffd]/.exec(text);
  if (control) throw new Lost("control characters are not allowed", control.index);
  yield* new Parser(new Scanner(text)).documents();
}

type Kinds = readonly Token["kind"][];

class Parser {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, Node>();
  readonly #tagPrefixes = new Map<string, string>();
  #depth = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  *documents(): Generator<Node, void> {
    for (let isFirst = true; !this.#isNext("end"); isFirst = false) {
      if (!isFirst && this.#skip("...")) continue;
      const root = this.#document(isFirst);
      // libyaml looks at the token after the document too.
      this.#scanner.peek();
      yield root;
    }
  }

  /** Only the first document can begin without `---`. */
  #document(isFirst: boolean): Node {
    this.#anchors.clear();
    this.#tagPrefixes.clear();
    const isExplicit = !isFirst || this.#isNext("directive", "---");
    while (this.#isNext("directive")) this.#directive(this.#scanner.next());
    if (isExplicit) this.#expect("---", "did not find expected <document start>");
    return isExplicit ? this.#nodeUnless(["directive", "---", "...", "end"], true) : this.#node(true);
  }

  #directive({ text, offset }: Token): void {
    const [, version, handle = "%YAML", prefix = ""] = directive.exec(text) ?? [];
    if (version !== undefined && !/^0?1\.0?1$/.test(version))
      throw new Lost("found incompatible YAML document", offset);
    if (this.#tagPrefixes.has(handle)) throw new Lost("found duplicate directive", offset);
    this.#tagPrefixes.set(handle, prefix);
  }

  #isNext(...kinds: Kinds): boolean {
    return kinds.includes(this.#scanner.peek().kind);
  }

  #skip(kind: Token["kind"]): boolean {
    const isNext = this.#isNext(kind);
    if (isNext) this.#scanner.next();
    return isNext;
  }

  #expect(kind: Token["kind"], why: string): void {
    if (!this.#skip(kind)) throw new Lost(why, this.#scanner.peek().offset);
  }

  /** @param isValue of a mapping: the items of a list can stand below the key's own indentation */
  #node(isBlock: boolean, isValue = false): Node {
    if (++this.#depth > deepest) throw new Lost("exceeded max depth", this.#scanner.peek().offset);
    const node = this.#isNext("alias") ? this.#alias(this.#scanner.next()) : this.#content(isBlock, isValue);
    this.#depth--;
    return node;
  }

  /** Before a token of these kinds, there is an empty scalar instead. */
  #nodeUnless(ends: Kinds, isBlock: boolean, isValue = false): Node {
    return this.#isNext(...ends) ? this.#empty() : this.#node(isBlock, isValue);
  }

  #empty(): ScalarNode {
    return { kind: "scalar", text: "", tag: "", isPlain: true, offset: this.#scanner.peek().offset };
  }

  #alias({ text, offset }: Token): Node {
    const target = this.#anchors.get(text.slice(1));
    if (!target) throw new Lost("unknown anchor referenced", offset);
    return { kind: "alias", target, offset };
  }

  #content(isBlock: boolean, isValue: boolean): Node {
    const { offset } = this.#scanner.peek();
    const first = this.#take("anchor");
    const tagToken = this.#take("tag");
    const tag = tagToken ? this.#tagOf(tagToken) : "";
    const anchor = first ?? this.#take("anchor");
    const named = <Kind extends Node>(node: Kind): Kind => {
      if (anchor) this.#anchors.set(anchor.text.slice(1), node);
      return node;
    };
    if (this.#isNext("plain", "quoted")) return named(this.#scalar(this.#scanner.next(), tag));
    if (
      this.#isNext("[", ...(isBlock ? ["block-sequence" as const] : []), ...(isValue ? ["-" as const] : []))
    )
      return this.#sequence(named({ kind: "sequence", items: [], offset }));
    if (this.#isNext("{", ...(isBlock ? ["block-mapping" as const] : [])))
      return this.#mapping(named({ kind: "mapping", pairs: [], offset }));
    if (anchor ?? tag !== "")
      return named(this.#scalar({ ...this.#scanner.peek(), kind: "plain", text: "" }, tag));
    throw new Lost("did not find expected node content", this.#scanner.peek().offset);
  }

  #take(kind: Token["kind"]): Token | undefined {
    return this.#isNext(kind) ? this.#scanner.next() : undefined;
  }

  #scalar({ kind, text, offset }: Token, tag: string): ScalarNode {
    return { kind: "scalar", text, tag, isPlain: tag === "!" || (tag === "" && kind === "plain"), offset };
  }

  #tagOf({ text, offset }: Token): string {
    tagPattern.lastIndex = 0;
    const [, verbatim, handle = "", suffix, local = ""] = tagPattern.exec(text) ?? [];
    if (verbatim !== undefined) return unescaped(verbatim, offset);
    if (text === "!") return text;
    const prefix = this.#tagPrefixes.get(`!${handle}`) ?? defaultPrefixes[`!${handle}`];
    if (prefix === undefined) throw new Lost("found undefined tag handle", offset);
    return prefix + unescaped(suffix ?? local, offset);
  }

  #sequence(node: SequenceNode): SequenceNode {
    if (this.#isNext("[")) {
      this.#flow("]", () => node.items.push(this.#skip("?") ? this.#pairInSequence() : this.#node(false)));
      return node;
    }
    const isIndented = this.#skip("block-sequence");
    const ends: Kinds = isIndented ? ["-", "block-end"] : ["-", "?", ":", "block-end"];
    while (this.#skip("-")) node.items.push(this.#nodeUnless(ends, true));
    if (isIndented) this.#expect("block-end", "did not find expected '-' indicator");
    return node;
  }

  #pairInSequence(): MappingNode {
    const { offset } = this.#scanner.peek();
    const isEmpty = this.#isNext(":", ",", "]");
    const key = isEmpty ? this.#empty() : this.#node(false);
    // goyaml.v2 loses the token after an empty key.
    if (isEmpty) this.#scanner.next();
    return { kind: "mapping", pairs: [[key, this.#flowValue("]")]], offset };
  }

  #flowValue(close: "]" | "}"): Node {
    return this.#skip(":") ? this.#nodeUnless([",", close], false) : this.#empty();
  }

  /** The entries up to the closing bracket, with a comma between them and maybe after the last. */
  #flow(close: "]" | "}", readEntry: () => void): void {
    this.#scanner.next();
    for (let isFirst = true; !this.#isNext(close); isFirst = false) {
      if (!isFirst) this.#expect(",", `did not find expected ',' or '${close}'`);
      if (!this.#isNext(close)) readEntry();
    }
    this.#scanner.next();
  }

  #mapping(node: MappingNode): MappingNode {
    if (this.#isNext("{")) {
      this.#flow("}", () => node.pairs.push(this.#flowPair()));
      return node;
    }
    const ends: Kinds = ["?", ":", "block-end"];
    this.#scanner.next();
    while (this.#skip("?")) {
      const key = this.#nodeUnless(ends, true, true);
      node.pairs.push([key, this.#skip(":") ? this.#nodeUnless(ends, true, true) : this.#empty()]);
    }
    this.#expect("block-end", "did not find expected key");
    return node;
  }

  #flowPair(): [Node, Node] {
    if (!this.#skip("?")) return [this.#node(false), this.#empty()];
    return [this.#nodeUnless([":", ",", "}"], false), this.#flowValue("}")];
  }
}

const defaultPrefixes: Readonly<Record<string, string>> = { "!": "!", "!!": "tag:yaml.org,2002:" };

function unescaped(uri: string, offset: number): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    throw new Lost("found an incorrect UTF-8 octet", offset);
  }
}
