/** One place per key, at which at most one process listens: who listens there, holds the lock. */
import type { Server } from "node:net";

export interface Lock {
  /**
   * Has the server listen in the place of this name, or tells who listens there already; that one may be dead.
   * The server is closed again when another was first.
   * @throws any error of the system: then there is no lock to be had, and the work is done without
   */
  take: (name: string, server: Server) => Promise<Taken>;
  /**
   * Frees the place of a holder that is dead or hangs: of this very holder, never of one that came after it.
   * @returns false when that cannot be done
   */
  free: (holder: string) => boolean;
  /** Whether only this user's programs can listen and connect here, so that a secret may pass. */
  confidential: boolean;
}

export type Taken = { kind: "held"; release: () => void } | { kind: "other"; holder: string };

/** @param path of a Unix socket, or the name of a Windows pipe */
export function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path, backlog: longestQueue }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Those that connect while the holder computes. The kernel has a limit of its own (128 on macOS, 4096 on Linux). */
const longestQueue = 4096;
