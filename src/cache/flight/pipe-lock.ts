/**
 * The lock of Windows: a named pipe, which vanishes with the process that listens at it, so nothing is ever stale.
 *
 * NOT TESTED ON WINDOWS; the tests use Linux's abstract sockets, which have the same rules (one listener, no file).
 * Node gives no say in who may open a pipe, and the default lets every user of the machine read from one, or be the
 * first to listen at a name. So nothing passes through it: waiters learn that the holder is done, and look into the keychain.
 */
import { listen, type Lock } from "./lock.ts";
import { systemCode } from "../../foundation/system-error.ts";

/** @param prefix such as `\\.\pipe\eks-x509-<user>-` */
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
      // Closing the server is all that it takes.
      return { kind: "held", release: () => undefined };
    },
    free: () => false,
    confidential: false,
  };
}
