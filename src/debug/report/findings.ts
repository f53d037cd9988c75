/** The findings of a run, hop by hop. */
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import { inWords, wholeSeconds } from "../../foundation/duration.ts";
import { settled, EksX509Error, type ErrorCode } from "../../foundation/errors.ts";
import {
  debugHops,
  usualHops,
  type DebugHop,
  type Fact,
  type HopReport,
  type MappingReport,
  type TokenReport,
} from "./report.ts";

/** What works, and may surprise. */
export interface Warning {
  code: ErrorCode;
  why: string;
  hint: string;
}

export function warningOf({ code, message, hint }: Pick<EksX509Error, "code" | "message" | "hint">): Warning {
  return { code, why: message, hint };
}

/** Without a value, the report does not have it. */
export type PossibleFact = readonly [label: string, value: string | undefined];

/** A file can hold thousands of entries with the same flaw. */
const mostOthers = 20;

export class Findings {
  readonly #hops = new Map<DebugHop, HopReport>();
  readonly #starting: (hop: DebugHop) => void;
  failure: EksX509Error | undefined;
  token: TokenReport | null = null;
  identity: CallerIdentity | null = null;
  mapping: MappingReport | null = null;
  /** Whether the deciding side was asked and accepted. */
  isAccepted = false;

  /** @param starting called when the work on a hop begins */
  constructor(starting: (hop: DebugHop) => void) {
    this.#starting = starting;
  }

  /**
   * Does the work of a hop. An EksX509Error becomes its failure.
   * @returns undefined if it failed
   */
  async on<Result>(hop: DebugHop, work: () => Promise<Result> | Result): Promise<Result | undefined> {
    this.#starting(hop);
    const result = await settled(Promise.resolve().then(work));
    if (!(result instanceof EksX509Error)) return result;
    this.fail(hop, result);
    return undefined;
  }

  /** @param warnings the report shows the first one with the detail, and the others as facts */
  ok(
    name: DebugHop,
    detail: string,
    facts: readonly PossibleFact[] = [],
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
  skip(name: DebugHop, detail: string, facts: readonly PossibleFact[] = []): void {
    this.#set({ name, status: "not-reached", code: null, detail, hint: "", facts });
  }

  fail(name: DebugHop, failure: EksX509Error, facts: readonly PossibleFact[] = []): void {
    this.failure ??= failure;
    const { code, message, hint } = failure;
    this.#set({ name, status: "failed", code, detail: message, hint, facts });
  }

  /** All hops, including those that were not reached. */
  get hops(): readonly HopReport[] {
    const names = debugHops.filter((name) => this.#hops.has(name) || usualHops.includes(name));
    return names.map(
      (name) =>
        this.#hops.get(name) ?? { name, status: "not-reached", code: null, detail: "", hint: "", facts: [] },
    );
  }

  #set({ facts, ...report }: Omit<HopReport, "facts"> & { facts: readonly PossibleFact[] }): void {
    const known = facts.flatMap(([label, value]): Fact[] => (value === undefined ? [] : [[label, value]]));
    this.#hops.set(report.name, { ...report, facts: known });
  }
}

/** A time for people to compare with a clock: in whole seconds, and its distance from now. */
export function timeText(date: Date, now: Date): string {
  const distance = date.getTime() - now.getTime();
  const words = distance < 0 ? `${inWords(-distance)} ago` : `in ${inWords(distance)}`;
  return `${wholeSeconds(date)}, ${words}`;
}
