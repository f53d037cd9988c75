/** Which of the names that there are somebody may have meant. */

/** @returns the `most` nearest by the letters to change, the nearest first */
export function nearNames(wanted: string, names: Iterable<string>, most = 5): string[] {
  const short = (name: string): string => name.slice(0, 200).toLowerCase();
  return [...names]
    .map((name) => ({ name, distance: distance(short(wanted), short(name)) }))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** Levenshtein's: letters to insert, remove or replace; none for what the other begins or ends with, since people shorten ARNs. */
function distance(one: string, other: string): number {
  if (one !== "" && (other.startsWith(one) || other.endsWith(one))) return 0;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, letter] of Array.from(one).entries()) {
    const next = [line + 1];
    for (const [column, against] of Array.from(other).entries()) {
      const replaced = (row[column] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
