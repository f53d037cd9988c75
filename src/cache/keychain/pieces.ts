/** A long value in pieces, and the manifest that lists them. Pure. */

/** The prefix of a manifest. A value with this prefix is split too, so it cannot be taken for a manifest. */
const mark = "eks-x509 pieces 1";

export interface Manifest {
  /** Identifies this write, so that the pieces of two writers have different names. */
  readonly id: string;
  readonly count: number;
  readonly length: number;
}

export function needsPieces(value: string, size: number): boolean {
  return value.length > size || value.startsWith(mark);
}

/** Of at most `size` UTF-16 units. It never splits a surrogate pair, whose halves native code would replace. */
export function cut(value: string, size: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < value.length;) {
    let end = Math.min(start + size, value.length);
    if (end < value.length && isHighSurrogate(value.charCodeAt(end - 1))) end -= 1;
    pieces.push(value.slice(start, end));
    start = end;
  }
  return pieces;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

export function manifestText({ id, count, length }: Manifest): string {
  return `${mark} ${id} ${count} ${length}`;
}

const manifest = new RegExp(`^${mark} ([0-9a-f]{8}) (\\d{1,4}) (\\d{1,7})$`);

export function parseManifest(text: string): Manifest | undefined {
  const [, id, count, length] = manifest.exec(text) ?? [];
  if (id === undefined) return undefined;
  return { id, count: Number(count), length: Number(length) };
}

export function isManifestLike(text: string): boolean {
  return text.startsWith(mark);
}

export function pieceNames(account: string, { id, count }: Manifest): string[] {
  return Array.from({ length: count }, (_, index) => `${account}#${index + 1}.${id}`);
}

/** The account that a piece belongs to; undefined for an account that is not a piece. */
export function ownerOf(account: string): string | undefined {
  return /^(.*)#\d+\.[0-9a-f]{8}$/s.exec(account)?.[1];
}

/** Undefined if a piece is missing. */
export function join(pieces: readonly (string | undefined)[], { length }: Manifest): string | undefined {
  if (pieces.includes(undefined)) return undefined;
  const value = pieces.join("");
  return value.length === length ? value : undefined;
}
