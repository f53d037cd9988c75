/** How long a call may take. It stands still while a request is created: a person may be asked for a PIN, or a card signs slowly. */
export class TimeLimit {
  readonly #passed = new AbortController();
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(seconds: number) {
    this.#left = seconds * 1000;
    this.#run();
  }

  get signal(): AbortSignal {
    return this.#passed.signal;
  }

  async without<Result>(work: () => Promise<Result>): Promise<Result> {
    this.end();
    this.#left -= performance.now() - this.#since;
    try {
      return await work();
    } finally {
      this.#run();
    }
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(() => {
      this.#passed.abort();
    }, this.#left).unref();
  }
}
