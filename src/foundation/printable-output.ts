/** What leaves the process of a text: no secret, and nothing that steers a terminal but this program's own colours. */
import { Confidential } from "./confidential.ts";
import { unsafeCharacters } from "./printable.ts";
import type { Secrets } from "./secrets.ts";

/** But line breaks and tabs; colours, and the progress line's way back to the start of the line. */
const unsafe = new RegExp(
  String.raw`(?!\t|\r?\n|\u001b\[(?:\d{1,2}m|K)|\r\u001b\[K)[${unsafeCharacters}]`,
  "gu",
);
const filters = new WeakMap<Secrets, Confidential>();

export function printableOutput(text: string, secrets: Secrets): string {
  const filter = filters.get(secrets) ?? new Confidential(secrets);
  filters.set(secrets, filter);
  return filter.text(text).replace(unsafe, " ");
}
