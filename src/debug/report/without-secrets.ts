/**
 * The last line of defence: whatever a server, a plugin or a file repeats of a secret does not come out. Not a piece of
 * it either, however it is written: cut off, folded, percent-encoded, escaped, in hexadecimal or in base64.
 */
import { lettersOf, plainLetters, type Letters } from "./letters.ts";
import { confidentialParts } from "./confidential-parts.ts";

/** Letters in a row that tell something of a secret, and are found by chance in nothing else. */
const piece = 8;
/** Of an encoded one, where each letter tells less. Not every piece is looked for: of 15 letters in a row one is. */
const encodedPiece = 12;
const encodedStep = 4;

/** @returns the text with an ellipsis in place of every piece of a secret */
export function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const parts = [...new Set(secrets.flatMap(confidentialParts))].filter(({ length }) => length >= piece);
  if (parts.length === 0) return (text) => text;
  const pieces = new Set<string>();
  for (const part of parts) {
    addPieces(pieces, lettersOf(part).text, piece, 1);
    for (const encoded of encodings(part))
      addPieces(pieces, plainLetters(encoded), encodedPiece, encodedStep);
  }
  for (const word of ownWords)
    for (const length of [piece, encodedPiece]) removePieces(pieces, lettersOf(word).text, length);
  return (text) => cutOut(text, coveredBy(lettersOf(text), pieces));
}

/** A secret may have them too, and they tell nothing of it; the report's own sentences have to stay whole. */
const ownWords = [
  "k8s-aws-v1.",
  "Authorization: Bearer",
  "ExecCredential",
  "credentials",
  "eks-x509 get-token",
  "certificate",
  "kubeconfig",
  "GetCallerIdentity",
];

function removePieces(pieces: Set<string>, letters: string, length: number): void {
  for (let at = 0; at + length <= letters.length; at++) pieces.delete(letters.slice(at, at + length));
}

function addPieces(pieces: Set<string>, letters: string, length: number, step: number): void {
  for (let at = 0; at + length <= letters.length; at += step) pieces.add(letters.slice(at, at + length));
}

/** Base64 begins anew with every third byte, so that there are three ways in which a part may stand in more. */
function encodings(part: string): string[] {
  const bytes = Buffer.from(part, "utf8");
  const shifted = [0, 1, 2].map((bytesBefore) =>
    Buffer.concat([Buffer.alloc(bytesBefore), bytes])
      .toString("base64")
      .slice(bytesBefore === 0 ? 0 : 4),
  );
  return [...shifted, bytes.toString("hex")];
}

type Range = readonly [from: number, to: number];

function coveredBy({ text, starts, ends }: Letters, pieces: ReadonlySet<string>): Range[] {
  const ranges: Range[] = [];
  for (let at = 0; at < text.length; at++) {
    const length = [piece, encodedPiece].find((size) => pieces.has(text.slice(at, at + size)));
    if (length !== undefined) ranges.push([starts[at] ?? 0, ends[at + length - 1] ?? 0]);
  }
  return ranges;
}

/** @param ranges in the order of their beginnings */
function cutOut(text: string, ranges: readonly Range[]): string {
  let kept = "";
  let position = 0;
  for (const [from, to] of ranges) {
    if (from > position || kept === "") kept += `${text.slice(position, from)}…`;
    position = Math.max(position, to);
  }
  return kept + text.slice(position);
}
