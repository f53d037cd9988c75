/** The findings of a run, hop by hop. */
import { inWords } from "../../foundation/duration.ts";
import { EksX509Error, type Category, type ErrorCode } from "../../foundation/errors.ts";
import { debugHops, type DebugHop, type Fact, type HopReport } from "./report.ts";

/** What works, and may surprise. */
export interface Warning {
  code: ErrorCode;
  why: string;
  hint: string;
}

/** A file can hold thousands of entries with the same flaw. */
const mostOthers = 20;

export class Findings {
  readonly #hops = new Map<DebugHop, HopReport>();
  #first: EksX509Error | undefined;
  readonly #starting: (hop: DebugHop) => void;

  /** @param starting called when the work on a hop begins */
  constructor(starting: (hop: DebugHop) => void) {
    this.#starting = starting;
  }

  /** Of the first failure. */
  get category(): Category | undefined {
    return this.#first?.category;
  }

  /** Of the first failure. */
  get code(): ErrorCode | undefined {
    return this.#first?.code;
  }

  get hasFailed(): boolean {
    return this.#first !== undefined;
  }

  /**
   * Does the work of a hop. An EksX509Error becomes its failure.
   * @returns undefined if it failed
   */
  async on<Result>(hop: DebugHop, work: () => Promise<Result> | Result): Promise<Result | undefined> {
    this.#starting(hop);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EksX509Error)) throw error;
      this.fail(hop, error);
      return undefined;
    }
  }

  /** @param warnings the report shows the first one with the detail, and the others as facts */
  ok(
    name: DebugHop,
    detail: string,
    facts: readonly Fact[] = [],
    [first, ...others]: readonly Warning[] = [],
  ): void {
    if (!first) {
      this.#set({ name, status: "ok", code: null, detail, hint: "", facts });
      return;
    }
    const { code, why, hint } = first;
    const also = others.slice(0, mostOthers).map((other): Fact => ["also", `${other.why} (${other.code})`]);
    if (others.length > mostOthers) also.push(["also", `${others.length - mostOthers} more warnings`]);
    const found = detail === "" ? why : `${detail}; ${why}`;
    this.#set({ name, status: "warning", code, detail: found, hint, facts: [...facts, ...also] });
  }

  /** Nothing is known to be wrong with it. */
  skip(name: DebugHop, detail: string, facts: readonly Fact[] = []): void {
    this.#set({ name, status: "not-reached", code: null, detail, hint: "", facts });
  }

  fail(name: DebugHop, failure: EksX509Error, facts: readonly Fact[] = []): void {
    this.#first ??= failure;
    const { code, message, hint } = failure;
    this.#set({ name, status: "failed", code, detail: message, hint, facts });
  }

  /** All hops, including those that were not reached. */
  get hops(): readonly HopReport[] {
    return debugHops.map(
      (name) =>
        this.#hops.get(name) ?? { name, status: "not-reached", code: null, detail: "", hint: "", facts: [] },
    );
  }

  #set(report: HopReport): void {
    this.#hops.set(report.name, report);
  }
}

/** A time for people to compare with a clock: in whole seconds, and its distance from now. */
export function timeText(date: Date, now: Date): string {
  const distance = date.getTime() - now.getTime();
  const words = distance < 0 ? `${inWords(-distance)} ago` : `in ${inWords(distance)}`;
  return `${date.toISOString().replace(/\.\d+Z$/, "Z")}, ${words}`;
}
