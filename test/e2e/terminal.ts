/** A shell as a person sits before it: on a terminal of its own, with keys pressed. util-linux's script lends the terminal. */
import { spawn, type ChildProcess } from "node:child_process";

export class Terminal {
  readonly #child: ChildProcess;
  #shown = "";
  #onOutput: () => void = () => undefined;
  #hasEnded = false;

  /** @param shell its command line. It takes the place of the shell of script, which a signal to all programs of the terminal would end. */
  constructor(shell: string, cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn("script", ["-qfec", `exec ${shell}`, "/dev/null"], {
      cwd,
      env: { ...env, TERM: "dumb" },
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#shown += text;
      this.#onOutput();
    });
    this.#child.on("close", () => {
      this.#hasEnded = true;
      this.#onOutput();
    });
  }

  /** Presses keys, and answers what has been shown since when the words of the pattern are there. */
  async type(keys: string, until: RegExp): Promise<string> {
    const start = this.#shown.length;
    this.#child.stdin?.write(keys);
    for (;;) {
      const shown = this.#shown.slice(start);
      if (until.test(shown)) return shown;
      if (this.#hasEnded) throw new Error(`the shell has ended: ${this.#shown}`);
      await new Promise<void>((resolve) => (this.#onOutput = resolve));
    }
  }

  close(): void {
    this.#child.kill();
  }
}
