/** Keychains may hang: a daemon that died, a dialog that nobody sees. A run waits a little for one, and once. */
import { KeychainError } from "./keychain.ts";

export interface Limits {
  /** Milliseconds that one call may take. */
  readonly perCall: number;
  /** Milliseconds that all calls of a run may take together. */
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

  /** @throws KeychainError timed-out; the signal tells the call to give up, its outcome no longer matters. */
  async run<Result>(name: string, call: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const patience = Math.min(this.#perCall, this.#left);
    if (patience <= 0) throw new KeychainError("timed-out", `${name} has used up this run's time`);
    const stop = new AbortController();
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    let leastSpent = 0;
    const expiry = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Timers may be early by a fraction of a millisecond.
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
