import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isLive,
  leaseOf,
  type Moment,
  nextAttemptIn,
  pauseAfter,
  renewalIn,
  timeLeft,
} from "../../src/serve/lease.ts";

const minute = 60_000;
const hour = 60 * minute;
const start = Date.parse("2026-11-27T10:00:00Z");

/** @param wall milliseconds after the start, by the wall clock */
function moment(wall: number, uptime = wall): Moment {
  return { wall: new Date(start + wall), uptime };
}

function session(life: number): { createdAt: Date; expiration: Date } {
  return { createdAt: new Date(start), expiration: new Date(start + life) };
}

const jitters = fc.double({ min: 0, max: 1, noNaN: true });
const lives = fc.integer({ min: 62_000, max: 12 * hour });

describe("a session", () => {
  it("of an hour is renewed 12 minutes before its end, or up to 3 minutes earlier", () => {
    const lease = leaseOf(session(hour), moment(0));
    expect(renewalIn(lease, 0, moment(0))).toBe(48 * minute);
    expect(renewalIn(lease, 1, moment(0))).toBe(45 * minute);
  });

  it("is renewed while it lives, and not before three quarters of its life", () => {
    fc.assert(
      fc.property(lives, jitters, (life, jitter) => {
        const due = renewalIn(leaseOf(session(life), moment(0)), jitter, moment(0));
        expect(due).toBeGreaterThanOrEqual(life * 0.75 - 1);
        expect(due).toBeLessThanOrEqual(life * 0.8 + 1);
      }),
    );
  });

  it("from the cache has the rest of its life, and its renewal is due at the same time", () => {
    const lease = leaseOf(session(hour), moment(50 * minute, 0));
    expect(timeLeft(lease, moment(50 * minute, 0))).toBe(10 * minute);
    expect(renewalIn(lease, 0, moment(50 * minute, 0))).toBe(-2 * minute);
  });

  it("is never live after its end by either clock, however the wall clock is set", () => {
    fc.assert(
      fc.property(
        lives,
        fc.integer({ min: -24 * hour, max: 24 * hour }),
        fc.integer({ min: 0, max: 24 * hour }),
        (life, wall, uptime) => {
          const lease = leaseOf(session(life), moment(0));
          const isOver = wall >= life || uptime >= life;
          expect(isLive(lease, moment(wall, uptime))).toBe(!isOver);
        },
      ),
    );
  });
});

describe("the next attempt", () => {
  const lease = leaseOf(session(hour), moment(0));

  it("is at once without a session, and at the renewal with one", () => {
    const renewal = { failures: 0, lastAttempt: 0, jitter: 0 };
    expect(nextAttemptIn({ ...renewal, lease: undefined }, moment(0))).toBe(0);
    expect(nextAttemptIn({ ...renewal, lease }, moment(0))).toBe(48 * minute);
    expect(nextAttemptIn({ ...renewal, lease }, moment(2 * hour))).toBe(0);
  });

  it("follows a failure after 1, 2, 4, 8, 16, and then each time 30 seconds", () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => pauseAfter(failures, 0) / 1_000);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    const renewal = { lease, failures: 3, lastAttempt: 50 * minute, jitter: 0 };
    expect(nextAttemptIn(renewal, moment(50 * minute))).toBe(4_000);
    expect(nextAttemptIn(renewal, moment(51 * minute))).toBe(0);
  });

  it("after a failure is between a half and the whole of the pause", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), jitters, (failures, jitter) => {
        expect(pauseAfter(failures, jitter)).toBeGreaterThanOrEqual(pauseAfter(failures, 0) / 2);
        expect(pauseAfter(failures, jitter)).toBeLessThanOrEqual(30_000);
      }),
    );
  });

  it("does not wait for a wall clock that was set back", () => {
    expect(
      nextAttemptIn({ lease, failures: 0, lastAttempt: 0, jitter: 0 }, moment(-5 * hour, 50 * minute)),
    ).toBe(0);
  });
});
