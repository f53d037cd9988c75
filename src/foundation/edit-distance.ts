/** Levenshtein distance: the number of letters to change to turn one text into another. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  Array.from(one).forEach((letter, index) => {
    let diagonal = index;
    let left = index + 1;
    row = row.map((above, column) => {
      if (column === 0) return left;
      const cost = letter === other[column - 1] ? 0 : 1;
      left = Math.min(left + 1, above + 1, diagonal + cost);
      diagonal = above;
      return left;
    });
  });
  return row.at(-1) ?? 0;
}

/** Whether the difference can be a typing error: at most a third of the letters, and at most three. */
export function isNear(one: string, other: string): boolean {
  return isWithin(one, other, Math.min(3, Math.floor(Math.max(one.length, other.length) / 3)));
}

/** Whether at most so many letters differ. Texts of other lengths are not compared letter by letter. */
export function isWithin(one: string, other: string, most: number): boolean {
  return Math.abs(one.length - other.length) <= most && editDistance(one, other) <= most;
}

/** More names are compared only by their beginnings and ends. */
const mostCompared = 1_000;

/** @returns the `most` nearest names, the nearest first */
export function nearNames(wanted: string, names: Iterable<string>, most = 5): string[] {
  const short = (name: string): string => name.slice(0, 200).toLowerCase();
  const asked = short(wanted);
  const distance = (name: string, index: number): number => {
    // People shorten ARNs, so a beginning or an end counts as no distance.
    if (asked !== "" && (name.startsWith(asked) || name.endsWith(asked))) return 0;
    return index < mostCompared ? editDistance(asked, name) : Infinity;
  };
  return [...names]
    .map((name, index) => ({ name, distance: distance(short(name), index) }))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, most)
    .map(({ name }) => name);
}
