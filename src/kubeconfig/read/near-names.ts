/** Which of the names that there are somebody may have meant. */
import { editDistance } from "../../foundation/edit-distance.ts";

/** @returns the `most` nearest by the letters to change, the nearest first */
export function nearNames(wanted: string, names: Iterable<string>, most = 5): string[] {
  const short = (name: string): string => name.slice(0, 200).toLowerCase();
  return [...names]
    .map((name) => ({ name, distance: distance(short(wanted), short(name)) }))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** None for what the other begins or ends with, since people shorten ARNs. */
function distance(one: string, other: string): number {
  if (one !== "" && (other.startsWith(one) || other.endsWith(one))) return 0;
  return editDistance(one, other);
}
