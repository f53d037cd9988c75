import { expect, it } from "vitest";
import { inWords } from "../../src/foundation/duration.ts";

it.each([
  [0, "0 seconds"],
  [999, "0 seconds"],
  [1_000, "1 second"],
  [59_999, "59 seconds"],
  [60_000, "1 minute"],
  [-90_000, "1 minute"],
  [3_599_999, "59 minutes"],
  [3_600_000, "1 hour"],
  [86_399_999, "23 hours"],
  [86_400_000, "1 day"],
  [400 * 86_400_000, "400 days"],
])("%i ms is %s: the largest unit that fits, rounded down", (milliseconds, words) => {
  expect(inWords(milliseconds)).toBe(words);
});
