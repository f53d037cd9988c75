/** One place for each key, at which at most one process listens. The process that listens holds the lock. */
import type { Server } from "node:net";
import { systemCode } from "../../foundation/system-error.ts";

export interface Lock {
  /**
   * Has the server listen in the place of this name, or names the process that listens there already; that one may be dead.
   * The server is closed again when another was first.
   * @throws any error of the system: then there is no lock, and the work is done without one
   */
  take: (name: string, server: Server) => Promise<Taken>;
  /**
   * Frees the place of a holder that is dead or hangs: of this holder only, never of one that came after it.
   * @returns false when that cannot be done
   */
  free: (holder: string) => boolean;
  /** Whether only this user's programs can listen and connect here, so that a secret may pass. */
  confidential: boolean;
}

export type Taken = { kind: "held"; release: () => void } | { kind: "other"; holder: string };

/** Processes that connect while the holder computes. The kernel has a limit of its own (128 on macOS, 4096 on Linux). */
const longestQueue = 4096;

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

/**
 * The lock of Windows: a named pipe. It vanishes with the process that listens at it, so no place is ever stale.
 *
 * NOT TESTED ON WINDOWS. The tests use Linux's abstract sockets, which have the same rules (one listener, no file).
 * Node does not let a program choose who may open a pipe. By default every user of the machine can read from one, and can be the
 * first to listen at a name. So nothing passes through it: a process that waits learns that the holder is done, and reads the keychain.
 * @param prefix such as `\\.\pipe\eks-x509-<user>-`
 */
export function pipeLock(prefix: string): Lock {
  return {
    take: async (name, server) => {
      const pipe = `${prefix}${name}`;
      try {
        await listen(server, pipe);
      } catch (error) {
        server.close();
        if (systemCode(error) === "EADDRINUSE") return { kind: "other", holder: pipe };
        throw error;
      }
      // Closing the server releases it.
      return { kind: "held", release: () => undefined };
    },
    free: () => false,
    confidential: false,
  };
}
