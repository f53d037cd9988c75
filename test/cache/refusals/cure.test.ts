import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cureFor, spans, type Cure, type Suspicion } from "../../../src/cache/refusals/cure.ts";
import { from, now } from "../../certificates.ts";
import { minute, sessionRecord } from "../records.ts";

const always = () => true;
const never = () => false;
const only = (wanted: Cure) => (what: Cure) => what === wanted;
const session = sessionRecord({ createdAt: from(-minute) });
const suspicion = (changes: Partial<Suspicion> = {}): Suspicion => ({
  substitute: false,
  session,
  now,
  ...changes,
});

describe("a token that is asked for again", () => {
  it.each<[string, Cure, Suspicion, (what: Cure) => boolean]>([
    ["is signed anew", "new token", suspicion(), always],
    ["is given once more, when that was done just now", "none", suspicion(), only("new session")],
    [
      "has a new session, when it was itself signed anew",
      "new session",
      suspicion({ substitute: true }),
      always,
    ],
    [
      "is signed anew, when that was done not long ago",
      "new token",
      suspicion({ substitute: true }),
      only("new token"),
    ],
    ["is given once more, when both were", "none", suspicion({ substitute: true }), never],
    [
      "costs no new session, when none is kept and one was made not long ago",
      "none",
      suspicion({ session: undefined }),
      only("new token"),
    ],
    ["has a new session, when none is kept", "new session", suspicion({ session: undefined }), always],
  ])("%s", (_, cure, given, claim) => {
    expect(cureFor(given, claim)).toBe(cure);
  });

  it("keeps a session that is younger than a minute, and its claim", () => {
    const young = sessionRecord({ createdAt: from(-minute + 1) });
    const claims: Cure[] = [];
    const claim = (what: Cure) => claims.push(what) > 0;
    expect(cureFor(suspicion({ substitute: true, session: young }), claim)).toBe("new token");
    expect(claims).toEqual(["new token"]);
  });
});

it("is no storm: however often, by whomever and with whatever clock it is asked for again", () => {
  const asking = fc.record({
    time: fc.integer({ min: -60 * minute, max: 60 * minute }),
    substitute: fc.boolean(),
    age: fc.option(fc.integer({ min: -minute, max: 60 * minute }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(asking, { maxLength: 200 }), (askings) => {
      const claimed = new Set<string>();
      const cures = askings.map(({ time, substitute, age }) => {
        const kept = age === undefined ? undefined : sessionRecord({ createdAt: from(time - age) });
        return cureFor({ substitute, session: kept, now: from(time) }, (what) => {
          const name = `${what} ${slot(time, what)}`;
          return claimed.size < claimed.add(name).size;
        });
      });
      for (const cure of ["new token", "new session"] as const) {
        const slots = new Set(askings.map(({ time }) => slot(time, cure)));
        expect(cures.filter((each) => each === cure).length).toBeLessThanOrEqual(slots.size);
      }
    }),
    { seed: 1 },
  );
});

function slot(time: number, cure: keyof typeof spans): number {
  return Math.floor(from(time).getTime() / spans[cure]);
}
