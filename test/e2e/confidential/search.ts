/**
 * Whether a text reveals a secret. Nothing of the filter is used here. The bound is the one of SECURITY.md: eight letters and
 * digits of a secret in a row, or ten of it in base64, hexadecimal or decimal bytes, whatever stands between them. Shorter
 * parts count if there are many: words of three to seven letters, or five letters anywhere.
 */

const bound = { itself: 8, encoded: 10 } as const;
/** Of a long secret, so many different short parts in one text are no coincidence. */
const scattered = { from: 64, length: 5, words: 16, parts: 40 } as const;

export interface Secret {
  /** Of the test's report: the secret itself stays out of it. */
  name: string;
  text: string;
}

export interface Leak {
  secret: string;
  how: string;
  /** The letters that were found. */
  found: string;
}

export function leaks(text: string, secrets: readonly Secret[]): Leak[] {
  const views = viewsOf(text);
  return secrets.flatMap((secret) => {
    const leak = leakOf(views, secret);
    return leak ? [{ secret: secret.name, ...leak }] : [];
  });
}

interface View {
  text: string;
  words: ReadonlySet<string>;
  /** Of its letters: all runs of a length. */
  runs: Readonly<Record<5 | 8 | 10, ReadonlySet<string>>>;
}

function viewsOf(text: string): View[] {
  const bare = withoutTerminalSequences(text);
  const unescaped = unescapedOften(bare);
  return [...new Set([bare, unescaped, unescapedOften(withoutTerminalSequences(unescaped))])].map((view) => {
    const letters = lettersOf(view);
    return {
      text: view,
      words: new Set(view.match(/(?<![A-Za-z0-9])[A-Za-z0-9]{3,7}(?![A-Za-z0-9])/g)),
      runs: { 5: runs(letters, 5), 8: runs(letters, 8), 10: runs(letters, 10) },
    };
  });
}

interface Parts {
  itself: ReadonlySet<string>;
  encoded: ReadonlySet<string>;
  short: ReadonlySet<string>;
}

/** Most secrets are those of one run. */
const partsOf = new WeakMap<Secret, Parts>();

function parts(secret: Secret): Parts {
  const known = partsOf.get(secret);
  if (known) return known;
  const { text } = secret;
  const letters = lettersOf(text);
  const made = {
    itself: runs(letters, bound.itself),
    encoded: new Set(encodings(text).flatMap((other) => [...runs(lettersOf(other), bound.encoded)])),
    short: text.length < scattered.from ? new Set<string>() : runs(letters, scattered.length),
  };
  partsOf.set(secret, made);
  return made;
}

function leakOf(views: readonly View[], secret: Secret): Omit<Leak, "secret"> | undefined {
  const { text } = secret;
  const { itself, encoded, short } = parts(secret);
  for (const view of views) {
    const [run] = common(itself, view.runs[8]);
    if (run !== undefined) return { how: "itself", found: run };
    if (itself.size === 0 && view.text.includes(text)) return { how: "itself", found: text };
    const [other] = common(encoded, view.runs[10]);
    if (other !== undefined) return { how: "encoded", found: other };
    const words = short.size === 0 ? [] : [...view.words].filter((word) => text.includes(word));
    if (words.length >= scattered.words) return { how: "in words", found: words.join(" ") };
    const pieces = common(short, view.runs[5]);
    if (pieces.length >= scattered.parts) return { how: "in parts", found: pieces.join(" ") };
  }
  return undefined;
}

/** The smaller set is searched in the larger: a line is short, and a session token has thousands of runs. */
function common(some: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  const [small, large] = some.size < others.size ? [some, others] : [others, some];
  return [...small].filter((one) => large.has(one));
}

function encodings(secret: string): string[] {
  const itself = Buffer.from(secret);
  const encoding = /^[0-9a-f]+$/.test(secret) ? "hex" : "base64";
  const decoded = /^[\w+/-]{16,}={0,2}$/.test(secret) ? Buffer.from(secret, encoding) : undefined;
  const encoded = [itself, ...(decoded ? [decoded] : [])].flatMap((bytes) => [
    ...[0, 1, 2].map((before) => {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
      // The letters next to other bytes differ.
      return text
        .slice(before === 0 ? 0 : 4)
        .replace(/=+$/, "")
        .slice(0, -1);
    }),
    bytes.toString("hex"),
    [...bytes].join(""),
  ]);
  // A token holds a URL, of which only two parameters are secret; other secrets are random bytes.
  const bytes = decoded?.toString("latin1") ?? "";
  return bytes.startsWith("https:") ? encoded : [...encoded, bytes];
}

function runs(text: string, length: number): Set<string> {
  const found = new Set<string>();
  for (let at = 0; at + length <= text.length; at++) found.add(text.slice(at, at + length));
  return found;
}

function lettersOf(text: string): string {
  return text
    .replace(/[^ -~]/gu, (character) => character.normalize("NFKD").charAt(0))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "");
}

function withoutTerminalSequences(text: string): string {
  // eslint-disable-next-line no-control-regex -- a terminal's sequences begin with one
  return text.replace(/(?:\u001b|\\u001b)\[[\d;]*[A-Za-z]/g, "");
}

function unescapedOften(text: string): string {
  let result = text;
  for (let depth = 0; depth < 4; depth++) result = unescaped(result);
  return result;
}

function unescaped(text: string): string {
  return text
    .replace(/(?:%|\\+u00|\\+x|&#x)([0-9a-f]{2});?/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
    .replace(/&#(\d{2,3});/g, (_, digits: string) => String.fromCharCode(Number(digits)));
}
