import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { staleness } from "../../src/cache/freshness.ts";
import { day, from, hour, now } from "../certificates.ts";
import { minute, sessionRecord, tokenRecord } from "./records.ts";

const second = 1_000;
const tokenAt = (elapsed: number) => staleness(tokenRecord(), from(elapsed));
const sessionAt = (elapsed: number) => staleness(sessionRecord(), from(elapsed));

describe("a token of 14 minutes", () => {
  it.each([
    ["at once", 0, undefined],
    ["while 60 seconds remain", 13 * minute, undefined],
    ["no longer", 13 * minute + 1, "it ends too soon"],
    ["nor at its end", 14 * minute, "it has expired"],
    ["nor after it", 15 * minute, "it has expired"],
  ])("is served %s", (_, elapsed, expected) => {
    expect(tokenAt(elapsed)).toBe(expected);
  });
});

describe("a session of an hour", () => {
  it.each([
    ["at once", 0, undefined],
    ["while a token of it would be served for another minute", hour - 3 * minute, undefined],
    ["no longer", hour - 3 * minute + 1, "it ends too soon"],
    ["nor at its end", hour, "it has expired"],
  ])("is used %s", (_, elapsed, expected) => {
    expect(sessionAt(elapsed)).toBe(expected);
  });

  it("of twelve hours is used as well", () => {
    expect(staleness(sessionRecord({ expiration: from(12 * hour) }), now)).toBeUndefined();
  });
});

describe("when the clock has been set since the entry was made", () => {
  it.each([
    ["back by a second, as time servers do it", -second, undefined],
    ["back by two seconds", -2 * second, undefined],
    ["back by more", -2 * second - 1, "it is from the future"],
    ["back by an hour", -hour, "it is from the future"],
    ["back by a day", -day, "it is from the future"],
    ["forward by seconds", 5 * second, undefined],
    ["forward by an hour", hour, "it has expired"],
    ["forward by a day", day, "it has expired"],
  ])("%s", (_, change, expected) => {
    expect(tokenAt(change)).toBe(expected);
    expect(sessionAt(change)).toBe(expected);
  });

  it("a token that claims to live longer than any does was made by a wrong clock", () => {
    const long = tokenRecord({ expiration: from(14 * minute + 2 * second + 1) });
    expect(staleness(long, now)).toBe("it claims to live too long");
  });
});

it("whatever its times, what is served was made before now, and lives on for a minute", () => {
  const time = fc.integer({ min: -day, max: day }).map(from);
  fc.assert(
    fc.property(time, time, (createdAt, expiration) => {
      for (const record of [
        tokenRecord({ createdAt, expiration }),
        sessionRecord({ createdAt, expiration }),
      ]) {
        if (staleness(record, now) !== undefined) continue;
        expect(createdAt.getTime()).toBeLessThanOrEqual(now.getTime() + 2 * second);
        expect(expiration.getTime()).toBeGreaterThanOrEqual(now.getTime() + minute);
      }
    }),
    { numRuns: 1_000 },
  );
});
