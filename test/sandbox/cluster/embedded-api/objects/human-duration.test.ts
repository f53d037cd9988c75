import { expect, test } from "vitest";
import { humanDuration } from "../../../../../src/sandbox/cluster/embedded-api/objects/table.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  [0, "0s"],
  [-second, "0s"],
  [-2 * second, "<invalid>"],
  [119 * second, "119s"],
  [2 * minute, "2m"],
  [2 * minute + 5 * second, "2m5s"],
  [10 * minute + 5 * second, "10m"],
  [179 * minute, "179m"],
  [3 * hour, "3h"],
  [3 * hour + 7 * minute, "3h7m"],
  [8 * hour + 7 * minute, "8h"],
  [47 * hour, "47h"],
  [2 * day, "2d"],
  [7 * day + 3 * hour, "7d3h"],
  [8 * day + 3 * hour, "8d"],
  [729 * day, "729d"],
  [730 * day, "2y"],
  [740 * day, "2y10d"],
  [9 * 365 * day + 5 * day, "9y"],
])("an age of %d ms shows as %s", (age, text) => {
  expect(humanDuration(age)).toBe(text);
});
