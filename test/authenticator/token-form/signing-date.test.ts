import { expect, it } from "vitest";
import { dateProblem, readSigningDate } from "../../../src/authenticator/token-form/token-text.ts";

/** The outcomes are those of time.Parse with the layout 20060102T150405Z in Go 1.26. */
it.each([
  ["20261122T155935Z", "2026-11-22T15:59:35.000Z"],
  ["20261122T155935.5Z", "2026-11-22T15:59:35.500Z"],
  ["20261122T155935,123456789012Z", "2026-11-22T15:59:35.123Z"],
  ["20280229T000000Z", "2028-02-29T00:00:00.000Z"],
  ["00000101T000000Z", "0000-01-01T00:00:00.000Z"],
])("%s is %s", (text, date) => {
  expect(readSigningDate(text)).toEqual(new Date(date));
});

it.each([
  "20261131T000000Z",
  "20260229T000000Z",
  "20261301T000000Z",
  "20261100T000000Z",
  "20261122T240000Z",
  "20261122T236000Z",
  "20261122T235960Z",
])("%s is impossible", (text) => {
  expect(dateProblem(text)).toBe("TOKEN_DATE_IMPOSSIBLE");
});

it.each([
  "",
  "20261122T155935",
  "20261122t155935z",
  "20261122T155935.Z",
  "20261122T155935Z ",
  "2026-11-22T15:59:35Z",
  "20261122T155935+0000",
  "x0261122T155935Z",
  "２0261122T155935Z",
])("%j is malformed", (text) => {
  expect(dateProblem(text)).toBe("TOKEN_DATE_MALFORMED");
});
