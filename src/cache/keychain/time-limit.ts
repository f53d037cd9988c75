/** Keychains can hang: a dead daemon, or a dialog that nobody sees. A run waits for a short time, and only once. */
import { KeychainError } from "./keychain.ts";

export interface Limits {
  /** Maximum duration of one call in milliseconds. */
  readonly perCall: number;
  /** Maximum duration of all calls of a run in milliseconds. */
  readonly total: number;
}

export const defaultLimits: Limits = { perCall: 1500, total: 2000 };

export class TimeLimit {
  readonly #perCall: number;
  #left: number;

  constructor({ perCall, total }: Limits) {
    this.#perCall = perCall;
    this.#left = total;
  }

  /** @throws KeychainError timed-out. The signal then stops the call, because its outcome is not used. */
  async run<Result>(name: string, call: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const patience = Math.min(this.#perCall, this.#left);
    if (patience <= 0) throw new KeychainError("timed-out", `${name} has used up this run's time`);
    const stop = new AbortController();
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    let leastSpent = 0;
    const expiry = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Timers can fire a fraction of a millisecond early.
        leastSpent = patience;
        reject(new KeychainError("timed-out", `${name} did not answer within ${Math.round(patience)} ms`));
        stop.abort();
      }, patience);
    });
    try {
      return await Promise.race([call(stop.signal), expiry]);
    } finally {
      clearTimeout(timer);
      this.#left -= Math.max(performance.now() - start, leastSpent);
    }
  }
}
