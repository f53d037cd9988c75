/** The keeper with a machine, its files, its network and AWS replaced: a day takes a moment. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionRecord } from "../../src/cache/record.ts";
import { errorsOf } from "../../src/foundation/errors.ts";
import type { Served } from "../../src/serve/answers.ts";
import type { ServeEvent } from "../../src/serve/events.ts";
import { Keeper, type Obtained } from "../../src/serve/keeper.ts";
import type { Moment } from "../../src/serve/lease.ts";
import { lastingAtMost } from "../../src/sign-in/session.ts";
import { rejectionOf } from "../failure.ts";
import { fromJson } from "../json.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const start = Date.parse("2026-11-27T00:00:00Z");

const unreachable = errorsOf("network", "create-session")(
  "NO_ANSWER",
  "Roles Anywhere cannot be reached",
  "Check the network.",
);
const skewed = errorsOf("refused", "create-session")(
  "REFUSED_SIGNATURE",
  "Invalid signature",
  "Check the clock.",
);
const mismatch = errorsOf("identity", "private-key")(
  "PRIVATE_KEY_MISMATCH",
  "this key does not match",
  "Use both of one renewal.",
);
const exhausted = Object.assign(new Error("too many open files, with a secret"), { code: "EMFILE" });
const missing = errorsOf("identity", "certificate")("FILE_MISSING", "does not exist", "Check the path.");

type Change = (world: World) => void;

class World {
  /** True time since the start. */
  time = 0;
  /** How far the wall clock is ahead. */
  skew = 0;
  isReachable = true;
  certificate: string | undefined = "A";
  key = "A";
  /** No descriptor is left, or the program's own files are gone, as after an upgrade. */
  broken: "files" | "session" | undefined;
  /** What other processes of the user have cached. */
  cached: SessionRecord | undefined;
  calls = 0;
  readonly events: ServeEvent[] = [];
  readonly #changes: { at: number; change: Change }[];
  readonly #end: number;
  readonly #ended = new AbortController();
  /** Called at least every second of the day. */
  onSecond: (keeper: Keeper) => void = () => undefined;
  readonly keeper: Keeper;

  constructor(
    length: number,
    changes: readonly (readonly [at: number, change: Change])[] = [],
    random = () => 0.5,
  ) {
    this.#end = length;
    this.#changes = changes.map(([at, change]) => ({ at, change })).sort((one, other) => one.at - other.at);
    this.keeper = new Keeper({
      now: () => this.now(),
      random,
      certificate: "alice.pem",
      pause: (milliseconds) => {
        this.pass(milliseconds);
        return Promise.resolve();
      },
      filesState: () =>
        this.broken === "files"
          ? Promise.reject(exhausted)
          : this.certificate === undefined
            ? Promise.reject(missing)
            : Promise.resolve(this.#files()),
      getSession: (isUseful) => this.#session(isUseful),
      report: (event) => this.events.push(event),
    });
  }

  now(): Moment {
    return { wall: new Date(start + this.time + this.skew), uptime: this.time };
  }

  pass(milliseconds: number): void {
    for (let left = Math.max(milliseconds, 1); left > 0; left -= second) {
      this.time += Math.min(left, second);
      while (this.#changes[0] && this.#changes[0].at <= this.time) this.#changes.shift()?.change(this);
      this.onSecond(this.keeper);
    }
    if (this.time >= this.#end) this.#ended.abort();
  }

  async run(): Promise<void> {
    await this.keeper.begin(this.#ended.signal);
    await this.keeper.keep(this.#ended.signal);
  }

  count(event: ServeEvent["event"]): number {
    return this.events.filter((one) => one.event === event).length;
  }

  #files(): string {
    return `${this.certificate ?? ""} ${this.key}`;
  }

  /** As getSession of src/sign-in, with AWS behind it. */
  #session(isUseful: (session: SessionRecord) => boolean): Promise<Obtained> {
    if (this.cached && isUseful(this.cached))
      return Promise.resolve({ record: this.cached, isNew: false, files: this.#files() });
    return Promise.resolve().then(() => {
      if (this.broken === "session") throw exhausted;
      if (this.certificate === undefined) throw missing;
      if (this.certificate !== this.key) {
        this.pass(1_750);
        if (this.certificate !== this.key) throw mismatch;
      }
      this.calls += 1;
      this.pass(this.isReachable ? 200 : 10 * second);
      if (!this.isReachable) throw unreachable;
      if (Math.abs(this.skew) > 5 * minute) throw skewed;
      const record = lastingAtMost(hour / second, this.sessionFor(hour), this.now().wall);
      return { record, isNew: true, files: this.#files() };
    });
  }

  /** Its end is by the clock of AWS, which is right. */
  sessionFor(life: number): SessionRecord {
    const expiration = new Date(start + this.time + life);
    const accessKeyId = `ASIA${String(this.calls).padStart(16, "0")}`;
    return {
      kind: "session",
      createdAt: this.now().wall,
      expiration,
      label: {
        subject: "CN=alice",
        roleArn: "arn:aws:iam::111122223333:role/demo",
        clusterName: "",
        region: "",
      },
      session: {
        credentials: {
          ...{ accessKeyId, secretAccessKey: "secret" },
          sessionToken: `of ${this.certificate ?? ""} until ${expiration.getTime() - start}`,
        },
        expiration,
        assumedRoleArn: "arn:aws:sts::111122223333:assumed-role/demo/1",
        sourceIdentity: "",
      },
    };
  }

  /** Undefined if there is none; fails for a credential that AWS no longer takes, or that looks expired to its user. */
  credential(): { certificate: string; end: number } | undefined {
    const served = this.keeper.served(this.now());
    if (typeof served === "string") return undefined;
    if (this.#read?.served !== served) {
      const { Expiration, Token } = fromJson<{ Expiration: string; Token: string }>(served.forMetadata);
      const [, certificate = "", end] = /^of (\w*) until (\d+)$/.exec(Token) ?? [];
      this.#read = { served, certificate, end: Number(end), shown: Date.parse(Expiration) - start };
    }
    if (this.#read.end <= this.time - second || this.#read.shown <= this.time + this.skew - second)
      throw new Error(`an expired credential at ${this.time / second} s`);
    return this.#read;
  }

  #read: { served: Served; certificate: string; end: number; shown: number } | undefined;
}

/** Faster than expect(), which is called for each second of a day. */
function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

describe("a clock that is behind", () => {
  it("does not lengthen a session that cannot be renewed", async () => {
    const world = new World(2 * hour, [[minute, (one) => (one.isReachable = false)]]);
    world.skew = -4 * minute;
    world.onSecond = () => world.credential();
    await world.run();
    expect(world.credential()).toBeUndefined();
  });
});

describe("a quiet day", () => {
  it("has a session for every three quarters of an hour, and always a live one with an eighth of an hour left", async () => {
    const world = new World(24 * hour);
    world.onSecond = () => {
      const found = world.credential();
      check(world.time <= second || (found?.end ?? 0) - world.time > hour / 8, "too short");
    };
    await world.run();
    expect(world.calls).toBeGreaterThan(29);
    expect(world.calls).toBeLessThan(33);
    expect(world.count("session-made")).toBe(world.calls);
    expect(world.count("renewal-failed")).toBe(0);
  });
});

describe("a certificate that is renewed", () => {
  it("is used within seconds, and no request is without a credential", async () => {
    const swap: Change = (world) => {
      world.certificate = world.key = "B";
    };
    const world = new World(20 * minute, [[10 * minute, swap]]);
    let first = 0;
    world.onSecond = () => {
      const found = world.credential();
      check(world.time <= second || found !== undefined, "no credential");
      if (found?.certificate === "B") first ||= world.time;
    };
    await world.run();
    expect(first - 10 * minute).toBeLessThan(4 * second);
    expect(world.calls).toBe(2);
    expect(world.count("certificate-changed")).toBe(1);
  });

  it("before its key keeps the old session, and is used when the key is there", async () => {
    const world = new World(30 * minute, [
      [10 * minute, (here) => (here.certificate = "B")],
      [15 * minute, (here) => (here.key = "B")],
    ]);
    let first = 0;
    world.onSecond = () => {
      const found = world.credential();
      check(world.time <= second || found !== undefined, "no credential");
      if (found?.certificate === "B") first ||= world.time;
    };
    await world.run();
    expect(first - 15 * minute).toBeLessThan(5 * second);
    expect(world.calls).toBe(2);
    const failed = world.events.filter((event) => event.event === "renewal-failed");
    expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(["PRIVATE_KEY_MISMATCH"]));
    // 5 minutes with a pause of 15 to 30 seconds.
    expect(failed.length).toBeLessThan(25);
  });

  it("whose file is away for a while is reported once, and again when it is back, and changes nothing", async () => {
    const world = new World(40 * minute, [
      [10 * minute, (here) => (here.certificate = undefined)],
      [12 * minute, (here) => (here.certificate = "A")],
      // For one look, as between two renames.
      [20 * minute, (here) => (here.certificate = undefined)],
      [20 * minute + 2 * second, (here) => (here.certificate = "A")],
      [30 * minute, (here) => (here.broken = "files")],
      [31 * minute, (here) => (here.certificate = here.broken = undefined)],
      [32 * minute, (here) => (here.certificate = "A")],
    ]);
    const reported: number[] = [];
    world.onSecond = () => {
      check(world.time <= second || world.credential() !== undefined, "no credential");
      if (world.count("files-unreadable") > reported.length) reported.push(world.time);
    };
    await world.run();
    const codes = world.events.map((one) => ("code" in one ? one.code : one.event));
    expect({ calls: world.calls, codes }).toEqual({
      calls: 1,
      codes: [
        ...["session-made", "FILE_MISSING", "files-readable"],
        ...["SERVE_RENEWAL_UNEXPECTED", "FILE_MISSING", "files-readable"],
      ],
    });
    expect((reported[0] ?? 0) - 10 * minute).toBeLessThan(6 * second);
    expect(world.events.find(({ event }) => event === "files-unreadable")).toMatchObject({
      hop: "certificate",
      servedUntil: new Date(start + hour + 200),
    });
  });
});

describe("Roles Anywhere that fails", () => {
  it("for longer than the session's rest: the session is served to its end, then none, and again within half a minute", async () => {
    const [from, to] = [2 * hour, 4 * hour];
    const world = new World(6 * hour, [
      [from, (here) => (here.isReachable = false)],
      [to, (here) => (here.isReachable = true)],
    ]);
    const gaps: number[] = [];
    let lastEnd = 0;
    world.onSecond = () => {
      const found = world.credential();
      if (found) lastEnd = found.end;
      else if (world.time > second) gaps.push(world.time);
    };
    await world.run();
    expect(lastEnd).toBeGreaterThan(to);
    expect(gaps[0]).toBeGreaterThan(from + 12 * minute);
    expect((gaps.at(-1) ?? 0) - to).toBeLessThan(42 * second);
    // Without a gap in the gap: not a credential between its end and the return.
    expect(gaps.length).toBeGreaterThan(((gaps.at(-1) ?? 0) - (gaps[0] ?? 0)) / second - 2);
    const ofOutage = world.events.filter((event) => event.event === "renewal-failed");
    expect(ofOutage.at(0)?.code).toBe("NO_ANSWER");
    expect(ofOutage.at(0)?.servedUntil).toBeDefined();
    expect(ofOutage.at(-1)?.servedUntil).toBeUndefined();
  });

  it("at the start is waited for while it is the network, and the failure of anything else ends the start", async () => {
    const away = new World(hour, [[5 * minute, (here) => (here.isReachable = true)]]);
    away.isReachable = false;
    await away.run();
    expect(away.events.slice(-1)[0]?.event).toBe("session-made");
    const other = new World(hour);
    other.key = "B";
    expect((await rejectionOf(other.run())).code).toBe("PRIVATE_KEY_MISMATCH");
    expect(other.events).toEqual([]);
  });

  it("names the reason in place of a credential", () => {
    const world = new World(hour);
    expect(world.keeper.served(world.now())).toBe("no live session: the renewal is under way");
  });
});

describe("an error that nobody expects", () => {
  it.each(["files", "session"] as const)(
    "in the %s is tried again while the session lives",
    async (where) => {
      const world = new World(4 * hour, [
        [30 * minute, (here) => (here.broken = where)],
        [55 * minute, (here) => (here.broken = undefined)],
      ]);
      world.onSecond = () => {
        check(world.time <= second || world.credential() !== undefined, "no credential");
      };
      await world.run();
      const failed = world.events.filter((event) => event.event === "renewal-failed");
      expect(failed.map(({ code, message }) => `${code}: ${message}`)).toEqual(
        failed.map(() => "SERVE_RENEWAL_UNEXPECTED: an unexpected error: Error EMFILE"),
      );
      expect(failed.length > 0).toBe(where === "session");
    },
  );

  it("ends the server when there is no session any more, so that it is started again", async () => {
    const world = new World(4 * hour, [[30 * minute, (here) => (here.broken = "session")]]);
    await expect(world.run()).rejects.toBe(exhausted);
    expect(world.time).toBeGreaterThan(hour);
    const first = new World(hour);
    first.broken = "session";
    await expect(first.run()).rejects.toBe(exhausted);
  });
});

describe("a clock that is stepped", () => {
  it.each([
    ["ahead", 3 * hour],
    ["back", -3 * hour],
    ["back by a day", -24 * hour],
  ])(
    "%s and later set right: each answer is a live credential or none, and after it there is one at once",
    async (_name, skew) => {
      const [from, to] = [2 * hour, 2 * hour + 40 * minute];
      const world = new World(5 * hour, [
        [from, (here) => (here.skew = skew)],
        [to, (here) => (here.skew = 0)],
      ]);
      let missed = 0;
      world.onSecond = () => {
        const isRight =
          world.skew === 0 && world.time > second && (world.time < from || world.time > to + 42 * second);
        if (!world.credential() && isRight) missed += 1;
      };
      await world.run();
      expect(missed).toBe(0);
    },
  );
});

describe("the cache of the user", () => {
  it("gives the first session, and later one that another process has renewed", async () => {
    const world = new World(2 * hour, [[45 * minute, (here) => (here.cached = here.sessionFor(hour))]]);
    world.calls = 100;
    world.cached = world.sessionFor(hour);
    world.calls = 0;
    await world.run();
    expect(world.events.slice(0, 2).map(({ event }) => event)).toEqual(["session-shared", "session-shared"]);
    expect(world.calls).toBe(1);
  });
});

describe("any day", () => {
  const times = fc.integer({ min: 0, max: 4 * hour });
  const change = fc.oneof(
    fc.boolean().map(
      (isReachable): Change =>
        (world) =>
          void (world.isReachable = isReachable),
    ),
    fc.integer({ min: -6 * hour, max: 6 * hour }).map(
      (skew): Change =>
        (world) =>
          void (world.skew = skew),
    ),
    fc.constantFrom("A", "B", undefined).map(
      (name): Change =>
        (world) =>
          void (world.certificate = name),
    ),
    fc.constantFrom("A", "B").map(
      (name): Change =>
        (world) =>
          void (world.key = name),
    ),
  );

  it("gives live credentials or none, and recovers within a minute after all is well", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(times, change), { maxLength: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (changes, jitter) => {
          const repair: Change = (world) => {
            Object.assign(world, { isReachable: true, skew: 0, certificate: "C", key: "C" });
          };
          const all = [[1, repair] as const, ...changes.map(([at, one]) => [at + second, one] as const)];
          const world = new World(5 * hour, [...all, [4 * hour + 2 * second, repair]], () => jitter);
          world.onSecond = () => {
            const found = world.credential();
            check(world.time <= 4 * hour + minute || found?.certificate === "C", "not recovered");
          };
          await world.run();
        },
      ),
      { numRuns: 15 },
    );
  });
});
