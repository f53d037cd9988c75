/** A value of a policy, once its variables are resolved: text that distinguishes a wildcard from the character `*` or `?`. */

/** `${*}` is the character, `*` the wildcard. */
export type PatternPart = string | typeof anyText | typeof anyCharacter;
export type Pattern = readonly PatternPart[];

const anyText = { written: "*" } as const;
const anyCharacter = { written: "?" } as const;

/** AWS compares code points. */
export function literal(text: string): Pattern {
  return Array.from(text);
}

export function withWildcards(text: string): Pattern {
  return Array.from(text, (character) => {
    if (character === "*") return anyText;
    return character === "?" ? anyCharacter : character;
  });
}

/** For operators without wildcards, to which `*` is a character. */
export function textOf(pattern: Pattern): string {
  return pattern.map((part) => (typeof part === "string" ? part : part.written)).join("");
}

/** `*` stands for any number of characters, `?` for exactly one. The last `*` alone is tried again, so the time is bounded. */
export function isLike(text: string, pattern: Pattern): boolean {
  const characters = Array.from(text);
  let [at, next] = [0, 0];
  let again: { at: number; next: number } | undefined;
  while (at < characters.length) {
    const part = pattern[next];
    if (part === anyText) {
      again = { at, next: next + 1 };
      next += 1;
    } else if (part !== undefined && (part === anyCharacter || part === characters[at])) {
      at += 1;
      next += 1;
    } else if (again) {
      again.at += 1;
      ({ at, next } = again);
    } else return false;
  }
  return pattern.slice(next).every((part) => part === anyText);
}

const components = 6;

/** `arn:partition:service:region:account:resource`, of which only the resource may contain colons. Undefined for another text. */
export function arnComponents(pattern: Pattern): Pattern[] | undefined {
  const found: PatternPart[][] = [[]];
  for (const part of pattern) {
    if (part === ":" && found.length < components) found.push([]);
    else found.at(-1)?.push(part);
  }
  return found.length === components ? found : undefined;
}
