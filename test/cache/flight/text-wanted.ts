/** A text for a single flight, which hands it over as it is. */
import type { Wanted } from "../../../src/cache/flight/single-flight.ts";

export function textWanted(key: string, work: () => Promise<string>): Wanted<string> {
  return { key, work, write: (text) => text, read: (text) => text };
}
