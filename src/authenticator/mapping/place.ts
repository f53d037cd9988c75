/** Where in aws-auth something stands, in the words a person looks for it by. */
import type { Entry } from "./entry.ts";

export function placeOf(entry: Entry, speltAs: string = entry.list): string {
  return `${speltAs.slice(0, 60)}, entry ${entry.number}, line ${entry.line}`;
}

/** A text of somebody's aws-auth within a sentence: bounded, and with what cannot be seen made visible. */
export function quoted(text: string): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(short);
}

const longest = 160;
