/** The ports of the server on the real system. */
import { randomBytes } from "node:crypto";
import { link, unlink, writeFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { systemCode } from "../../foundation/system-error.ts";
import type { Clock } from "../../foundation/ports.ts";
import type { Serving } from "../ports.ts";
import { listen } from "./http-server.ts";
import { notifyManager, type Native } from "./system-calls.ts";

/** @param native loads koffi */
export function servingWith(clock: Clock, native: Native): Serving {
  return {
    now: () => ({ wall: clock(), uptime: performance.now() }),
    random: Math.random,
    pause: (milliseconds, signal) => pause(milliseconds, undefined, { signal }).catch(() => undefined),
    listen: (options) => listen(options, native),
    createFile,
    notify: (socket, state) => {
      notifyManager(socket, state, native);
    },
  };
}

/** Under its final name, the file is complete from the beginning: a client may look at any time. */
async function createFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: "wx" });
    await link(temporary, path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  } finally {
    // It is not there if its folder is not.
    await unlink(temporary).catch(() => undefined);
  }
}
