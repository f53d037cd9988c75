/** A clock that a test moves, for processes: libfaketime reads its offset from a file at each look. Timers go on as they are. */
import { spawnSync } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";

export const minute = 60;
export const hour = 60 * minute;
export const day = 24 * hour;

export class MovedClock {
  readonly #file: string;
  /** For the processes that are to live by it, and for those that they start. */
  readonly env: NodeJS.ProcessEnv;

  constructor(file: string) {
    this.#file = file;
    this.env = {
      LD_PRELOAD: preload(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    this.set(0);
  }

  /** @param seconds ahead of this machine's clock, or behind it */
  set(seconds: number): void {
    // In one step: a process may look at any time.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? "" : "+"}${seconds}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/**
 * What `faketime` itself would preload; undefined where it is not installed. `-m`, because Node has several threads: without it, a
 * thread can read the offset while another one reads the file, and get the time of this machine.
 */
function preload(): string | undefined {
  const { status, stdout } = spawnSync("faketime", ["-m", "-f", "+0", "env"], { encoding: "utf8" });
  return status === 0 ? /^LD_PRELOAD=(.*)$/m.exec(stdout)?.[1] : undefined;
}

/** Undefined where clocks can be moved. */
export function noFaketime(): string | undefined {
  return preload() === undefined ? "faketime is not installed" : undefined;
}
