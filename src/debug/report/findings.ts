/** The findings of a run, gathered hop by hop. */
import { EksX509Error, type Category } from "../../foundation/errors.ts";
import { debugHops, type DebugHop, type Fact, type HopReport } from "./report.ts";

export class Findings {
  readonly #hops = new Map<DebugHop, HopReport>();
  #first: EksX509Error | undefined;
  readonly #starting: (hop: DebugHop) => void;

  /** @param starting told when the work on a hop begins */
  constructor(starting: (hop: DebugHop) => void) {
    this.#starting = starting;
  }

  /** Of the first failure. */
  get category(): Category | undefined {
    return this.#first?.category;
  }

  /** Of the first failure. */
  get code(): string | undefined {
    return this.#first?.code;
  }

  get hasFailed(): boolean {
    return this.#first !== undefined;
  }

  /**
   * Does the work of a hop. An error of ours becomes its failure.
   * @returns undefined when it failed
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

  ok(name: DebugHop, detail: string, facts: readonly Fact[] = []): void {
    this.#set({ name, status: "ok", code: null, detail, hint: "", facts });
  }

  warn(
    name: DebugHop,
    warning: { code: string; detail: string; hint: string },
    facts: readonly Fact[] = [],
  ): void {
    this.#set({ name, status: "warning", ...warning, facts });
  }

  /** Nothing is wrong with it, for all that is known. */
  skip(name: DebugHop, detail: string, facts: readonly Fact[] = []): void {
    this.#set({ name, status: "not-reached", code: null, detail, hint: "", facts });
  }

  fail(name: DebugHop, failure: EksX509Error, facts: readonly Fact[] = []): void {
    this.#first ??= failure;
    const { code, message, hint } = failure;
    this.#set({ name, status: "failed", code, detail: message, hint, facts });
  }

  /** All hops; those that nobody worked on were not reached. */
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
