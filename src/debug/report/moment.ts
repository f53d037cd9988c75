/** A time as people compare it with a clock on the wall: in whole seconds, and how far away. */
import { inWords } from "../../foundation/duration.ts";

export function moment(date: Date, now: Date): string {
  const distance = date.getTime() - now.getTime();
  const words = distance < 0 ? `${inWords(-distance)} ago` : `in ${inWords(distance)}`;
  return `${date.toISOString().replace(/\.\d+Z$/, "Z")}, ${words}`;
}
